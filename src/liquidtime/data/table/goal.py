"""What is to be predicted: found in the target column, unless the user says."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from liquidtime.data.table.kinds import Kind
from liquidtime.data.table.options import Options
from liquidtime.data.table.places import cut, shown
from liquidtime.data.table.rows import Rows

FEW = 10
"""Whole numbers that are no more than so many are classes, if the user does not say otherwise."""
LONG = 100
"""Characters that the name of a class may have."""
MOST = 100
"""More classes are none."""
ENOUGH = 10
"""Series with one label each are classified as series, if there are at least so many."""


@dataclass(frozen=True, eq=False)
class Goal:
    """What is to be predicted.

    Args:
        task: one of `options.TASKS`.
        values: class of each row (R,), int64, or its number, float64.
        classes: their names; empty for numbers.
    """

    task: str
    values: NDArray[np.int64] | NDArray[np.float64]
    classes: tuple[str, ...] = ()

    @property
    def last(self) -> bool:
        """Whether there is one label per series."""
        return self.task == "series-classification"


def goal(rows: Rows, kind: Kind, options: Options) -> Goal:
    """What is to be predicted of rows that all have a target.

    Raises:
        ValueError: there is nothing to tell apart, or the task that the user names does not fit the column.
    """
    name = options.target
    target = rows.frame[name]
    different = target.n_unique()
    if different < 2:
        raise ValueError(
            f"target {name} holds one value only ({cut(class_name(target[0]))}): there is nothing to predict"
        )
    task = "forecast" if options.horizon is not None else options.task or _found(rows, target, kind, different)
    if task in ("regression", "forecast"):
        if kind.name != "number":
            raise ValueError(f"target {name} holds no numbers: leave --task {task} and --horizon out, or name another")
        return Goal(task, target.to_numpy())
    if different > MOST:
        raise ValueError(f"target {name} holds {different:,} different values, more than {MOST} classes: name another")
    classes, codes = _classes(target)
    if (longest := max(map(len, classes))) > LONG:
        raise ValueError(
            f"target {name} holds texts of up to {longest:,} characters, no names of classes: name another"
        )
    if task == "series-classification":
        _check_constant(rows, codes, name)
    return Goal(task, codes, classes)


def _found(rows: Rows, target: pl.Series, kind: Kind, different: int) -> str:
    if kind.name == "number" and not (different <= FEW and bool((target == target.floor()).all())):
        return "regression"
    if len(rows.series) < ENOUGH:
        return "classification"
    each = all(target[one.start : one.stop].n_unique() == 1 for one in rows.series)
    return "series-classification" if each else "classification"


def class_name(value: object) -> str:
    """A value of the target as the name of a class.

    Example:
        >>> class_name(1.0), class_name(0.5), class_name(True), class_name("rest")
        ('1', '0.5', 'true', 'rest')
    """
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def known_classes(rows: Rows, target: str, classes: Sequence[str]) -> NDArray[np.int64]:
    """The class of each row (R,) among those of a trained model.

    Raises:
        ValueError: a row has another one; the message names it.
    """
    values = rows.frame[target].unique()
    names = [class_name(value) for value in values]
    for value, name in zip(values, names, strict=True):
        if name not in classes:
            row = int((rows.frame[target] == value).arg_max() or 0)
            raise ValueError(
                f"{rows.place(row, target)}: {shown(name)} is none of the classes that were trained "
                f"({', '.join(map(cut, classes[:8]))}{' …' if len(classes) > 8 else ''}): mend or drop the row"
            )
    codes = pl.Series([classes.index(name) for name in names], dtype=pl.Int64)
    return np.asarray(rows.frame[target].replace_strict(values, codes, return_dtype=pl.Int64).to_numpy())


def _classes(target: pl.Series) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Names in order, numbers by size, and the class of each row."""
    values = target.unique().sort()
    codes = target.replace_strict(values, pl.int_range(len(values), eager=True), return_dtype=pl.Int64)
    return tuple(map(class_name, values)), codes.to_numpy()


def _check_constant(rows: Rows, codes: NDArray[np.int64], name: str) -> None:
    for one in rows.series:
        changed = np.flatnonzero(codes[one.start : one.stop] != codes[one.start])
        if len(changed):
            raise ValueError(
                f"{rows.place(one.start + int(changed[0]), name)}: another label than in the first row of series "
                f"{one.name}: series-classification needs one label per series; pass --task classification, or --group"
            )
