"""How raw rows become the inputs of a model: all of it plain numbers and words that a run folder keeps as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from liquidtime.data.table.moments import EPOCH, Clock
from liquidtime.data.table.options import TASKS

if TYPE_CHECKING:
    import polars as pl

FARTHEST = 1e30
"""Standard deviations that a value may be away from the mean; 32 bits hold 1e38."""
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Column:
    """A column of the file, and what a model sees of it.

        number, boolean     (x − mean) / std
        … with gaps         (last known x − mean) / std,  1 if x is known here else 0,  log(1 + time since / span)
        category            1 for its category and 0 for the others; all 0 where it is missing or another

    Args:
        name: in the header.
        kind: `number`, `boolean` or `category`.
        gaps: whether values may be missing.
        mean: of the training rows; 0 for booleans.
        std: likewise; 1 for booleans.
        low: the least training value.
        high: the largest.
        categories: those of the training rows.
    """

    name: str
    kind: str
    gaps: bool = False
    mean: float = 0.0
    std: float = 1.0
    low: float = 0.0
    high: float = 1.0
    categories: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the inputs that it becomes."""
        if self.kind == "category":
            return tuple(f"{self.name}={category}" for category in self.categories)
        return (self.name, f"{self.name} known", f"{self.name} log time since") if self.gaps else (self.name,)

    @property
    def scaling(self) -> tuple[tuple[float, float], ...]:
        """Mean and deviation of each of these inputs."""
        rest = ((0.0, 1.0),) * (len(self.features) - 1)
        return ((0.0, 1.0), *rest)[: len(self.features)] if self.kind == "category" else ((self.mean, self.std), *rest)


