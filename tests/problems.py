"""Right-hand sides with solutions in closed form, in float64."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Problem:
    """dx/dt = drive(x) − decay(x) x with x(0) = start and its solution at time t."""

    name: str
    field: Callable[[Tensor], tuple[Tensor, Tensor]]
    start: Tensor
    solution: Callable[[Tensor], Tensor]

    def __str__(self) -> str:
        return self.name


def _row(*values: float) -> Tensor:
    return torch.tensor([values], dtype=torch.float64)


_rate, _drive, _x = _row(0.3, 2.0, 0.7), _row(1.0, -0.5, 0.2), _row(0.5, 0.4, -1.0)
LINEAR = Problem(
    "linear",
    lambda x: (_drive.expand_as(x), _rate.expand_as(x)),
    _x,
    lambda t: _drive / _rate + (_x - _drive / _rate) * torch.exp(-_rate * t),
)

_growth, _capacity, _low = _row(1.2, 0.8, 2.0), _row(1.0, 2.0, 0.5), _row(0.1, 0.3, 0.4)
LOGISTIC = Problem(
    "logistic",
    lambda x: (_growth * x, _growth * x / _capacity),
    _low,
    lambda t: _capacity / (1 + (_capacity / _low - 1) * torch.exp(-_growth * t)),
)

_a, _b = _row(0.5, 1.0, 2.0), _row(1.0, 0.5, 0.25)
RICCATI = Problem(
    "saturating LTC",  # f(x) = x: dx/dt = x A − (1/τ + x) x, a logistic equation around A − 1/τ
    lambda x: (x * (_a + _b), _a + x),
    0.2 * _b,
    lambda t: _b / (1 + (_b / (0.2 * _b) - 1) * torch.exp(-_b * t)),
)

FREE = Problem(
    "without decay",  # a neural ODE: dx/dt = −x²
    lambda x: (-(x**2), torch.zeros_like(x)),
    _row(0.5, 1.0, 1.5),
    lambda t: _row(0.5, 1.0, 1.5) / (1 + _row(0.5, 1.0, 1.5) * t),
)

NONLINEAR = [LOGISTIC, RICCATI, FREE]
PROBLEMS = [LINEAR, *NONLINEAR]
