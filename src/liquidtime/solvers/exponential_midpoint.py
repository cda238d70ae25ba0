"""The exponential midpoint step."""

from dataclasses import dataclass

from torch import Tensor

from liquidtime.solvers.base import DriveDecay, FixedStepSolver
from liquidtime.solvers.exponential_euler import exponential_step


@dataclass(frozen=True)
class ExponentialMidpoint(FixedStepSolver):
    """Exponential midpoint, order 2: a half step finds the middle, whose drive and decay carry the whole step.

        x̃ = exponential step from x over h/2 with drive and decay at x
        x⁺ = exponential step from x over h with drive and decay at x̃

    Both are convex combinations, so it keeps the state's box for every h > 0 (Hochbruck & Ostermann 2010,
    *Exponential integrators*). Two evaluations per step.

    Args:
        substeps: L, steps per span.
    """

    def step(self, field: DriveDecay, x: Tensor, h: Tensor) -> Tensor:
        """One step of size h."""
        middle = exponential_step(x, *field(x), h / 2)
        return exponential_step(x, *field(middle), h)
