"""A kernel is nothing but the reference, faster: the same outputs and gradients at awkward sizes and values."""

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from cases import checkered
from liquidtime import (
    CTGRU,
    CTRNN,
    LTC,
    RK4,
    ConductanceLTC,
    ExplicitEuler,
    ExponentialEuler,
    ExponentialMidpoint,
    Fused,
    NeuralODE,
)
from liquidtime.dynamics import Perceptron
from liquidtime.layers import Recurrent

BOUNDED = [Fused, ExponentialEuler, ExponentialMidpoint]
EXPLICIT = [ExplicitEuler, RK4]
LAYERS = {
    "conductance": lambda I, H, **k: ConductanceLTC(I, H, **k),
    "conductance-ncps": lambda I, H, **k: ConductanceLTC(I, H, init="ncps", bias=False, **k),
    "conductance-masked": lambda I, H, **k: ConductanceLTC(
        I, H, init="fan_in", recurrent_mask=checkered(H, H), input_mask=~checkered(I, H), **k
    ),
    "ltc": lambda I, H, **k: LTC(I, H, **k),
    "ltc-tanh": lambda I, H, dtype, **k: LTC(
        I, H, f=lambda i, h: Perceptron(i, h, torch.tanh, dtype=dtype), dtype=dtype, **k
    ),
    "ctrnn": lambda I, H, **k: CTRNN(I, H, bias=False, **k),
    "node": lambda I, H, **k: NeuralODE(I, H, **k),
    "node-sigmoid": lambda I, H, dtype, **k: NeuralODE(
        I, H, f=lambda i, h: Perceptron(i, h, torch.sigmoid, dtype=dtype), dtype=dtype, **k
    ),
    "ctgru": lambda I, H, solver, **k: CTGRU(I, H, **k),
    "ctgru-without-bias": lambda I, H, solver, **k: CTGRU(I, H, bias=False, **k),
}


def run(rnn: Recurrent, inputs: list[Tensor], lengths: list[int] | None, weight: Tensor) -> list[Tensor]:
    """Output, last state, and the gradients of inputs, spans, initial state and every parameter."""
    x, spans, hx = (tensor.detach().clone().requires_grad_() for tensor in inputs)
    output, h_n = rnn(x, hx, timespans=spans, lengths=lengths)
    loss = (output * weight).sum() + h_n.square().sum()
    grads = torch.autograd.grad(loss, [x, spans, hx, *rnn.parameters()])
    return [output.detach(), h_n.detach(), *grads]


@st.composite
def problems(draw: st.DrawFn, solvers: list[type], spans: list[float], inputs: list[float]) -> dict:
    """Sizes, a layer with a solver, and how far inputs and spans reach."""
    layer = draw(st.sampled_from(list(LAYERS)))
    span = draw(st.sampled_from(spans))
    return {
        "layer": layer,
        "solver": draw(st.sampled_from(solvers))(draw(st.integers(1, 4))),
        "sizes": tuple(draw(st.integers(low, high)) for low, high in ((1, 6), (2, 11), (1, 6), (3, 21))),
        "span": min(span, 1.0) if layer.startswith("node") else span,  # without a decay its state has no bound
        "input": draw(st.sampled_from(inputs)),
        "cut": draw(st.booleans()),
        "seed": draw(st.integers(0, 2**20)),
    }


def solve(problem: dict, dtype: torch.dtype, kernel: str) -> list[Tensor]:
    """What `run` gives for one and the same float32 numbers in either type."""
    T, B, I, H = problem["sizes"]
    torch.manual_seed(problem["seed"])
    rnn = LAYERS[problem["layer"]](I, H, solver=problem["solver"], dtype=torch.float32, kernel=kernel).to(dtype)
    assert rnn.kernel == kernel
    x = problem["input"] * torch.randn(T, B, I)
    spans = problem["span"] * torch.rand(T, B) * (torch.rand(T, B) > 0.2)
    hx, weight = 0.5 * torch.randn(1, B, rnn.state_size), torch.randn(T, B, H)
    lengths = torch.randint(0, T + 1, (B,)).tolist() if problem["cut"] else None
    found = run(rnn, [tensor.to(dtype) for tensor in (x, spans, hx)], lengths, weight.to(dtype))
    assert all(torch.isfinite(tensor).all() for tensor in found)
    return [tensor.double() for tensor in found]


check = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
MODERATE = problems(BOUNDED, [0.0, 1e-3, 1.0], [0.0, 1.0, 3.0]) | problems(EXPLICIT, [0.0, 1e-3, 0.05], [0.0, 1.0, 3.0])
EXTREME = problems(BOUNDED, [1.0, 1e3, 1e6], [0.0, 30.0, 1e6])
SINGLE, DOUBLE = (torch.float32, 2e-6, 1e-5, 1.0), (torch.float64, 1e-12, 1e-12, 2.0**-25)
"""Type, tolerance of outputs, of gradients, and its rounding relative to that of float32 (2^-29, with room)."""


def largest(tensors: list[Tensor]) -> float:
    return max(float(tensor.abs().max()) for tensor in tensors)


def agree(precision: tuple, problem: dict, floor: float) -> None:
    """Every tensor within its tolerance of the reference in float64, relative to its own largest number.

    Two allowances. Where large terms cancel (the gradient of C near equilibrium, W u for huge u), plain PyTorch in
    float32 is off by more than the tolerance, and the kernel may be off by four times that, or its share in float64.
    And 1 − σ of the reference rounds to 0 where σ nears 1, so what is smaller than `floor` times the largest gradient
    of the run is measured against that.
    """
    dtype, outputs, gradients, rounding = precision
    exact, plain = solve(problem, torch.float64, "reference"), solve(problem, torch.float32, "reference")
    scales = (max(1.0, largest(exact[:2])), largest(exact[2:]))
    for n, (a, b, c) in enumerate(zip(solve(problem, dtype, "numba"), exact, plain, strict=True)):
        tolerance, scale = (outputs, scales[0]) if n < 2 else (gradients, scales[1])
        allowed = tolerance * max(float(b.abs().max()), floor * scale) + 4 * rounding * float((c - b).abs().max())
        assert float((a - b).abs().max()) <= allowed + 1e-20


@check
@given(MODERATE)
@pytest.mark.parametrize("precision", [SINGLE, DOUBLE], ids=["float32", "float64"])
def test_a_kernel_is_as_good_as_its_type_allows(precision, problem):
    agree(precision, problem, floor=1e-4)


@check
@given(EXTREME)
@pytest.mark.parametrize("precision", [SINGLE, DOUBLE], ids=["float32", "float64"])
def test_nothing_breaks_at_saturation_and_over_endless_spans(precision, problem):
    agree(precision, problem, floor=1.0)
