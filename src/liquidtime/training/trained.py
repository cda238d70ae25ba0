"""A trained run, ready for use on rows in their own units."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from liquidtime.data import Scaling
from liquidtime.data.timing import log_timespans
from liquidtime.training.live import Live
from liquidtime.training.model import SequenceModel
from liquidtime.training.run_folder import Run, load_model, open_run

Rows = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained model that takes features in their own units and says probabilities, or numbers in theirs.

    Args:
        run: the folder that it was read from.
        model: with the weights of the best epoch.
    """

    run: Run
    model: SequenceModel

    @property
    def features(self) -> list[str]:
        """Names of the F inputs of a row. Log Δt, where it is an input of the model, is computed here."""
        names: list[str] = self.run.config["features"]
        return names[:-1] if self.logs_time else names

    @property
    def outputs(self) -> list[str]:
        """Names of the O classes, or of the numbers that are predicted."""
        return self.run.outputs

    @property
    def regression(self) -> bool:
        """Whether numbers are predicted rather than classes."""
        return bool(self.run.config["targets"])

    @property
    def logs_time(self) -> bool:
        """Whether log Δt is the model's last input."""
        return bool(self.run.config["log_timespans"])

    @property
    def takes_time(self) -> bool:
        """Whether elapsed times mean anything to the model."""
        return self.model.takes_time or self.logs_time

    @cached_property
    def scaling(self) -> Scaling:
        """How the F features were scaled."""
        F, config = len(self.features), self.run.config
        return Scaling(tuple(config["mean"][:F]), tuple(config["std"][:F]))

    @cached_property
    def target_scaling(self) -> Scaling:
        """How the targets were scaled; shift 0 and scale 1 where they were not, and for classes."""
        mean, std = self.run.config["target_mean"], self.run.config["target_std"]
        O = len(self.outputs)
        return Scaling(tuple(mean or [0.0] * O), tuple(std or [1.0] * O))

    def scale(self, rows: ArrayLike, spans: Tensor) -> Tensor:
        """The model's inputs (…, I).

        Args:
            rows: features in their own units (…, F).
            spans: elapsed times before each row (…,).

        Raises:
            ValueError: a row does not hold F finite numbers.
        """
        values = self._read(rows)
        u = self.scaling(values)
        finite = np.isfinite(u.numpy())
        if not finite.all():
            place = tuple(np.argwhere(~finite)[0])
            raise ValueError(f"feature {self.features[place[-1]]!r} is {values[place]}: pass finite numbers")
        return torch.cat([u, log_timespans(spans)], -1) if self.logs_time else u

    def read_out(self, output: Tensor) -> Rows:
        """From what the read-out gives (…, O) to probabilities, or to numbers in their own units."""
        if not self.regression:
            return np.asarray(output.double().softmax(-1))
        return self.target_scaling.restored(np.asarray(output.double()))

    def predict(self, x: ArrayLike, timespans: ArrayLike | None = None) -> Rows:
        """What the model says at every row, each series started from a zero state.

        Args:
            x: features in their own units, one series (T, F) or several (B, T, F).
            timespans: elapsed time before each row, in the unit of the data that the model was trained on: one number,
                (T,), or (B, T); None for 1.

        Returns:
            Probabilities by class, or numbers in their own units: (T, O) or (B, T, O), in the order of `outputs`.

        Raises:
            ValueError: a shape or a value makes no sense, or elapsed times for a model that knows none.

        Example:
            >>> import liquidtime
            >>> model = liquidtime.load("runs/occupancy-ltc-1")  # doctest: +SKIP
            >>> model.predict([[23.2, 27.3, 426.0, 721.2, 0.0048]]).shape  # doctest: +SKIP
            (1, 2)
        """
        rows = self._read(x)
        if rows.ndim not in (2, 3) or 0 in rows.shape:
            raise ValueError(f"x has shape {rows.shape}: pass (T, {len(self.features)}) or (B, T, …), none of them 0")
        spans = self.check_spans("timespans", timespans, rows.shape[:-1])
        u = self.scale(rows, spans)
        batch = (u, spans) if rows.ndim == 3 else (u.unsqueeze(0), spans.unsqueeze(0))
        with torch.no_grad():
            output, _ = self.model(batch[0], None, batch[1] if self.model.takes_time else None)
        return self.read_out(output if rows.ndim == 3 else output[0])

    def stream(self) -> Live:
        """The model sample by sample, from a zero state."""
        return Live(self)

    def check_spans(self, name: str, spans: ArrayLike | None, shape: tuple[int, ...]) -> Tensor:
        """Elapsed times of a shape, as float32.

        Raises:
            ValueError: they are negative, not finite, of another shape, or the model knows no time.
        """
        if spans is not None and not self.takes_time:
            raise ValueError(f"{name} for {self.run.recipe.model!r}: it knows no time, leave them out")
        try:
            values = np.asarray(1.0 if spans is None else spans, dtype=np.float32)
            values = values if values.shape == shape else np.broadcast_to(values, shape).copy()
        except (TypeError, ValueError):
            raise ValueError(f"{name} do not fit rows of shape {shape}: pass one number, or one for each row") from None
        right = (values >= 0) & (values < np.inf)
        if not right.all():
            raise ValueError(f"{name}: {values[~right][0]}: elapsed times are finite and not negative")
        return torch.from_numpy(values)

    def _read(self, rows: ArrayLike) -> Rows:
        F = len(self.features)
        try:
            values = np.asarray(rows, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"rows are no table of numbers ({error}): pass {F} features each") from None
        if values.ndim == 0 or values.shape[-1] != F:
            names = ", ".join(self.features[:6]) + (" …" if F > 6 else "")
            raise ValueError(f"rows have shape {values.shape}: the last axis holds the {F} features {names}")
        return values


def load(run: str | Path) -> Trained:
    """A trained run, ready for use. Reads tensors and JSON, so no code can be run.

    Args:
        run: the folder of a finished run.

    Raises:
        RunFolderError: there is no run, it is unfinished, or a file is missing, cut off or damaged.

    Example:
        >>> import liquidtime
        >>> model = liquidtime.load("runs/occupancy-ltc-1")  # doctest: +SKIP
        >>> stream = model.stream()  # doctest: +SKIP
        >>> stream([23.2, 27.3, 426.0, 721.2, 0.0048])  # doctest: +SKIP
        {'free': 0.01…, 'occupied': 0.98…}
    """
    opened = open_run(run)
    return Trained(opened, load_model(opened))
