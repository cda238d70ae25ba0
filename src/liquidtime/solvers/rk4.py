"""The classical Runge–Kutta step."""

from dataclasses import dataclass

from torch import Tensor

from liquidtime.solvers.base import DriveDecay, FixedStepSolver


@dataclass(frozen=True)
class RK4(FixedStepSolver):
    """The classical Runge–Kutta method, order 4; stable only where h · decay < 2.79.

    x⁺ = x + h/6 (k₁ + 2k₂ + 2k₃ + k₄)

    Four evaluations per step.

    Args:
        substeps: L, steps per span.
    """

    def step(self, field: DriveDecay, x: Tensor, h: Tensor) -> Tensor:
        """One step of size h."""

        def slope(y: Tensor) -> Tensor:
            drive, decay = field(y)
            return drive - decay * y

        k1 = slope(x)
        k2 = slope(x + h / 2 * k1)
        k3 = slope(x + h / 2 * k2)
        k4 = slope(x + h * k3)
        return x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
