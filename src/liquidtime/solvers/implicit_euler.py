"""The implicit Euler step."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from liquidtime.solvers.base import DriveDecay, FixedStepSolver, check_count
from liquidtime.solvers.uncompiled import uncompiled


class ConvergenceError(ArithmeticError):
    """Newton's iteration did not reach its tolerance."""


@dataclass(frozen=True)
class ImplicitEuler(FixedStepSolver):
    """Implicit Euler, order 1, solved by damped Newton.

    x⁺ = x + h (drive(x⁺) − decay(x⁺) ⊙ x⁺)

    It is solved in the equivalent form x⁺ = (x + h drive(x⁺)) / (1 + h decay(x⁺)), which is well scaled at any h and
    shows that a solution lies in the state's box. The gradient comes from the implicit function theorem, not from
    the iterations; a second derivative raises. Each Newton iteration solves one (H, H) system per sample.

    Args:
        substeps: L, steps per span.
        max_iterations: Newton iterations before giving up.

    Raises:
        ConvergenceError: the iteration did not converge; more substeps make each step easier.
    """

    max_iterations: int = 50

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count("max_iterations", self.max_iterations)

    @property
    def full_precision(self) -> bool:
        """Newton's tolerance is a few roundings of the state's type."""
        return True

    @uncompiled
    def step(self, field: DriveDecay, x: Tensor, h: Tensor) -> Tensor:
        """One step of size h."""

        def fused_at(y: Tensor) -> Tensor:
            drive, decay = field(y)
            return (x + h * drive) / (1 + h * decay)

        with torch.no_grad():
            solution = self._solve(fused_at, x)
            jacobian = _jacobian_of_residual(fused_at, solution)
        after: Tensor = _ImplicitFunction.apply(solution - fused_at(solution), solution, jacobian)
        return after

    def _solve(self, fused_at: Any, x: Tensor) -> Tensor:
        tolerance = 16 * torch.finfo(x.dtype).eps
        y = x
        residual = y - fused_at(y)
        size = _size(residual)
        for _ in range(self.max_iterations + 1):
            open_samples = ~(size <= tolerance * (1 + _size(y)))
            if not open_samples.any():
                return y
            direction = torch.linalg.solve_ex(_jacobian_of_residual(fused_at, y), residual)[0]
            damping = open_samples.to(x.dtype)
            for _ in range(20):
                trial = torch.where(damping > 0, y - damping * direction, y)
                trial_residual = trial - fused_at(trial)
                trial_size = _size(trial_residual)
                worse = ~(trial_size <= (1 - 1e-4 * damping) * size) & (damping > 0)
                if not worse.any():
                    break
                damping = torch.where(worse, damping / 2, damping)
            y, residual, size = trial, trial_residual, trial_size
        raise ConvergenceError(
            f"implicit Euler: Newton did not converge in {self.max_iterations} iterations for "
            f"{int(open_samples.sum())} of {len(x)} samples: raise substeps={self.substeps}, shorten the spans, "
            "or use Fused or ExponentialMidpoint, which need no iteration"
        )


class _ImplicitFunction(torch.autograd.Function):
    """The root y of r(y, θ) = 0 as a function of θ: dy = −(∂r/∂y)⁻¹ (∂r/∂θ) dθ."""

    @staticmethod
    def forward(ctx: Any, residual: Tensor, solution: Tensor, jacobian: Tensor) -> Tensor:
        ctx.save_for_backward(jacobian)
        return solution.clone()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        if torch.is_grad_enabled():
            raise NotImplementedError(
                "a second derivative through implicit Euler: its gradient comes from the implicit function theorem, "
                "which covers the first alone; take Fused or ExponentialMidpoint"
            )
        (jacobian,) = ctx.saved_tensors
        solution, info = torch.linalg.solve_ex(jacobian.mT, grad)
        if info.any():
            raise ConvergenceError(
                f"implicit Euler: the step's equation is singular for {int(info.bool().sum())} of {len(grad)} samples, "
                "so it has no gradient there: raise substeps or shorten the spans"
            )
        return -solution, None, None


def _size(tensor: Tensor) -> Tensor:
    return tensor.abs().amax(-1, keepdim=True)


def _jacobian_of_residual(fused_at: Any, y: Tensor) -> Tensor:
    """∂(y − fused_at(y))/∂y per sample, (B, H, H); a graph of its own, out of sight of a checkpoint around it."""
    B, H = y.shape
    identity = torch.eye(H, dtype=y.dtype, device=y.device)
    with torch.enable_grad(), saved_tensors_hooks(_same, _same):
        y = y.detach().requires_grad_()
        value = fused_at(y)
        rows = None
        if value.requires_grad:
            seeds = identity.unsqueeze(1).expand(H, B, H)
            (rows,) = torch.autograd.grad(value, y, seeds, is_grads_batched=True, allow_unused=True)
    return identity.expand(B, H, H) if rows is None else identity - rows.detach().movedim(0, -2)


def _same(tensor: Tensor) -> Tensor:
    return tensor
