"""The length of a trajectory against closed forms, and principal components against scikit-learn."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ellipe
from sklearn.decomposition import PCA

from liquidtime.expressivity import length_growth, principal_components, rms_radius, trajectory_length


def ellipse(points, a, b, dimensions=2):
    """An ellipse of half-axes a and b, in a plane that lies askew in space."""
    t = torch.linspace(0, 2 * torch.pi, points, dtype=torch.float64)
    flat = torch.stack([a * torch.cos(t), b * torch.sin(t)], -1)
    if dimensions == 2:
        return flat
    random = torch.randn(dimensions, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(dimensions))
    return flat @ torch.linalg.qr(random)[0].mT + 7.0


@pytest.mark.parametrize("dimensions", [2, 100])
@pytest.mark.parametrize(("a", "b"), [(3.0, 3.0), (5.0, 2.0)])
def test_circle_and_ellipse_have_their_known_lengths(dimensions, a, b):
    exact = 4 * a * ellipe(1 - (b / a) ** 2)
    assert float(trajectory_length(ellipse(20_001, a, b, dimensions))) == pytest.approx(exact, rel=1e-7)


@pytest.mark.parametrize("dimensions", [2, 100])
def test_a_line_has_the_length_of_its_ends_wherever_its_points_are(dimensions):
    direction = torch.arange(1.0, dimensions + 1, dtype=torch.float64)
    at = torch.tensor([0.0, 0.1, 0.15, 0.9, 1.0], dtype=torch.float64)
    assert float(trajectory_length(at[:, None] * direction)) == pytest.approx(float(direction.norm()), rel=1e-12)


def test_the_error_falls_with_the_square_of_the_spacing():
    exact = 4 * 5 * ellipe(1 - (2 / 5) ** 2)
    errors = [exact - float(trajectory_length(ellipse(n + 1, 5.0, 2.0))) for n in (100, 200, 400)]
    assert all(error > 0 for error in errors)
    for coarse, fine in pairwise(errors):
        assert math.log2(coarse / fine) == pytest.approx(2, abs=0.01)


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    scale=st.floats(1e-3, 1e3),
    points=st.integers(2, 9),
    dimensions=st.integers(1, 7),
)
def test_the_normalised_length_is_free_of_scale_place_and_rotation(seed, scale, points, dimensions):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(points, dimensions, dtype=torch.float64, generator=generator)
    rotation = torch.linalg.qr(torch.randn(dimensions, dimensions, dtype=torch.float64, generator=generator))[0]
    moved = scale * x @ rotation + 3
    assert float(trajectory_length(moved)) == pytest.approx(scale * float(trajectory_length(x)), rel=1e-9)
    before, after = trajectory_length(x, normalize="rms"), trajectory_length(moved, normalize="rms")
    assert float(after) == pytest.approx(float(before), rel=1e-6)


def test_a_batch_is_its_trajectories_one_by_one():
    x = torch.randn(2, 3, 11, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for normalize in (None, "rms"):
        lengths = trajectory_length(x, normalize=normalize)
        assert lengths.shape == (2, 3)
        assert torch.equal(lengths[1, 2], trajectory_length(x[1, 2], normalize=normalize))


def test_points_that_are_all_one_have_no_length_and_no_radius():
    x = torch.full((4, 3), 2.0)
    assert float(trajectory_length(x)) == 0
    assert float(trajectory_length(x, normalize="rms")) == 0
    assert float(rms_radius(x)) == 0
    assert float(trajectory_length(x[:1])) == 0


@pytest.mark.parametrize("x", [torch.zeros(5), torch.zeros(0, 3)])
def test_no_points_are_refused(x):
    with pytest.raises(ValueError, match="points"):
        trajectory_length(x)
    with pytest.raises(ValueError, match="points"):
        principal_components(x)


def test_other_scales_and_too_few_axes_are_refused():
    with pytest.raises(ValueError, match="'max'"):
        trajectory_length(torch.zeros(3, 2), normalize="max")
    with pytest.raises(ValueError, match="components=0"):
        principal_components(torch.zeros(3, 2), 0)


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6), points=st.integers(5, 40), dimensions=st.integers(3, 12))
def test_principal_components_are_those_of_scikit_learn(seed, points, dimensions):
    x = np.random.default_rng(seed).normal(size=(points, dimensions)) * np.arange(1, dimensions + 1)
    reference = PCA(3).fit(x)
    ours = principal_components(torch.from_numpy(x), 3)
    theirs = reference.transform(x)
    signs = np.sign((theirs * ours.points.numpy()).sum(0))
    np.testing.assert_allclose(ours.points.numpy() * signs, theirs, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(ours.explained.numpy(), reference.explained_variance_ratio_, rtol=1e-9)


def test_projection_keeps_the_length_of_a_plane_curve_and_shortens_others():
    plane = ellipse(501, 5.0, 2.0, dimensions=100)
    assert float(trajectory_length(principal_components(plane).points)) == pytest.approx(
        float(trajectory_length(plane)), rel=1e-9
    )
    x = torch.randn(50, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    assert float(trajectory_length(principal_components(x).points)) < float(trajectory_length(x))


def test_axes_that_are_not_there_are_zero():
    line = torch.arange(5.0)[:, None]
    projection = principal_components(line, 2)
    assert projection.points.shape == (5, 2)
    assert projection.points[:, 1].abs().max() == 0
    assert projection.explained.tolist() == [1.0, 0.0]


def test_bases_of_the_length_bounds_are_those_of_the_theorems():
    sigma_w, sigma_b, width = 3.0, 0.5, 40
    below = math.sqrt(9.25 + 40 * math.sqrt(9.25))
    assert length_growth("node", sigma_w, sigma_b, width) == pytest.approx(3 * math.sqrt(40) / below)
    assert length_growth("ltc", sigma_w, sigma_b, width) == length_growth("node", sigma_w, sigma_b, width)
    assert length_growth("ctrnn", sigma_w, sigma_b, width) == pytest.approx(2.5 * math.sqrt(40) / below)
    with pytest.raises(ValueError, match="'gru'"):
        length_growth("gru", 1.0, 1.0, 10)
