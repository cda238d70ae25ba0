"""What training strategies cost and how exact they are: the computations behind section 4 of the report."""

import statistics
import time
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from liquidtime import BPTT, Adaptive, Adjoint, ConductanceLTC, Fused, Recompute, Truncated
from liquidtime.gradients import GradientStrategy
from liquidtime.paper.engine import Case, Value
from liquidtime.paper.parts.allocations import peak_bytes
from liquidtime.training import GRADIENTS

B, I, H = 16, 8, 64


def build(strategy: str, substeps: int, every: int, tolerance: float, kernel: str = "reference") -> ConductanceLTC:
    """A conductance LTC with fan-in scaled conductances; with `tolerance` > 0 on the adaptive solver, in float64."""
    torch.manual_seed(0)
    solver = Adaptive(rtol=tolerance, atol=tolerance / 100) if tolerance > 0 else Fused(substeps)
    chunks = {"every": every} if strategy in ("truncated", "recompute") else {}
    dtype = torch.float64 if tolerance > 0 else torch.float32
    chosen = "auto" if tolerance > 0 else kernel
    gradient = GRADIENTS[strategy](**chunks)
    return ConductanceLTC(I, H, init="fan_in", solver=solver, gradient=gradient, kernel=chosen, dtype=dtype)


def training_step(rnn: ConductanceLTC, T: int) -> None:
    """Forward and backward over T samples."""
    like = next(rnn.parameters())
    x = torch.rand(T, B, I, generator=torch.Generator().manual_seed(1)).to(like.dtype)
    rnn(x)[0].square().mean().backward()


@dataclass(frozen=True)
class Memory(Case):
    """Most bytes that the tensors of a training step take; fused with L substeps, or adaptive where `tolerance` > 0."""

    strategy: str
    T: int
    L: int
    every: int = 0
    tolerance: float = 0.0

    def run(self) -> Value:
        """`bytes`, and `evaluations` of drive and decay in the forward pass."""
        rnn = build(self.strategy, self.L, self.every, self.tolerance)
        return {"bytes": peak_bytes(lambda: training_step(rnn, self.T)), "evaluations": _evaluations(self)}


def _evaluations(case: Memory) -> int:
    if case.tolerance == 0:
        return case.T * case.L
    rnn = build("bptt", case.L, case.every, case.tolerance)
    count = 0
    original = rnn.dynamics().drive_decay

    def counted(*arguments: Any) -> Any:
        nonlocal count
        count += 1
        return original(*arguments)

    rnn.dynamics().drive_decay = counted  # type: ignore[assignment,method-assign]
    with torch.no_grad():
        rnn(torch.rand(case.T, B, I, generator=torch.Generator().manual_seed(1)).double())
    return count


@dataclass(frozen=True)
class Duration(Case):
    """Seconds of a training step, all strategies in turn, median over rounds."""

    T: int
    L: int
    every: int
    tolerance: float
    rounds: int
    alone: ClassVar[bool] = True

    def run(self) -> Value:
        """Seconds by strategy."""
        layers = {name: build(name, self.L, self.every, 0.0) for name in ("bptt", "truncated", "recompute")}
        layers["bptt, kernel"] = build("bptt", self.L, self.every, 0.0, kernel="auto")
        layers |= {f"{name}, adaptive": build(name, self.L, self.every, self.tolerance) for name in ("bptt", "adjoint")}
        taken: dict[str, list[float]] = {name: [] for name in layers}
        for rnn in layers.values():
            training_step(rnn, 2)
        for _ in range(self.rounds):
            for name, rnn in layers.items():
                start = time.perf_counter()
                training_step(rnn, self.T)
                taken[name].append(time.perf_counter() - start)
        return {name: statistics.median(values) for name, values in taken.items()}


@dataclass(frozen=True)
class GradientError(Case):
    """The error of a gradient, relative to BPTT in float64 through the same steps.

    ‖a − b‖ / ‖b‖ over all parameters together, on a conductance LTC of 32 neurons, 3 series of 4 samples, Δt = 1.

    Args:
        init: "ncps" (C = 0.5) or "published" (C = 0.5/6).
        strategy: "adjoint", "bptt", "recompute" or "truncated".
        dtype: "float64" or "float32".
        tolerance: of the adaptive solver; 0 for fused steps.
        every: samples per chunk.
        seed: of the weights and inputs.
    """

    init: str
    strategy: str
    dtype: str = "float64"
    tolerance: float = 0.0
    every: int = 2
    seed: int = 0
    edition: ClassVar[int] = 2

    def run(self) -> Value:
        """`error`, and `ratio`, the largest Δt/τ_sys."""
        tolerance = self.tolerance
        solver = Adaptive(rtol=tolerance, atol=tolerance / 100) if tolerance else Fused(6)
        strategies: dict[str, GradientStrategy] = {
            "adjoint": Adjoint(),
            "bptt": BPTT(),
            "recompute": Recompute(self.every),
            "truncated": Truncated(self.every),
        }
        exact, ratio = _gradients(self, solver, BPTT(), torch.float64)
        ours, _ = _gradients(self, solver, strategies[self.strategy], getattr(torch, self.dtype))
        return {"error": float((ours.double() - exact).norm() / exact.norm()), "ratio": ratio}


def _gradients(
    case: GradientError, solver: Any, strategy: GradientStrategy, dtype: torch.dtype
) -> tuple[Tensor, float]:
    torch.manual_seed(case.seed)
    rnn = ConductanceLTC(5, 32, init=case.init, solver=solver, gradient=strategy, dtype=torch.float64).to(dtype)
    given = [torch.rand(4, 3, 5, dtype=torch.float64), torch.ones(4, 3), 0.1 * torch.randn(1, 3, 32)]
    x, spans, hx = (part.to(dtype) for part in given)
    output, _ = rnn(x, hx, timespans=spans)
    found = torch.autograd.grad(output.square().sum(), list(rnn.parameters()))
    with torch.no_grad():
        ratio = float((1 / rnn.time_constants(x, hx, timespans=spans)).max())
    return torch.cat([part.flatten() for part in found]), ratio