@dataclass(frozen=True)
class Memory:
    """What one row of a stream leaves behind for the next.

    Args:
        time: when it was.
        begun: when the first was.
        seen: the last known value of each column with gaps, and when it was known.
    """

    time: float
    begun: float
    seen: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Schema:
    """How rows as they stand in a file become what a model takes, and what it is to predict.

    Args:
        target: the column to predict.
        task: one of `TASKS`.
        columns: those that become inputs, in this order.
        classes: names of the classes; empty for numbers.
        horizon: N, rows ahead; 0 where it is no forecast.
        target_mean: of the target's training values; 0 for classes.
        target_std: likewise; 1 for classes.
        clock: how times are written; None where every row counts as 1.
        span: the median time from row to row of the training part, the unit of elapsed time.
        group: the column that says to which series a row belongs.

    Example:
        >>> import polars as pl
        >>> schema = Schema("on", "classification", (Column("heat", "number", mean=20.0, std=2.0),), ("0", "1"))
        >>> features, timespans = schema.encode(pl.DataFrame({"heat": ["22", "19"]}))
        >>> features.tolist(), timespans
        ([[1.0], [-0.5]], None)
        >>> schema.encode_row({"heat": 22}, None, None)[0].tolist()
        [1.0]
    """

    target: str
    task: str
    columns: tuple[Column, ...]
    classes: tuple[str, ...] = ()
    horizon: int = 0
    target_mean: float = 0.0
    target_std: float = 1.0
    clock: Clock | None = None
    span: float = 1.0
    group: str | None = None

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Names of the I inputs."""
        return tuple(feature for column in self.columns for feature in column.features)

    @property
    def scaling(self) -> tuple[tuple[float, float], ...]:
        """Mean and deviation of each input."""
        return tuple(pair for column in self.columns for pair in column.scaling)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the numbers to predict; empty for classes."""
        if self.classes:
            return ()
        return tuple(f"{self.target} +{ahead}" for ahead in range(1, self.horizon + 1)) or (self.target,)

    def encode(self, frame: "pl.DataFrame") -> tuple[Tensor, Tensor | None]:
        """One series, as its rows stand in a file.

        Args:
            frame: (R, columns), of any types that the files had; the target may be absent.

        Returns:
            Inputs (R, I), float32, and elapsed times (R,) in units of `span`, float32, None where there is no clock.
            The first row's elapsed time is 1.

        Raises:
            ValueError: a column is missing, a value is, in a column that had no gaps, or times go backwards.
        """
        # polars is for files; a stream of rows does without.
        from liquidtime.data.table.encode import encode

        return encode(self, frame)

    def encode_row(
        self, row: Mapping[str, Any], time: Any, memory: Memory | None
    ) -> tuple[Tensor, float | None, Memory]:
        """One row of a stream: the same numbers as `encode` gives, row by row.

        Args:
            row: values by column; None, NaN or an empty text where a value is missing.
            time: when it is, as the file would have it; ignored where there is no clock.
            memory: what the row before left behind; None at the start of a series.

        Returns:
            Inputs (I,), float32; elapsed time in units of `span`, None where there is no clock; what to pass next.

        Raises:
            ValueError: a column is missing, a value is, in a column that had no gaps, is of another kind, or the time
                is before that of the row before.
        """
        from liquidtime.data.table.stream import encode_row

        return encode_row(self, row, time, memory)

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        stored = asdict(self)
        stored["classes"] = list(self.classes)
        stored["columns"] = [asdict(column) | {"categories": list(column.categories)} for column in self.columns]
        return stored

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Schema":
        """What `to_dict` gave.

        Raises:
            ValueError: a field is missing, unknown or makes no sense.
        """
        _demand(_same_keys(stored, cls), "schema", "the fields that training wrote")
        columns, clock = stored["columns"], stored["clock"]
        _demand(isinstance(columns, list) and all(_same_keys(one, Column) for one in columns), "columns", "columns")
        _demand(clock is None or _same_keys(clock, Clock), "clock", "a clock or null")
        _demand(_texts(stored["classes"]), "classes", "a list of texts")
        for column in columns:
            _demand(_texts(column["categories"]), "categories", "a list of texts")
        schema = cls(
            **{
                **stored,
                "columns": tuple(Column(**{**one, "categories": tuple(one["categories"])}) for one in columns),
                "classes": tuple(stored["classes"]),
                "clock": None if clock is None else Clock(**clock),
            }
        )
        schema._check()
        return schema

    def _check(self) -> None:
        _demand(isinstance(self.target, str), "target", "a text")
        _demand(isinstance(self.task, str) and self.task in TASKS, "task", ", ".join(TASKS))
        _demand(bool(self.classes) == self.task.endswith("classification"), "classes", "those of the task")
        _demand(type(self.horizon) is int and (self.horizon > 0) == (self.task == "forecast"), "horizon", "a number")
        _demand(self.group is None or isinstance(self.group, str), "group", "a text or null")
        _demand(_finite(self.target_mean) and _positive(self.target_std), "target_std", "positive numbers")
        _demand(_positive(self.span), "span", "a positive number")
        for column in self.columns:
            _demand(isinstance(column.name, str) and isinstance(column.gaps, bool), "columns", "names and truth values")
            _demand(column.kind in ("number", "boolean", "category"), "kind", "number, boolean or category")
            _demand(_positive(column.std) and _finite(column.mean), f"std of {column.name}", "positive numbers")
            _demand(_finite(column.low) and _finite(column.high), f"low of {column.name}", "numbers")
        if self.clock is not None:
            form, epoch = self.clock.form, self.clock.epoch
            _demand(isinstance(self.clock.column, str), "clock", "a column")
            _demand(form is None or isinstance(form, str), "clock", "a format or null")
            _demand(isinstance(epoch, str) and epoch in ("", *EPOCH), "clock", f"an epoch in {', '.join(EPOCH)}")
        _demand(len(set(self.features)) == len(self.features) > 0, "columns", "different names, at least one")


def _same_keys(stored: object, kind: type) -> bool:
    return isinstance(stored, dict) and sorted(stored) == sorted(kind.__dataclass_fields__)  # type: ignore[attr-defined]


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


def _positive(value: object) -> bool:
    return _finite(value) and value > 0  # type: ignore[operator]


def _demand(holds: bool, name: str, expected: str) -> None:
    if not holds:
        raise ValueError(f"{name} makes no sense: expected {expected}")
