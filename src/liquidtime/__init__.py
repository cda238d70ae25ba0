"""Liquid time-constant networks for PyTorch: recurrent layers that are differential equations, over irregular time."""

from liquidtime.gradients import BPTT, Adjoint, Recompute, Truncated
from liquidtime.layers import CTGRU, CTRNN, LTC, ConductanceLTC, NeuralODE
from liquidtime.solvers import (
    RK4,
    Adaptive,
    ConvergenceError,
    ExplicitEuler,
    ExponentialEuler,
    ExponentialMidpoint,
    Fused,
    ImplicitEuler,
)

__all__ = [
    "BPTT",
    "CTGRU",
    "CTRNN",
    "LTC",
    "RK4",
    "Adaptive",
    "Adjoint",
    "ConductanceLTC",
    "ConvergenceError",
    "ExplicitEuler",
    "ExponentialEuler",
    "ExponentialMidpoint",
    "Fused",
    "ImplicitEuler",
    "NeuralODE",
    "Recompute",
    "Truncated",
]
__version__ = "0.1.0"
