"""Solvers: how one span of time is crossed. A solver sees drive and decay and nothing of the model behind them."""

from liquidtime.solvers.adaptive import Adaptive
from liquidtime.solvers.base import FixedStepSolver, Solver
from liquidtime.solvers.explicit_euler import ExplicitEuler
from liquidtime.solvers.exponential_euler import ExponentialEuler
from liquidtime.solvers.exponential_midpoint import ExponentialMidpoint
from liquidtime.solvers.fused import Fused
from liquidtime.solvers.implicit_euler import ConvergenceError, ImplicitEuler
from liquidtime.solvers.rk4 import RK4

__all__ = [
    "RK4",
    "Adaptive",
    "ConvergenceError",
    "ExplicitEuler",
    "ExponentialEuler",
    "ExponentialMidpoint",
    "FixedStepSolver",
    "Fused",
    "ImplicitEuler",
    "Solver",
]
