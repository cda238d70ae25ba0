"""Liquid time-constant networks for PyTorch: recurrent layers that are differential equations, over irregular time."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from liquidtime.training import load

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
    "load",
]
__version__ = "0.1.0"

_LATER = {"load": "liquidtime.training"}
"""Names that bring more than torch and the layers, so that they are imported when they are asked for."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(_LATER[name]), name)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f'liquidtime.{name} needs {error.name}: pip install "liquidtime[tool]"', name=error.name
        ) from error


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
