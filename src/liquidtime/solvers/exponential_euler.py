"""The exponential Euler step."""

from dataclasses import dataclass

import torch
from torch import Tensor

from liquidtime.solvers.base import DriveDecay, FixedStepSolver

_SERIES = (1 / 5040, -1 / 720, 1 / 120, -1 / 24, 1 / 6, -1 / 2)
_SERIES_BELOW = 0.02


def phi(z: Tensor) -> Tensor:
    """φ(z) = (1 − e^−z)/z for z ≥ 0, with φ(0) = 1; value and first derivative to rounding (Taylor series near 0)."""
    near = z < _SERIES_BELOW
    small = torch.where(near, z, 0)
    series = torch.full_like(z, _SERIES[0])
    for coefficient in _SERIES[1:]:
        series = series * small + coefficient
    large = torch.where(near, 1, z)
    return torch.where(near, 1 + series * small, -torch.expm1(-large) / large)


def exponential_step(x: Tensor, drive: Tensor, decay: Tensor, h: Tensor) -> Tensor:
    """The exact solution at h of dx/dt = drive − decay x with both held: x + h (drive − decay x) φ(h decay)."""
    return x + h * phi(h * decay) * (drive - decay * x)


@dataclass(frozen=True)
class ExponentialEuler(FixedStepSolver):
    """Exponential Euler, order 1: exact for drive and decay held at their values at x (Hochbruck & Ostermann 2010).

    x⁺ = drive/decay + (x − drive/decay) e^(−h decay),    x + h drive where decay = 0

    A convex combination of x and drive/decay, so it keeps the state's box for every h > 0.

    Args:
        substeps: L, steps per span.
    """

    def step(self, field: DriveDecay, x: Tensor, h: Tensor) -> Tensor:
        """One step of size h."""
        drive, decay = field(x)
        return exponential_step(x, drive, decay, h)
