"""What the user says about files of their own."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from liquidtime.data.names import lookup

TASKS = {
    "classification": "one label per row",
    "series-classification": "one label per series",
    "regression": "one number per row",
    "forecast": "the numbers of the next rows",
}
SPLITS = {"time": "each series in its own time order", "group": "whole series"}
WEIGHTS = {"none": "every label counts alike", "balanced": "every class counts alike"}


@dataclass(frozen=True)
class Options:
    """Which column is what, and what is to be made of it. What is None is found in the data.

    Args:
        target: the column to predict.
        time: the column that says when a row is; None where every row counts as 1.
        time_format: how its dates are written, as of `strftime`; None for ISO 8601.
        group: the column that says to which series a row belongs; several files are series of their own anyway.
        task: one of `TASKS`.
        horizon: N, rows ahead to forecast.
        split: one of `SPLITS`.
        window: T, rows per training window.
        ignore: columns to leave out.
        categorical: columns of numbers that name categories.
        class_weights: one of `WEIGHTS`.

    Raises:
        ValueError: a name is none of these, a number makes no sense, or two options contradict each other.
    """

    target: str
    time: str | None = None
    time_format: str | None = None
    group: str | None = None
    task: str | None = None
    horizon: int | None = None
    split: str | None = None
    window: int | None = None
    ignore: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    class_weights: str = "none"

    def __post_init__(self) -> None:
        if self.task is not None:
            lookup("task", self.task, TASKS)
        if self.split is not None:
            lookup("split", self.split, SPLITS)
        lookup("class weights", self.class_weights, WEIGHTS)
        for name in ("horizon", "window"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int) and not isinstance(value, bool) and value >= 1):
                raise ValueError(f"{name}={value!r}: pass a whole number, at least 1")
        if self.task == "forecast" and self.horizon is None:
            raise ValueError("task='forecast' without a horizon: pass --horizon N, how many rows ahead")
        if self.horizon is not None and self.task not in (None, "forecast"):
            raise ValueError(f"horizon={self.horizon} for {self.task}: only a forecast has one, leave it out")
        if self.time_format is not None and self.time is None:
            raise ValueError(f"time_format={self.time_format!r} without a time column: pass --time COLUMN too")
        roles = [self.target, self.time, self.group]
        for role in ("time", "group"):
            if getattr(self, role) == self.target:
                raise ValueError(f"{role}={self.target!r} is the target: name another column")
        if self.time is not None and self.time == self.group:
            raise ValueError(f"time={self.time!r} is the group: name another column")
        for name in self.ignore:
            if name in roles:
                raise ValueError(f"ignore={name!r} is a column that is asked for: leave one of both out")

    @property
    def roles(self) -> tuple[str, ...]:
        """The columns that are asked for by name."""
        return tuple(name for name in (self.target, self.time, self.group) if name is not None)

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self) | {"ignore": list(self.ignore), "categorical": list(self.categorical)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> "Options":
        """What `to_dict` gave.

        Raises:
            ValueError: a field is missing, unknown or wrong.
        """
        names = {field.name: field for field in fields(cls)}
        for name in stored:
            lookup("option", name, names)
        for name in names:
            if name not in stored:
                raise ValueError(f"the option {name} is missing")
        for name in ("ignore", "categorical"):
            if not (isinstance(stored[name], list) and all(isinstance(one, str) for one in stored[name])):
                raise ValueError(f"{name}={stored[name]!r}: expected a list of texts")
        for name in ("target", "time", "time_format", "group"):
            if not (isinstance(stored[name], str) or (stored[name] is None and name != "target")):
                raise ValueError(f"{name}={stored[name]!r}: expected a text")
        texts = {name: tuple(stored[name]) for name in ("ignore", "categorical")}
        return cls(**{**stored, **texts})
