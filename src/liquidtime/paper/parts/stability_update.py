"""One update of stiff conductance networks: drawn, solved, its evaluations counted and its error measured."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from liquidtime.paper.engine import Value
from liquidtime.paper.parts.populations import Population, conductance_networks
from liquidtime.solvers import (
    RK4,
    ExplicitEuler,
    ExponentialEuler,
    ExponentialMidpoint,
    FixedStepSolver,
    Fused,
    Solver,
)
from liquidtime.solvers.base import DriveDecay

HIDDEN, INPUTS = 16, 4
SLOW, FAST = 0.5, 0.5 / 6
"""Capacitances C: that of the common reimplementation, and that of the released code at Δt = 1 and six steps."""
FIXED: dict[str, tuple[Callable[[int], FixedStepSolver], int]] = {
    "explicit Euler": (ExplicitEuler, 1),
    "fused": (Fused, 1),
    "exponential Euler": (ExponentialEuler, 1),
    "exponential midpoint": (ExponentialMidpoint, 2),
    "RK4": (RK4, 4),
}
"""Solvers of fixed steps, with the evaluations of drive and decay per step."""
ORDERS = {
    "explicit Euler": 1,
    "fused": 1,
    "exponential Euler": 1,
    "exponential midpoint": 2,
    "implicit Euler": 1,
    "RK4": 4,
}
DIVERGED = 1e3


@dataclass(frozen=True, eq=False)
class Update:
    """One sample of Δt = 1 in a population of conductance networks with values as released, the input held.

    Args:
        networks: N of them.
        x: states at the start ~ U(−1, 1), (N, H).
        u: inputs ~ U(0, 1), (N, I).
    """

    networks: Population
    x: Tensor
    u: Tensor

    @classmethod
    def draw(cls, count: int, C: float, seed: int = 0, hidden: int = HIDDEN) -> "Update":
        """Networks, states and inputs from a seed; the same ones for every C."""
        rng = torch.Generator().manual_seed(seed)
        networks = conductance_networks(count, hidden, INPUTS, rng, C)
        x = 2 * torch.rand(count, hidden, dtype=torch.float64, generator=rng) - 1
        return cls(networks, x, torch.rand(count, INPUTS, dtype=torch.float64, generator=rng))

    def one(self, n: int) -> "Update":
        """Network n alone."""
        row = torch.tensor([n])
        return Update(self.networks.subset(row), self.x[row], self.u[row])

    def after(self, solver: Solver, span: float = 1.0) -> tuple[Tensor, int]:
        """The states (N, H) after a span, and how often drive and decay were evaluated."""
        field = Counting(self.networks.field(self.u))
        with torch.no_grad():
            return solver.integrate(field, self.x, torch.full((1, 1), span, dtype=torch.float64)), field.calls


class Counting:
    """A field that counts how often it is evaluated."""

    def __init__(self, field: DriveDecay) -> None:
        self.field = field
        self.calls = 0

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Drive and decay at x."""
        self.calls += 1
        return self.field(x)


def errors(states: Tensor, exact: Tensor) -> list[float | None]:
    """The largest error of each network; None where it diverged."""
    worst = (states - exact).abs().amax(-1).nan_to_num(nan=math.inf)
    return [error if error < DIVERGED else None for error in worst.tolist()]


def median_error(run: Value) -> float | None:
    """The median over networks, those that diverged counted as infinitely wrong; None where that is infinite."""
    median = float(np.median([math.inf if error is None else error for error in run["errors"]]))
    return median if math.isfinite(median) else None
