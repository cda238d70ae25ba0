"""The names that a recipe may use, and what they stand for."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from liquidtime.gradients import BPTT, Adjoint, GradientStrategy, Recompute, Truncated
from liquidtime.layers import CTGRU, CTRNN, LTC, ConductanceLTC, NeuralODE
from liquidtime.solvers import (
    RK4,
    Adaptive,
    ExplicitEuler,
    ExponentialEuler,
    ExponentialMidpoint,
    Fused,
    ImplicitEuler,
    Solver,
)


@dataclass(frozen=True)
class ModelKind:
    """A layer that can be trained.

    Args:
        layer: its class.
        options: the fields of a recipe, beside the sizes, that it understands.
    """

    layer: Callable[..., nn.Module]
    options: frozenset[str] = frozenset()


_GRADIENT = frozenset({"gradient", "every"})
_SOLVED = _GRADIENT | {"solver", "substeps", "timespan"}

MODELS: dict[str, ModelKind] = {
    "ltc": ModelKind(LTC, _SOLVED | {"tau"}),
    "conductance-ltc": ModelKind(ConductanceLTC, _SOLVED | {"tau", "init"}),
    "ctrnn": ModelKind(CTRNN, _SOLVED | {"tau"}),
    "node": ModelKind(NeuralODE, _SOLVED),
    "ctgru": ModelKind(CTGRU, _GRADIENT | {"timespan"}),
    "lstm": ModelKind(nn.LSTM),
    "gru": ModelKind(nn.GRU),
}
SOLVERS: dict[str, type[Solver]] = {
    "explicit-euler": ExplicitEuler,
    "fused": Fused,
    "exponential-euler": ExponentialEuler,
    "exponential-midpoint": ExponentialMidpoint,
    "implicit-euler": ImplicitEuler,
    "rk4": RK4,
    "adaptive": Adaptive,
}
GRADIENTS: dict[str, type[GradientStrategy]] = {
    "bptt": BPTT,
    "truncated": Truncated,
    "recompute": Recompute,
    "adjoint": Adjoint,
}
SCHEDULES: dict[str, Callable[[float], float]] = {
    "none": lambda done: 1.0,
    "cosine": lambda done: (1 + math.cos(math.pi * done)) / 2,
}
"""The factor on the learning rate when the share `done` of all optimiser steps is behind."""
