"""Everything about a training run that is chosen rather than given by the data."""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from liquidtime.data import lookup
from liquidtime.gradients.base import ChunkedStrategy
from liquidtime.solvers import FixedStepSolver
from liquidtime.training.choices import GRADIENTS, MODELS, SCHEDULES, SOLVERS

LARGEST = 16_384


@dataclass(frozen=True)
class Recipe:
    """A model and how it is trained. Names are those of `liquidtime.training.choices`.

    Args:
        model: name of the layer.
        hidden_size: H, neurons.
        epochs: passes over the training windows.
        batch_size: windows per optimiser step.
        learning_rate: of Adam.
        schedule: how the learning rate falls: `none`, or `cosine` to zero at the last step.
        clip: largest norm of the gradient; None for no clipping.
        weight_decay: decoupled from the gradient (Loshchilov & Hutter 2019); with 0 plain Adam.
        solver: name of the solver; None for the layer's own.
        substeps: L of that solver.
        init: initialisation of the conductance form; None for the layer's own.
        tau: (low, high) of the resting time constants, in samples; None for the layer's own.
        gradient: name of the gradient strategy inside the layer.
        every: k of that strategy.
        timespan: how much of the layer's time one unit of the data's time is (one sample, where no times are told).
            With L substeps a step of the solver is timespan / L: 0.6 and L = 6 make the published h = 0.1.
        truncate: step back every k samples while training, with the state carried on: the gradient of
            `Truncated(every=k)` in memory ∝ k · L. None steps back once per window.
        patience: epochs in a row without a better one after which training ends; None for all `epochs`. The schedule
            of the learning rate is that of all `epochs`.

    Raises:
        ValueError: a field has a wrong type or value, or does nothing with this model.
    """

    model: str = "ltc"
    hidden_size: int = 32
    epochs: int = 10
    batch_size: int = 64
    learning_rate: float = 0.001
    schedule: str = "none"
    clip: float | None = None
    weight_decay: float = 0.0
    solver: str | None = None
    substeps: int | None = None
    init: str | None = None
    tau: tuple[float, float] | None = None
    gradient: str = "bptt"
    every: int | None = None
    timespan: float = 1.0
    truncate: int | None = None
    patience: int | None = None

    def __post_init__(self) -> None:
        kind = lookup("model", self.model, MODELS)
        lookup("schedule", self.schedule, SCHEDULES)
        lookup("gradient strategy", self.gradient, GRADIENTS)
        if self.solver is not None:
            lookup("solver", self.solver, SOLVERS)
        for name in ("hidden_size", "epochs", "batch_size", "substeps", "every", "truncate", "patience"):
            value = getattr(self, name)
            optional = name in ("substeps", "every", "truncate", "patience") and value is None
            if not optional and not (isinstance(value, int) and not isinstance(value, bool) and value >= 1):
                raise ValueError(f"{name}={value!r}: pass a whole number, at least 1")
        if self.hidden_size > LARGEST:
            raise ValueError(f"hidden_size={self.hidden_size}: pass at most {LARGEST}")
        if not (is_number(self.learning_rate) and self.learning_rate > 0):
            raise ValueError(f"learning_rate={self.learning_rate!r}: pass a positive number")
        if self.clip is not None and not (is_number(self.clip) and self.clip > 0):
            raise ValueError(f"clip={self.clip!r}: pass a positive number, or None for no clipping")
        if not (is_number(self.weight_decay) and self.weight_decay >= 0):
            raise ValueError(f"weight_decay={self.weight_decay!r}: pass a number, at least 0")
        if not (is_number(self.timespan) and self.timespan > 0):
            raise ValueError(f"timespan={self.timespan!r}: pass a positive number")
        if not (self.init is None or isinstance(self.init, str)):
            raise ValueError(f"init={self.init!r}: pass the name of an initialisation")
        self._check_tau()
        self._check_pairs()
        for name in ("solver", "substeps", "init", "tau", "gradient", "every", "timespan"):
            if name not in kind.options and getattr(self, name) != getattr(Recipe, name):
                raise ValueError(f"{name}={getattr(self, name)!r}: model {self.model!r} has no {name}, leave it out")

    def _check_tau(self) -> None:
        tau = self.tau
        if tau is None:
            return
        if not (isinstance(tau, tuple) and len(tau) == 2 and all(map(is_number, tau)) and 0 < tau[0] <= tau[1]):
            raise ValueError(f"tau={tau!r}: pass (low, high) with 0 < low ≤ high")

    def _check_pairs(self) -> None:
        if self.substeps is not None:
            if self.solver is None:
                raise ValueError(f"substeps={self.substeps} without a solver: name the solver too")
            if not issubclass(SOLVERS[self.solver], FixedStepSolver):
                raise ValueError(
                    f"substeps={self.substeps}: solver {self.solver!r} chooses its own steps, leave it out"
                )
        chunked = issubclass(GRADIENTS[self.gradient], ChunkedStrategy)
        if chunked and self.every is None:
            raise ValueError(f"gradient={self.gradient!r} without every: pass every=k, the samples per chunk")
        if not chunked and self.every is not None:
            raise ValueError(f"every={self.every}: gradient {self.gradient!r} has no chunks, leave it out")

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self) | {"tau": None if self.tau is None else list(self.tau)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Recipe":
        """What `to_dict` gave.

        Raises:
            ValueError: a field is missing, unknown or wrong.
        """
        names = {field.name: field for field in fields(cls)}
        for name in stored:
            lookup("recipe field", name, names)
        missing = [name for name in names if name not in stored]
        if missing:
            raise ValueError(f"the recipe lacks {', '.join(missing)}")
        tau = stored["tau"]
        return cls(**{**stored, "tau": tuple(tau) if isinstance(tau, list) else tau})


def is_number(value: object) -> bool:
    """Whether a value is a real number that a float can hold, and not a truth value in disguise."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
