"""Split conformal prediction: the closed form, and the coverage that it promises."""

import numpy as np
import pytest

from liquidtime.estimators import LTCForecaster
from liquidtime.estimators.intervals import offsets

ERRORS = np.array([[1.0, -7], [-9, 2], [3, 6], [-2, 5], [4, -4], [8, 3], [5, 9], [-6, -1], [7, 8]])


@pytest.mark.parametrize(
    ("coverage", "low", "high"), [(0.8, [-9, -7], [8, 9]), (0.6, [-6, -4], [7, 8]), (0.2, [1, 2], [4, 5])], ids=str
)
def test_the_ends_are_ranked_errors(coverage, low, high):
    assert offsets(ERRORS, coverage).tolist() == [low, high]


def test_every_step_and_variable_has_its_own():
    errors = np.random.default_rng(0).normal(size=(39, 3, 2)) * np.arange(1, 7).reshape(3, 2)
    found = offsets(errors, 0.9)
    assert found.shape == (2, 3, 2)
    np.testing.assert_array_equal(found[:, 2, 0], offsets(errors[:, 2, :1], 0.9)[:, 0])


def test_coverage_is_at_least_what_was_asked_for_and_hardly_more():
    """Of exchangeable errors, on average over calibrations; skewed, so that both ends count."""
    random, n, coverage, covered = np.random.default_rng(0), 19, 0.8, []
    for _ in range(4000):
        errors = random.gamma(1, size=(n + 1, 1))
        low, high = offsets(errors[:-1], coverage)
        covered.append(low[0] <= errors[-1, 0] <= high[0])
    assert coverage - 0.02 < np.mean(covered) < coverage + 1 / (n + 1) + 0.02


@pytest.mark.parametrize(
    ("count", "coverage", "most"), [(9, 0.85, 0.8), (18, 0.9, 0.8947), (0, 0.5, 0)], ids=["nine", "eighteen", "none"]
)
def test_more_than_the_errors_can_vouch_for_is_refused(count, coverage, most):
    with pytest.raises(ValueError, match=f"coverage={coverage}: {count} calibration windows can vouch for {most} at"):
        offsets(np.zeros((count, 1)), coverage)
    assert offsets(np.zeros((19, 1)), 0.9).shape == (2, 1)


@pytest.mark.parametrize("coverage", [0, 1, -0.5, 90], ids=str)
def test_coverage_is_a_probability(coverage):
    with pytest.raises(ValueError, match=r"coverage=.*pass a number between 0 and 1"):
        offsets(ERRORS, coverage)


def test_intervals_of_forecasts_cover_as_they_say():
    """A noisy oscillation that goes on: 400 forecasts of values that were never seen."""
    random, t = np.random.default_rng(1), np.arange(3000)
    y = np.sin(t / 6) + 0.3 * random.normal(size=len(t))
    past = {"horizon": 2, "window_length": 12, "hidden_size": 6, "epochs": 4, "calibration_fraction": 0.3}
    forecaster = LTCForecaster(**past, random_state=0).fit(y[:2000])
    ends = range(2000, 2800, 2)
    recent, future = [y[end - 13 : end] for end in ends], np.stack([y[end : end + 2] for end in ends])
    errors = forecaster.calibration_errors_
    for coverage in (0.5, 0.9):
        lower, upper = forecaster.predict_interval(coverage, recent)
        inside = ((lower <= future) & (future <= upper)).mean(0)
        assert inside == pytest.approx(coverage, abs=0.05)
        said = forecaster.predict(recent)
        np.testing.assert_allclose(np.stack([lower - said, upper - said])[:, 0], offsets(errors, coverage)[..., 0])
        assert np.ptp(upper - lower, 0) == pytest.approx(0, abs=1e-9)
