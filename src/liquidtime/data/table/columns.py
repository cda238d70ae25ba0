"""Which columns become inputs, and by what they are scaled."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from liquidtime.data.table.kinds import Kind, refuse_words
from liquidtime.data.table.layout import NUMBER
from liquidtime.data.table.moments import FORMATS
from liquidtime.data.table.opening import Source
from liquidtime.data.table.options import Options
from liquidtime.data.table.rows import Rows, Stretch
from liquidtime.data.table.schema import Column

LARGEST = 1e100
"""No measurement is larger."""
LONG = 100
"""Characters that the name of a category may have."""
MANY = 64
"""A column of more texts holds no categories."""


def choose(
    sources: Sequence[Source], kinds: Mapping[str, Kind], options: Options
) -> tuple[dict[str, Kind], dict[str, str]]:
    """The columns to read by name, the target first, and why others are left out.

    Raises:
        ValueError: the target cannot be predicted, or a column that mostly holds numbers holds something else too.
    """
    target = options.target
    for name, kind in kinds.items():
        if kind.name == "mixed":
            ignore = "" if name == target else f"--ignore {name!r} or "
            out = f"drop the row, or pass {ignore}--categorical {name!r}"
            refuse_words(sources, name, "most values there are", out)
    if kinds[target].name in ("nothing", "date", "other"):
        what = {"nothing": "no values", "date": "dates", "other": f"{sources[0].schema[target]} values"}
        raise ValueError(f"target {target} holds {what[kinds[target].name]}: name a column of numbers or of classes")
    chosen, left = {target: kinds[target]}, dict.fromkeys(options.ignore, "as asked")
    for name, kind in kinds.items():
        if name == NUMBER:
            left[name] = "has no name"
        elif kind.name in ("nothing", "other"):
            left[name] = "holds no values" if kind.name == "nothing" else f"holds {sources[0].schema[name]} values"
        elif name != target and (kind.name == "date" or (kind.different and _dated(sources[0], name))):
            left[name] = f"dates; pass --time {name!r} if they say when a row is"
        elif kind.different > MANY and name != target:
            left[name] = f"about {kind.different:,} different texts"
        elif name != target:
            chosen[name] = kind
    return chosen, left


def refuse_infinite(rows: Rows, names: Iterable[str]) -> None:
    """Whether all numbers are finite, and their squares are.

    Raises:
        ValueError: one is not; the message names the first of a column.
    """
    for name in names:
        values = rows.frame[name]
        if values.dtype == pl.Float64 and (wrong := values.abs() > LARGEST).any():
            row = int(wrong.arg_max() or 0)
            what = "a finite number" if np.isinf(values[row]) else f"a number up to {LARGEST:g}"
            raise ValueError(
                f"{rows.place(row, name)}: {values[row]} is not {what}: leave the field empty, or drop the row"
            )


def fit(rows: Rows, kinds: Mapping[str, Kind], train: Sequence[Stretch], left: dict[str, str]) -> list[Column]:
    """The columns as inputs, scaled by the training rows; those that say nothing there are told to `left`."""
    fitted = []
    for name, kind in kinds.items():
        values = rows.frame[name]
        told = pl.concat([values[one.start : one.stop] for one in train]).drop_nulls()
        gaps = values.null_count() > 0
        if told.n_unique() < 2 and not (gaps and len(told)):
            left[name] = f"always {told[0]} in the part to train on" if len(told) else "empty in the part to train on"
        elif kind.name == "category":
            categories = tuple(told.unique().sort().to_list())
            longest = max(map(len, categories))
            if len(categories) > MANY or longest > LONG:
                left[name] = f"{len(categories):,} different texts of up to {longest:,} characters"
            else:
                fitted.append(Column(name, "category", gaps, categories=categories))
        elif kind.name == "boolean":
            fitted.append(Column(name, "boolean", gaps))
        elif _counts_rows(rows, values):
            left[name] = "numbers the rows"
        else:
            numbers = told.to_numpy()
            std = float(numbers.std())
            low, high = float(numbers.min()), float(numbers.max())
            fitted.append(Column(name, "number", gaps, float(numbers.mean()), std or 1.0, low, high))
    return fitted


def _dated(source: Source, name: str) -> bool:
    first = (
        source.lazy.select(pl.col(name).cast(pl.String).str.strip_chars()).head(100).collect().to_series().drop_nulls()
    )
    return any(len(first) > 0 and first.str.to_datetime(form, strict=False).null_count() == 0 for form in FORMATS)


def _counts_rows(rows: Rows, values: pl.Series) -> bool:
    """Whether numbers go up by one from row to row of the file."""
    if len(rows) < 3 or values.null_count() or not 0 <= values[1] - values[0] == values[2] - values[1]:
        return False
    origin: NDArray[np.int64] = np.arange(len(rows)) if rows.origin is None else rows.origin
    files = np.searchsorted([start for _, start in rows.files], origin, side="right")
    inside = np.diff(files) == 0
    return bool((np.diff(values.to_numpy())[inside] == np.diff(origin)[inside]).all())
