"""The explicit Euler step."""

from dataclasses import dataclass

from torch import Tensor

from liquidtime.solvers.base import DriveDecay, FixedStepSolver


@dataclass(frozen=True)
class ExplicitEuler(FixedStepSolver):
    """Explicit Euler, order 1; stable only where h · decay < 2.

    x⁺ = x + h (drive − decay ⊙ x)

    Args:
        substeps: L, steps per span.
    """

    def step(self, field: DriveDecay, x: Tensor, h: Tensor) -> Tensor:
        """One step of size h."""
        drive, decay = field(x)
        return x + h * (drive - decay * x)
