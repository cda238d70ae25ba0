"""The fused step of the LTC paper."""

from dataclasses import dataclass

from torch import Tensor

from liquidtime.solvers.base import DriveDecay, FixedStepSolver


@dataclass(frozen=True)
class Fused(FixedStepSolver):
    """The fused Euler step, order 1: the linear part implicit, drive and decay explicit (Hasani et al. 2021, Eq. 3).

    x⁺ = (x + h drive) / (1 + h decay)

    A convex combination of x and drive/decay, so it keeps the state's box for every h > 0.

    Args:
        substeps: L, steps per span.
    """

    def step(self, field: DriveDecay, x: Tensor, h: Tensor) -> Tensor:
        """One step of size h."""
        drive, decay = field(x)
        return (x + h * drive) / (1 + h * decay)
