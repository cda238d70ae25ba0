"""Which step keeps the box of Theorem 2 at which span, on layers with hostile parameters and inputs."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from liquidtime import (
    CTGRU,
    CTRNN,
    LTC,
    RK4,
    ConductanceLTC,
    ConvergenceError,
    ExplicitEuler,
    ExponentialEuler,
    ExponentialMidpoint,
    Fused,
    ImplicitEuler,
    NeuralODE,
)
from liquidtime.theory import certify, state_bounds, time_constant_bounds

BOUNDED = [Fused, ExponentialEuler, ExponentialMidpoint]


class Tanh(torch.nn.Module):
    """A signed f that declares its bound."""

    upper_bound = 1.0

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.linear = torch.nn.Linear(input_size + hidden_size, hidden_size)

    def forward(self, x, u):
        return torch.tanh(self.linear(torch.cat([x, u], -1)))


def random_layer(kind, solver, seed, size=5):
    torch.manual_seed(seed)
    if kind == "conductance":
        layer = ConductanceLTC(
            3, size, solver=solver, init=("published", "ncps", "fan_in")[seed % 3], dtype=torch.float64
        )
    elif kind == "signed":
        layer = LTC(3, size, solver=solver, f=Tanh).double()
    else:
        layer = LTC(3, size, solver=solver, tau=(0.01, 100), dtype=torch.float64)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.mul_(1 + 2 * torch.rand_like(parameter)).add_(0.5 * torch.randn_like(parameter))
    return layer


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(["ltc", "signed", "conductance"]),
    method=st.sampled_from(BOUNDED),
    substeps=st.integers(1, 7),
    seed=st.integers(0, 10**6),
    span=st.floats(-4, 4).map(lambda e: 10**e),
    size=st.floats(-3, 6).map(lambda e: 10**e),
)
def test_convex_steps_keep_the_box_at_every_span_and_input(kind, method, substeps, seed, span, size):
    layer = random_layer(kind, method(substeps), seed)
    x = size * torch.randn(4, 2, 3, dtype=torch.float64)
    with torch.no_grad():
        certificate = certify(layer, layer.trace(x, timespans=span), layer.time_constants(x, timespans=span))
    assert certificate.holds, certificate


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), span=st.floats(-2, 4).map(lambda e: 10**e))
def test_implicit_euler_keeps_the_box_or_says_that_it_did_not_converge(seed, span):
    layer = random_layer("conductance", ImplicitEuler(2), seed)
    x = torch.randn(2, 1, 3, dtype=torch.float64)
    try:
        with torch.no_grad():
            trace, taus = layer.trace(x, timespans=span), layer.time_constants(x, timespans=span)
    except ConvergenceError:
        return
    certificate = certify(layer, trace, taus, tolerance=1e-10)
    assert certificate.holds, certificate


@pytest.mark.parametrize("kind", ["ltc", "signed", "conductance"])
def test_at_a_span_of_ten_thousand_convex_and_implicit_steps_hold_where_explicit_ones_diverge(kind):
    x = torch.randn(2, 1, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    converged = 0
    for seed in range(10):
        for method in BOUNDED:
            layer = random_layer(kind, method(6), seed)
            assert certify(layer, layer.trace(x, timespans=1e4), layer.time_constants(x, timespans=1e4)).holds
        for method in (ExplicitEuler, RK4):
            layer = random_layer(kind, method(6), seed)
            assert not layer(x, timespans=1e4)[0].abs().max() < 1e3
        layer = random_layer(kind, ImplicitEuler(6), seed)
        try:
            trace, taus = layer.trace(x, timespans=1e4), layer.time_constants(x, timespans=1e4)
        except ConvergenceError:
            continue
        assert certify(layer, trace, taus, tolerance=1e-10).holds
        converged += 1
    assert converged >= 3


@pytest.mark.parametrize("kind", ["ltc", "signed", "conductance"])
def test_implicit_euler_converges_on_layers_as_they_are_drawn(kind):
    x = torch.randn(4, 2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    for seed in range(10):
        torch.manual_seed(seed)
        build = {"ltc": LTC, "signed": lambda *a, **k: LTC(*a, f=Tanh, **k).double(), "conductance": ConductanceLTC}[
            kind
        ]
        layer = build(3, 5, solver=ImplicitEuler(6), **({} if kind == "signed" else {"dtype": torch.float64}))
        for span in (0.01, 1.0) if kind == "signed" else (0.01, 1.0, 100.0):  # |f| has a kink, which stops Newton
            trace, taus = layer.trace(x, timespans=span), layer.time_constants(x, timespans=span)
            assert certify(layer, trace, taus, tolerance=1e-10).holds


def test_the_box_with_zero_fails_for_the_conductance_form():
    # All E = +0.5 and E_leak = −1: a neuron whose synapses are shut settles near −1, below min(0, E).
    layer = ConductanceLTC(3, 5, dtype=torch.float64)
    with torch.no_grad():
        cell = layer.dynamics()
        cell.E.fill_(0.5)
        cell.input_E.fill_(0.5)
        cell.E_leak.fill_(-1.0)
        settled = layer(torch.full((50, 1, 3), -1e3, dtype=torch.float64))[0][-1]
        box = state_bounds(layer)
    assert (settled < -0.9).all()
    assert (settled >= box.lower).all()
    assert (box.lower == -1).all()
    assert (box.upper == 0.5).all()


def test_bounds_are_reached_at_saturation():
    # One neuron whose f is pinned to 1, then to 0, by its bias.
    layer = LTC(2, 3, tau=(2.0, 2.0), dtype=torch.float64)
    interval, box = time_constant_bounds(layer), state_bounds(layer)
    x = torch.zeros(400, 1, 2, dtype=torch.float64)
    with torch.no_grad():
        for bias, bound in ((100.0, interval.lower), (-100.0, interval.upper)):
            layer.dynamics().f.bias.fill_(bias)
            assert torch.allclose(layer.time_constants(x)[:, -1, 0], bound)
        layer.dynamics().f.bias.fill_(100.0)
        layer.dynamics().raw_tau.fill_(1e6)
        A = layer.dynamics().A
        assert torch.allclose(layer(x)[0][-1, 0], A, rtol=1e-4)
    assert torch.equal(torch.where(A > 0, box.upper[0], box.lower[0]), A.detach())


def test_a_certificate_reports_a_planted_violation():
    layer = LTC(3, 5, dtype=torch.float64)
    x = torch.randn(4, 2, 3, dtype=torch.float64)
    trace, taus = layer.trace(x).detach(), layer.time_constants(x).detach()
    assert certify(layer, trace, taus).holds
    outside = trace.clone()
    outside[0, 2, 1, 3, 4] = state_bounds(layer).upper[0, 4] + 0.01
    assert certify(layer, outside, taus).state_excess == pytest.approx(0.01)
    assert not certify(layer, outside, taus).holds
    slow = taus.clone()
    slow[0, 3, 1, 2] = 1.1 * time_constant_bounds(layer).upper[0, 2]
    assert certify(layer, trace, slow).time_constant_excess == pytest.approx(0.1)
    outside[0, 2, 1, 3, 4] = torch.nan
    assert not certify(layer, outside, taus).holds


def test_bounds_of_the_other_equations():
    ctrnn = CTRNN(3, 5, num_layers=2, tau=(0.5, 4.0))
    tau = torch.stack([ctrnn.dynamics(index).tau for index in range(2)]).detach()
    interval, box = time_constant_bounds(ctrnn), state_bounds(ctrnn)
    assert torch.equal(interval.lower, tau)
    assert torch.equal(interval.upper, tau)
    assert torch.equal(box.upper, tau)
    assert torch.equal(box.lower, -tau)
    node = NeuralODE(3, 5)
    assert torch.isinf(time_constant_bounds(node).lower).all()
    assert torch.isinf(state_bounds(node).upper).all()
    x = torch.randn(4, 2, 3)
    for layer in (ctrnn, node):
        assert certify(layer, layer.trace(x), layer.time_constants(x)).holds


def test_an_f_without_declared_bounds_gets_the_safe_ones():
    class Unknown(torch.nn.Linear):
        def forward(self, x, u):
            return super().forward(u)

    layer = LTC(3, 5, f=Unknown(3, 5), tau=(2.0, 2.0))
    assert (time_constant_bounds(layer).lower == 0).all()
    assert torch.allclose(time_constant_bounds(layer).upper, torch.tensor(2.0))
    assert torch.equal(state_bounds(layer).lower, -layer.dynamics().A.detach().abs().unsqueeze(0))


def test_absent_synapses_do_not_count():
    mask = torch.zeros(5, 5, dtype=torch.bool)
    layer = ConductanceLTC(3, 5, recurrent_mask=mask, input_mask=torch.zeros(3, 5, dtype=torch.bool))
    cell = layer.dynamics()
    box, interval = state_bounds(layer), time_constant_bounds(layer)
    assert torch.equal(box.lower[0], cell.E_leak)
    assert torch.equal(box.upper[0], cell.E_leak)
    assert torch.allclose(interval.lower, interval.upper)


def test_a_layer_that_is_no_differential_equation_is_refused():
    for layer in (CTGRU(3, 5), torch.nn.GRU(3, 5)):
        for bounds in (time_constant_bounds, state_bounds):
            with pytest.raises(ValueError, match="GRU is no differential equation of this library"):
                bounds(layer)


@pytest.mark.parametrize("kind", ["ltc", "conductance"])
def test_certify_takes_what_trace_and_time_constants_give(kind):
    layer = random_layer(kind, Fused(3), 4)
    box = state_bounds(layer)
    hx = (0.5 * (box.lower + box.upper)).unsqueeze(1).expand(-1, 2, -1)
    x = torch.randn(6, 2, 3, dtype=torch.float64)
    given = {"hx": hx, "timespans": 0.7, "lengths": [6, 2]}
    assert certify(layer, layer.trace(x, **given), layer.time_constants(x, **given), start=hx).holds
    far = given["hx"] = hx + 100
    trace, taus = layer.trace(x, **given), layer.time_constants(x, **given)
    assert certify(layer, trace, taus, start=far).holds
    assert not certify(layer, trace, taus, start=hx).holds


def test_certify_takes_states_with_and_without_substeps_and_nothing_else():
    layer = LTC(3, 5)
    x = torch.randn(4, 2, 3)
    trace, taus = layer.trace(x), layer.time_constants(x)
    ends = trace[..., -1, :]
    assert certify(layer, ends, taus) == certify(layer, trace, taus)
    ends = ends.clone()
    ends[0, 3, 1, 2] = 7.0
    assert certify(layer, ends, taus).state_excess == pytest.approx(7 - state_bounds(layer).upper[0, 2].item())
    for wrong in (ends[:, :3], ends[0], trace[:, :, :1]):
        with pytest.raises(ValueError, match="states have shape"):
            certify(layer, wrong, taus)
