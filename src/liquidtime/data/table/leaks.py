"""Columns that give the target away."""

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from liquidtime.data.table.goal import Goal
from liquidtime.data.table.rows import Rows

SAMPLE = 4096
"""What does not hold here is not looked at elsewhere."""
ALIKE = 1e-9
"""How far the correlation of a copy may be from 1."""


def refuse_leaks(rows: Rows, goal: Goal, target: str, columns: Iterable[str], horizon: int) -> None:
    """Refuse columns that hold the target: itself in other words, or its future.

    Raises:
        ValueError: there is one; the message names it.
    """
    for name in columns:
        if name == target:
            continue
        values, drop = rows.frame[name], f"pass --ignore {name!r}"
        if goal.classes:
            if all(_one_to_one(values[part], goal.values[part], len(goal.classes)) for part in _growing(rows)):
                raise ValueError(f"column {name} is the target {target} in other words, value for value: {drop}")
        elif values.dtype == pl.Float64:
            numbers = values.to_numpy()
            ahead = next((k for k in range(horizon + 1) if _copies(rows, numbers, goal.values, k)), None)
            if ahead is not None and (ahead > 0 or horizon == 0):
                when = f" {ahead} rows ahead" if ahead else ""
                raise ValueError(f"column {name} is the target {target}{when}, up to scale: {drop}")


def _growing(rows: Rows) -> Iterable[slice]:
    return (slice(0, min(SAMPLE, len(rows))), slice(0, len(rows)))


def _one_to_one(values: pl.Series, codes: NDArray[np.generic], classes: int) -> bool:
    """Whether each value stands for one class, and each class for one value."""
    if values.null_count() or values.n_unique() > classes:
        return False
    pairs = pl.DataFrame({"value": values, "class": codes}).n_unique()
    return pairs == values.n_unique() == len(np.unique(codes))


def _copies(rows: Rows, numbers: NDArray[np.float64], target: NDArray[np.generic], ahead: int) -> bool:
    """Whether a column is the target so many rows ahead, shifted and scaled."""
    longest = max(rows.series, key=len)
    for most in (SAMPLE, len(longest)):
        part = slice(longest.start, min(longest.start + most, longest.stop))
        here, there = numbers[part], target[part].astype(np.float64)
        if len(here) - ahead < 3:
            return False
        here, there = here[: len(here) - ahead], there[ahead:]
        if np.isnan(here).any() or np.ptp(here) == 0 or np.ptp(there) == 0:
            return False
        if not abs(float(np.corrcoef(here, there)[0, 1])) > 1 - ALIKE:
            return False
    return True
