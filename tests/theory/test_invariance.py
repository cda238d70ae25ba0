"""Theorems 1 and 2 and the bounded steps over thousands of random networks; each test finds a planted violation."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from liquidtime import ConvergenceError, ExponentialMidpoint, ImplicitEuler
from liquidtime.solvers.exponential_euler import exponential_step
from populations import CONVEX, FORMS, INPUTS, WRONG, drawn, shrunk, tight

form = st.sampled_from(sorted(FORMS))
seed = st.integers(0, 10**6)
ROUNDING = 1e-12


def rates_hold(networks, decay):
    """Theorem 1, as rates: the least decay is 1/τ or g_leak/C, the largest adds W or Σ w/C."""
    slow, fast = networks.slowest * (1 - ROUNDING), networks.fastest * (1 + ROUNDING)
    return bool(((decay >= slow) & (decay <= fast)).all())


def points_inwards(networks, field, x):
    """Nagumo's condition for Theorem 2: on a face of the box dx/dt does not point out of it."""
    drive, decay = field(x)
    speed, slack = drive - decay * x, ROUNDING * (networks.upper - networks.lower) * decay
    out = (x >= networks.upper) & (speed > slack) | (x <= networks.lower) & (speed < -slack)
    return not bool(out.any())


def worst_excess(solver, networks, x, u, spans, samples=3):
    worst = torch.zeros(len(networks), dtype=torch.float64)
    for _ in range(samples):
        x = solver.integrate(networks.field(u), x, spans)
        worst = torch.maximum(worst, networks.excess(x))
        u = -2 * u
    return float(worst.max())


def decays(networks, x, u):
    """Decays in the box, far outside, where Theorem 1 asks for no state, and where every synapse is open or shut."""
    far = torch.full_like(x, 1e6), torch.full_like(u, 1e6)
    places = (x, u), (100 * x, u), far, (-far[0], -far[1])
    return torch.stack([networks.field(inputs)(state)[1] for state, inputs in places])


@settings(max_examples=100, deadline=None)
@given(form=form, seed=seed)
def test_theorem_1_holds_at_every_state_and_input(form, seed):
    networks, x, u, _ = drawn(form, seed)
    assert rates_hold(networks, decays(networks, x, u))


@settings(max_examples=100, deadline=None)
@given(form=form, seed=seed)
def test_theorem_2_no_face_lets_the_flow_out(form, seed):
    networks, x, u, _ = drawn(form, seed)
    faces = torch.where(torch.rand(x.shape, generator=torch.Generator().manual_seed(seed)) < 0.5, 1.0, 0.0).double()
    for share in (torch.zeros_like(x), torch.ones_like(x), faces):
        corner = torch.lerp(networks.lower, networks.upper, share)
        assert points_inwards(networks, networks.field(u), corner)
    assert points_inwards(networks, networks.field(u), x)


@pytest.mark.parametrize("method", CONVEX, ids=lambda method: method.__name__)
@settings(max_examples=100, deadline=None)
@given(form=form, seed=seed, substeps=st.integers(1, 4))
def test_convex_steps_never_leave_the_box(method, form, seed, substeps):
    assert worst_excess(method(substeps), *drawn(form, seed)) <= ROUNDING


@settings(max_examples=15, deadline=None)
@given(form=form, seed=seed)
def test_implicit_euler_stays_inside_or_raises(form, seed):
    networks, x, u, spans = drawn(form, seed, count=4, size=1.0)
    try:
        assert worst_excess(ImplicitEuler(1, max_iterations=20), networks, x, u, spans, samples=1) <= 1e-9
    except ConvergenceError:
        return


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_theorem_1_finds_bounds_that_are_too_tight(kind):
    networks, x, u, _ = drawn(kind, 3, count=2000)
    decay = decays(networks, x, u)
    assert rates_hold(networks, decay)
    assert not rates_hold(shrunk(networks, fastest=0.999), decay)
    assert not rates_hold(shrunk(networks, slowest=1.001), decay)


def test_theorem_2_finds_a_box_that_is_too_small():
    for kind in ("ltc", "signed"):
        networks, _, u, _ = drawn(kind, 4, count=2000, size=1e3)
        small = shrunk(networks, box=0.9)
        assert points_inwards(networks, networks.field(u), networks.upper)
        assert not points_inwards(small, small.field(u), small.upper), kind
    networks, _ = tight(20, 4)
    u = torch.zeros(20, INPUTS, dtype=torch.float64)
    small = shrunk(networks, box=0.999)
    assert points_inwards(networks, networks.field(u), networks.lower)
    assert not points_inwards(small, small.field(u), small.lower)


@pytest.mark.parametrize("method", WRONG, ids=lambda method: method.__name__)
def test_a_wrong_step_is_found(method):
    found = [worst_excess(method(1), *drawn(kind, 5, count=500)) > 1e-6 for kind in FORMS]
    assert any(found), found


@pytest.mark.parametrize("method", CONVEX, ids=lambda method: method.__name__)
def test_the_test_of_steps_finds_a_box_that_is_too_small(method):
    for kind in ("ltc", "signed"):
        networks, x, u, spans = drawn(kind, 6, count=500)
        small = shrunk(networks, box=0.9)
        x = torch.maximum(torch.minimum(x, small.upper), small.lower)
        assert worst_excess(method(1), small, x, u, spans) > 1e-3, kind
    networks, x = tight(20, 6)
    u, spans = torch.zeros(20, INPUTS, dtype=torch.float64), torch.full((20, 1), 10.0, dtype=torch.float64)
    assert worst_excess(method(6), networks, x, u, spans) <= ROUNDING
    assert worst_excess(method(6), shrunk(networks, box=0.999), x, u, spans) > 1e-4


def test_the_middle_may_be_anything_as_long_as_drive_and_decay_are_taken_there_together():
    # Why the exponential midpoint is invariant: any x̃, even one far outside the box, gives weights of a mean.
    class Careless(ExponentialMidpoint):
        def step(self, field, x, h):
            drive, decay = field(x)
            return exponential_step(x, *field(x + 10 * h * (drive - decay * x)), h)

    for kind in FORMS:
        assert worst_excess(Careless(1), *drawn(kind, 7, count=500)) <= ROUNDING
