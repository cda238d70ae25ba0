"""From files of one's own to a task like those of the published sets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor

from liquidtime.data.names import lookup
from liquidtime.data.series import every
from liquidtime.data.table import words
from liquidtime.data.table.columns import choose, fit, refuse_infinite
from liquidtime.data.table.encode import inputs, timespans
from liquidtime.data.table.goal import Goal, goal
from liquidtime.data.table.kinds import Kind, find
from liquidtime.data.table.leaks import refuse_leaks
from liquidtime.data.table.moments import clock_of
from liquidtime.data.table.opening import Source, opened
from liquidtime.data.table.options import Options
from liquidtime.data.table.parts import Parts, parts, window
from liquidtime.data.table.rows import Rows, Stretch, read, without_repeats
from liquidtime.data.table.schema import Schema
from liquidtime.data.task import Recording, Task
from liquidtime.data.windows import Windows

SCARCE = 0.01
"""A class of a smaller share of the rows is weighted as if it had so much."""
SHOWN = 20_000
"""Rows of all recordings together; more would make a page slow."""


@dataclass(frozen=True, eq=False)
class Understood:
    """A task, and what was understood of the files, a line by name."""

    task: Task
    lines: dict[str, str]


def load(files: Sequence[str], options: Options) -> Understood:
    """Read files of one's own, find out what they hold, split, scale and cut them.

    Args:
        files: CSV or Parquet files, patterns or folders; with more than one file each is a series of its own.
        options: which column is what.

    Raises:
        ValueError: a file cannot be read, or what is asked of it makes no sense; the message is one line and names
            file, row and column.
    """
    with opened(files) as sources:
        names = sources[0].schema.names()
        for name in (*options.roles, *options.ignore, *options.categorical):
            lookup("column", name, dict.fromkeys(names))
        clock = None if options.time is None else clock_of(sources, options.time, options.time_format)
        candidates = [name for name in names if name not in (options.time, options.group, *options.ignore)]
        kinds = find(sources, candidates)
        kinds |= {name: Kind("category") for name in options.categorical if name in kinds}
        chosen, left = choose(sources, kinds, options)
        rows = read(sources, {name: kind.name for name, kind in chosen.items()}, clock, options.group)
    rows = without_repeats(rows)
    refuse_infinite(rows, chosen)
    told = rows.frame[options.target].is_not_null().to_numpy()
    rows, untold = rows.keep(told), int((~told).sum())
    wanted = goal(rows, chosen[options.target], options)
    found, split = parts(rows, wanted, options)
    T = window(found, wanted, options)
    if wanted.task != "forecast":
        chosen = {name: kind for name, kind in chosen.items() if name != options.target}
    refuse_leaks(rows, wanted, options.target, chosen, options.horizon or 0)
    columns = fit(rows, chosen, found.train, left)
    if not columns:
        reasons = "; ".join(f"{name}: {why}" for name, why in left.items()) or "the target stands alone"
        raise ValueError(f"no column is left as an input ({reasons}): pass more columns, or --horizon N to forecast")
    schema = _scaled(
        Schema(options.target, wanted.task, tuple(columns), wanted.classes, options.horizon or 0), wanted, found
    )
    schema = replace(schema, clock=clock, group=options.group)
    if clock is not None:
        schema = replace(schema, span=_span(rows, found.train, options.time or ""))
    for feature in schema.features:
        if schema.features.count(feature) > 1:
            raise ValueError(f"two inputs would be called {feature!r}: rename a column")
    task = _task(sources, options, schema, rows, wanted, found, T, words.split(split, found))
    lines = words.understood(sources, options, schema, rows, wanted, found, left, untold)
    return Understood(task, lines | {"split": task.protocol, "to beat": words.to_beat(schema, wanted, found)})


def _scaled(schema: Schema, wanted: Goal, found: Parts) -> Schema:
    if schema.classes:
        return schema
    values = np.concatenate([wanted.values[one.start : one.stop + schema.horizon] for one in found.train])
    return replace(schema, target_mean=float(values.mean()), target_std=float(values.std()) or 1.0)


def _span(rows: Rows, train: Sequence[Stretch], column: str) -> float:
    """The median time from row to row of the training part."""
    elapsed = rows.elapsed()
    spans = np.concatenate([elapsed[one.start : one.stop] for one in train])
    spans = spans[np.isfinite(spans)]
    if len(spans) == 0:
        raise ValueError(f"time={column!r}: every series has one row only, so no time passes: leave --time out")
    return float(np.median(spans))


def labels(schema: Schema, wanted: Goal, pieces: Sequence[Stretch]) -> Tensor:
    """Classes (R,), int64, or scaled targets (R, O), float32, of the rows of pieces."""
    if wanted.classes:
        return torch.from_numpy(np.concatenate([wanted.values[one.start : one.stop] for one in pieces]))
    made = np.empty((sum(map(len, pieces)), len(schema.outputs)), np.float32)
    begin = 0
    for one in pieces:
        for output in range(made.shape[1]):
            ahead = output + 1 if schema.horizon else 0
            values = wanted.values[one.start + ahead : one.stop + ahead]
            made[begin : begin + len(one), output] = (values - schema.target_mean) / schema.target_std
        begin += len(one)
    return torch.from_numpy(made)


def _task(
    sources: Sequence[Source],
    options: Options,
    schema: Schema,
    rows: Rows,
    wanted: Goal,
    found: Parts,
    T: int,
    protocol: str,
) -> Task:
    pieces = [one for part in found for one in part]
    x, y = inputs(schema, rows, pieces), labels(schema, wanted, pieces)
    elapsed = None if schema.clock is None else _gather(timespans(schema, rows.elapsed()), pieces)
    sizes = [sum(map(len, part)) for part in found]
    bounds = np.concatenate([[0], np.cumsum(sizes)]).tolist()
    stride = words.stride(T, sizes[0])
    cuts = []
    for part, start, stop, step in zip(found, bounds[:-1], bounds[1:], (stride, T, T), strict=True):
        own = slice(start, stop)
        cuts.append(windows_of(part, x[own], y[own], None if elapsed is None else elapsed[own], T, step, wanted.last))
    test = slice(bounds[2], bounds[3])
    shown = recordings(schema, rows, found.test, x[test], y[test], None if elapsed is None else elapsed[test])
    mean, std = zip(*schema.scaling, strict=True)
    regression = not schema.classes
    counts = np.bincount(cuts[0].labels.numpy(), minlength=len(schema.classes)) if schema.classes else None
    return Task(
        name=words.table_name(sources),
        features=schema.features,
        classes=schema.classes,
        train=cuts[0],
        valid=cuts[1],
        test=cuts[2],
        recordings=shown,
        mean=mean,
        std=std,
        checksum={source.name: source.sha256 for source in sources},
        protocol=f"{protocol}; {words.windows(T, stride, wanted.last)}; inputs scaled by the part to train on",
        citation="",
        licence="",
        targets=schema.outputs,
        target_mean=(schema.target_mean,) * len(schema.outputs),
        target_std=(schema.target_std,) * len(schema.outputs),
        class_weights=_weights(counts) if options.class_weights == "balanced" and counts is not None else None,
        metric="squared_error" if regression else "f1" if words.lopsided(counts) else "accuracy",
        protocol_name="own",
        table={
            "options": options.to_dict(),
            "schema": schema.to_dict(),
            "window": T,
            "files": [str(source.path.absolute()) for source in sources],
        },
    )


def _gather(values: Tensor, pieces: Sequence[Stretch]) -> Tensor:
    if all(one.stop == other.start for one, other in pairwise(pieces)):
        return values[pieces[0].start : pieces[-1].stop]
    return torch.cat([values[one.start : one.stop] for one in pieces])


def windows_of(
    part: Sequence[Stretch], x: Tensor, y: Tensor, elapsed: Tensor | None, T: int, step: int, last: bool
) -> Windows:
    """Windows of pieces, one after another in the given rows.

    Args:
        part: the pieces; those shorter than T have no window, unless only the last label of each counts.
        x: their inputs (R, I).
        y: their labels.
        elapsed: time before each row (R,), or None.
        T: rows per window.
        step: from one to the next.
        last: whether each piece has one label; then it is one window, of its last T rows or all of them.
    """
    sizes = torch.tensor([len(one) for one in part])
    ends = sizes.cumsum(0)
    if last:
        lengths = sizes.clamp_max(T)
        return Windows(x, y, ends - lengths, int(lengths.max()), last=True, elapsed=elapsed, lengths=lengths)
    begins = (ends - sizes).tolist()
    starts = [begin + torch.tensor(every(len(one), T, step)) for begin, one in zip(begins, part, strict=True)]
    return Windows(x, y, torch.cat(starts).long(), T, elapsed=elapsed)


def recordings(
    schema: Schema, rows: Rows, pieces: Sequence[Stretch], x: Tensor, y: Tensor, elapsed: Tensor | None
) -> tuple[Recording, ...]:
    """Whole series for display, as many rows as a page can show."""
    mean, std = (np.array(values) for values in zip(*schema.scaling, strict=True))
    made: list[Recording] = []
    begin, room = 0, SHOWN
    for one in pieces:
        size = min(len(one), room)
        if size == 0:
            break
        own = slice(begin, begin + size)
        time = None
        if schema.clock is not None and rows.time is not None:
            time = schema.clock.moments(rows.time[one.start : one.start + size])
        name = one.name if size == len(one) else f"{one.name} (its first {size:,} of {len(one):,} rows)"
        raw = x[own].double().numpy() * std + mean
        made.append(Recording(name, time, x[own], raw, y[own], None if elapsed is None else elapsed[own]))
        begin, room = begin + len(one), room - size
    return tuple(made)


def _weights(counts: Any) -> tuple[float, ...]:
    """Each class counts alike: n / (K · max(n_k, n/100)); a class that is not there counts nothing.

    Without the bound a handful of rows, such as a slip of the pen, would outweigh all others.
    """
    there, rows = counts > 0, counts.sum()
    return tuple(np.where(there, rows / (there.sum() * np.maximum(counts, SCARCE * rows)), 0.0).tolist())
