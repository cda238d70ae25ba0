"""From columns to inputs, a whole series or many at once."""

from collections.abc import Callable

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from liquidtime.data.names import lookup
from liquidtime.data.table.kinds import MISSING, TRUTHS
from liquidtime.data.table.opening import reason
from liquidtime.data.table.places import at, shown
from liquidtime.data.table.rows import READERS, Rows, Stretch
from liquidtime.data.table.schema import FARTHEST, Column, Numbers, Schema

FRAME = "frame"
"""What rows that come from no file are called."""


def encode(schema: Schema, frame: pl.DataFrame) -> tuple[Tensor, Tensor | None]:
    """One series; see `Schema.encode`."""
    clock, wanted = schema.clock, {column.name: column.kind for column in schema.columns}
    for name in (*wanted, *([] if clock is None else [clock.column])):
        lookup("column", name, dict.fromkeys(frame.columns))
    try:
        typed = frame.select(READERS[kind](name, frame.schema[name]).alias(name) for name, kind in wanted.items())
        time = None if clock is None else frame.select(clock.read(frame.schema[clock.column])).to_series()
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{FRAME} cannot be read as rows ({reason(error)})") from error
    if time is not None and (time.null_count() or not bool(time.is_finite().all())):
        raise ValueError(f"{FRAME}: column {time.name} has rows without a time: drop them")
    seconds = None if time is None else time.to_numpy()
    for column in schema.columns:
        _check_values(column, frame[column.name], typed[column.name])
    rows = Rows(typed, (Stretch(FRAME, 0, len(frame)),), seconds, None, ((FRAME, 0),))
    spans = rows.elapsed()
    if clock is not None and bool((spans < 0).any()):
        raise ValueError(f"{at(FRAME, int((spans < 0).argmax()), clock.column)}: earlier than the row before it")
    return inputs(schema, rows), None if clock is None else timespans(schema, spans)


def _check_values(column: Column, raw: pl.Series, typed: pl.Series) -> None:
    """Whether every value is of the column's kind, or missing."""
    words = raw.cast(pl.String).str.strip_chars()
    if column.kind == "boolean":
        strange = ~words.str.to_lowercase().is_in(["", *TRUTHS])
    else:
        strange = typed.is_null() & ~words.is_in(["", *MISSING])
        strange |= typed.is_infinite() if column.kind == "number" else False
    rows = strange.fill_null(False).arg_true()
    if len(rows):
        row, what = int(rows[0]), "finite number" if column.kind == "number" else "truth value"
        raise ValueError(f"{at(FRAME, row, column.name)}: {shown(words[row])} is no {what}")


def timespans(schema: Schema, elapsed: Numbers) -> Tensor:
    """Elapsed times in the schema's units; the first of a series, NaN, counts as 1."""
    with np.errstate(over="ignore"):
        return torch.from_numpy(np.where(np.isnan(elapsed), 1.0, elapsed / schema.span).astype(np.float32))


def inputs(schema: Schema, rows: Rows, pieces: list[Stretch] | None = None) -> Tensor:
    """The inputs (R, I) of rows, float32; one column at a time, so that they are never there twice.

    Args:
        schema: how.
        rows: the series.
        pieces: which rows, in which order; None for all.

    Raises:
        ValueError: a value is missing in a column that had no gaps.
    """
    pieces = [Stretch("", 0, len(rows))] if pieces is None else pieces
    made = np.empty((sum(map(len, pieces)), len(schema.features)), np.float32)
    place = 0

    def put(values: NDArray[np.generic]) -> None:
        nonlocal place
        begin = 0
        for piece in pieces:
            made[begin : begin + len(piece), place] = values[piece.start : piece.stop]
            begin += len(piece)
        place += 1

    for column in schema.columns:
        _column(schema, column, rows, put)
    return torch.from_numpy(made)


def _column(schema: Schema, column: Column, rows: Rows, put: Callable[[NDArray[np.generic]], None]) -> None:
    values = rows.frame[column.name]
    missing = values.is_null()
    if not column.gaps and missing.any():
        raise ValueError(
            f"{rows.place(int(missing.arg_max() or 0), column.name)}: no value, and in training none was missing: give "
            "it one, drop the row, or train again on rows that have gaps too"
        )
    if column.kind == "category":
        for category in column.categories:
            put((values == category).fill_null(False).to_numpy())
        return
    numbers = values.cast(pl.Float64).to_numpy()
    with np.errstate(over="ignore"):
        scaled = (numbers - column.mean) / column.std
    if (far := np.abs(scaled) > FARTHEST).any():
        raise ValueError(
            f"{rows.place(int(far.argmax()), column.name)}: {numbers[far.argmax()]:g} is too far from the values in "
            f"training ({column.low:g} to {column.high:g}): mend it, or drop the row"
        )
    if not column.gaps:
        put(scaled)
        return
    known = ~missing.to_numpy()
    begun = np.concatenate([np.full(len(one), one.start) for one in rows.series])
    last = np.maximum.accumulate(np.where(known, np.arange(len(rows)), -1))
    ever = last >= begun
    put(np.where(ever, scaled[last], 0.0))
    put(known)
    time = np.arange(len(rows), dtype=np.float64) if rows.time is None else rows.time
    put(np.log1p((time - time[np.where(ever, last, begun)]) / schema.span))
