"""New files with the columns that a model was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from liquidtime.data.names import lookup
from liquidtime.data.table import words
from liquidtime.data.table.columns import refuse_infinite
from liquidtime.data.table.encode import inputs, timespans
from liquidtime.data.table.goal import Goal, known_classes
from liquidtime.data.table.kinds import Kind, find, refuse_words
from liquidtime.data.table.opening import Source
from liquidtime.data.table.places import cut, shown
from liquidtime.data.table.rows import READERS, Rows, read, without_repeats
from liquidtime.data.table.schema import Column, Schema
from liquidtime.data.table.understood import labels, recordings, windows_of
from liquidtime.data.task import Task
from liquidtime.data.windows import pick

FAR = 10.0
"""A median time from row to row that is so many times larger or smaller may be another unit."""


@dataclass(frozen=True, eq=False)
class Known:
    """Rows of new files, read as a schema has it.

    Args:
        rows: without those that repeat a time, and for a forecast without those that have no target.
        stands: the row that stands for each row of the files, joined; −1 where none does.
        checksum: SHA-256 of each file.
        notes: what is unlike the rows that were trained on, by name.
    """

    rows: Rows
    stands: NDArray[np.int64]
    checksum: dict[str, str]
    notes: tuple[str, ...]


def recognise(schema: Schema, sources: Sequence[Source], *, labelled: bool) -> Known:
    """Read files by a schema, and say what is unlike the rows that it was made from.

    Args:
        schema: of a trained model.
        sources: the files.
        labelled: whether the target is needed; rows without one are left out.

    Raises:
        ValueError: a column is missing or holds something else than in training; the message names file, row and
            column.
    """
    columns = {column.name: column.kind for column in schema.columns}
    forecast = schema.target in columns
    if labelled and not forecast:
        columns[schema.target] = "category" if schema.classes else "number"
    needed = (*columns, *(name for name in (schema.clock and schema.clock.column, schema.group) if name))
    for name in needed:
        _demand_column(name, sources[0])
    kinds = find(sources, list(columns))
    for name, kind in columns.items():
        _check_kind(name, kind, kinds[name], sources)
    if labelled and schema.classes:
        # Numbers that name classes are read as numbers, so that 1 and 1.0 are the same class.
        columns[schema.target] = kinds[schema.target].name if kinds[schema.target].name in READERS else "category"
    everything = read(sources, columns, schema.clock, schema.group)
    refuse_infinite(everything, columns)
    rows = everything if schema.clock is None else without_repeats(everything)
    kept = np.full(len(everything), True) if schema.clock is None else everything.elapsed() != 0
    stands = np.cumsum(kept) - 1
    if labelled or forecast:
        told = rows.frame[schema.target].is_not_null().to_numpy()
        rows = rows.keep(told)
        stands = np.where(told, np.cumsum(told) - 1, -1)[stands]
    if everything.origin is not None:
        stands = stands[np.argsort(everything.origin)]
    if len(rows) == 0:
        raise ValueError(f"{sources[0].name}: no row has a value of {schema.target}: nothing can be said")
    checksum = {source.name: source.sha256 for source in sources}
    return Known(rows, stands, checksum, tuple(_notes(schema, rows)))


def known_task(schema: Schema, known: Known, name: str, config: Mapping[str, Any]) -> Task:
    """All rows of new files as the test part of a task that has no other.

    Args:
        schema: of a trained model.
        known: the rows, with their targets.
        name: what the task is called.
        config: of the run: `class_weights`, `metric`, and `table`.

    Raises:
        ValueError: a class was not trained, or no series has a whole window.
    """
    rows, T = known.rows, int(config["table"]["window"])
    pieces = [replace(one, stop=one.stop - schema.horizon) for one in rows.series if len(one) > schema.horizon]
    if schema.classes:
        wanted = Goal(schema.task, known_classes(rows, schema.target, schema.classes), schema.classes)
    else:
        wanted = Goal(schema.task, rows.frame[schema.target].to_numpy())
    x, y = inputs(schema, rows, pieces), labels(schema, wanted, pieces)
    spans = timespans(schema, rows.elapsed())
    elapsed = None if schema.clock is None else torch.cat([spans[one.start : one.stop] for one in pieces])
    windows = windows_of(pieces, x, y, elapsed, T, T, wanted.last)
    if len(windows) == 0:
        raise ValueError(f"{name}: no series has {T} rows, as one window of this model has: pass more rows")
    none = pick(windows, torch.arange(0))
    mean, std = zip(*schema.scaling, strict=True)
    return Task(
        name=name,
        features=schema.features,
        classes=schema.classes,
        train=none,
        valid=none,
        test=windows,
        recordings=recordings(schema, rows, pieces, x, y, elapsed),
        mean=mean,
        std=std,
        checksum=known.checksum,
        protocol=f"all rows of {name}, which the model never saw; windows of {T} rows, next to each other",
        citation="",
        licence="",
        targets=schema.outputs,
        target_mean=(schema.target_mean,) * len(schema.outputs),
        target_std=(schema.target_std,) * len(schema.outputs),
        class_weights=None if config["class_weights"] is None else tuple(config["class_weights"]),
        metric=config["metric"],
        protocol_name="own",
        table=config["table"],
    )


def _demand_column(name: str, source: Source) -> None:
    try:
        lookup("column", name, dict.fromkeys(source.schema.names()))
    except ValueError as error:
        raise ValueError(f"{source.name}: {error}; the model was trained with it") from error


def _check_kind(name: str, trained: str, kind: Kind, sources: Sequence[Source]) -> None:
    """Whether a column holds what it held in training; categories can be written in any way."""
    if kind.name == "nothing" or trained == "category" or kind.name == trained:
        return
    if trained == "boolean" and kind.name == "number":
        raise ValueError(f"{sources[0].name}: column {name} holds numbers, but true and false in training: write it so")
    if trained == "number" and sources[0].schema[name] == pl.String:
        refuse_words(sources, name, "all were in training", "or drop the row")
    raise ValueError(f"{sources[0].name}: column {name} is no {trained}, as it was in training: write it so")


def _notes(schema: Schema, rows: Rows) -> list[str]:
    notes = []
    spans = rows.elapsed() / schema.span
    spans = spans[np.isfinite(spans)]
    if len(spans) and not 1 / FAR < (median := float(np.median(spans))) < FAR:
        notes.append(
            f"{schema.clock.column if schema.clock else 'time'}: rows are {median:.3g} times as far apart as in "
            "training: is it another unit of time?"
        )
    for column in schema.columns:
        notes += _unlike(column, rows)
    return notes


def _unlike(column: Column, rows: Rows) -> list[str]:
    values = rows.frame[column.name]
    if column.kind == "number":
        outside = ((values < column.low) | (values > column.high)).fill_null(False)
        what = f"outside {column.low:.6g} to {column.high:.6g}, the range in training"
    elif column.kind == "category":
        outside = (~values.is_in(column.categories)).fill_null(False)
        what = "of a category that training did not have"
    else:
        return []
    if not outside.any():
        return []
    row = int(outside.arg_max() or 0)
    value = f"{values[row]:.6g}" if column.kind == "number" else shown(values[row])
    return [f"{cut(column.name)}: {words.count(int(outside.sum()))} {what} ({rows.place(row, column.name)}: {value})"]
