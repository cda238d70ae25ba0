"""What kernels know of solvers and widths, in plain numbers and names."""

import math

from liquidtime.solvers import RK4, ExplicitEuler, ExponentialEuler, ExponentialMidpoint, Fused, Solver

METHODS: dict[type[Solver], str] = {
    ExplicitEuler: "explicit_euler",
    Fused: "fused",
    ExponentialEuler: "exponential_euler",
    ExponentialMidpoint: "exponential_midpoint",
    RK4: "rk4",
}
"""The solvers that kernels know."""

STAGES = {"explicit_euler": 1, "fused": 1, "exponential_euler": 1, "exponential_midpoint": 2, "rk4": 4}
"""Evaluations of drive and decay per step."""

LOG2E = math.log2(math.e)
"""Exponentials are taken in base 2: e^z = 2^(z LOG2E)."""

TRACES = 8
"""Of each neuron of a CT-GRU."""

MULTIPLE = 8
"""Kernels pad the number of neurons to a multiple of this, for the sake of vector registers."""


def padded(size: int) -> int:
    """The next multiple of `MULTIPLE`."""
    return -(-size // MULTIPLE) * MULTIPLE
