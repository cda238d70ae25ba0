"""The rows of some files in memory: each series in one stretch, in time order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from liquidtime.data.table import kinds
from liquidtime.data.table.moments import Clock, check_times
from liquidtime.data.table.opening import Source, collect
from liquidtime.data.table.places import at, cut

READERS = {"number": kinds.number, "boolean": kinds.boolean, "category": kinds.category}
TIME, GROUP = "\0time", "\0group"
"""Names that no file can have."""
REPEATED = 0.5
"""If a larger share of rows repeats the time of the row before, they are not one series."""


@dataclass(frozen=True)
class Stretch:
    """A series: rows `start` to `stop` − 1."""

    name: str
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one or more series, one after another.

    Args:
        frame: one column each, float64, boolean or text.
        series: where each series is.
        time: when each row is (R,), in seconds or in units of its own; None where nobody said.
        origin: its row in the files, joined (R,); None where that is the same.
        files: the name of each file, and how many rows stand before it.
        repeats: how many rows repeated a time and are gone.
    """

    frame: pl.DataFrame
    series: tuple[Stretch, ...]
    time: NDArray[np.float64] | None
    origin: NDArray[np.int64] | None
    files: tuple[tuple[str, int], ...]
    repeats: int = 0

    def __len__(self) -> int:
        return self.series[-1].stop if self.series else 0

    def place(self, row: int, column: str) -> str:
        """Where a field stands in the files."""
        joined = row if self.origin is None else int(self.origin[row])
        name, start = next((name, start) for name, start in reversed(self.files) if start <= joined)
        return at(name, joined - start, column)

    def keep(self, kept: NDArray[np.bool_], repeats: int = 0) -> "Rows":
        """Some of the rows; series that lose all of theirs are gone."""
        if kept.all():
            return self
        before = np.concatenate([[0], np.cumsum(kept)])
        moved = [Stretch(one.name, int(before[one.start]), int(before[one.stop])) for one in self.series]
        return Rows(
            self.frame.filter(pl.Series(kept)),
            tuple(one for one in moved if len(one)),
            None if self.time is None else self.time[kept],
            np.flatnonzero(kept) if self.origin is None else self.origin[kept],
            self.files,
            self.repeats + repeats,
        )

    def elapsed(self) -> NDArray[np.float64]:
        """Time from the row before (R,); 1 where no times are told; NaN in the first row of each series."""
        starts = [one.start for one in self.series]
        spans = np.ones(len(self)) if self.time is None else np.diff(self.time, prepend=np.nan)
        spans[starts] = np.nan
        return spans


def read(sources: Sequence[Source], columns: Mapping[str, str], clock: Clock | None, group: str | None) -> Rows:
    """Read the needed columns of some files.

    Args:
        sources: the files; each is a series of its own, or several.
        columns: the kind of each, one of `READERS`.
        clock: how times are written; None where there are none.
        group: the column that says to which series a row belongs.

    Raises:
        ValueError: a file cannot be read, a row has no time or no group, or the rows of a series are not in time order.
    """
    parts, files, start = [], [], 0
    for source in sources:
        part = _part(source, columns, clock, group)
        if clock is not None:
            check_times(part[TIME], clock, source)
        files.append((source.name, start))
        parts.append(part)
        start += source.rows
    frame = parts[0] if len(parts) == 1 else pl.concat(parts)
    del parts
    stretches, order = _series(frame, files, start, group)
    if order is not None:
        frame = frame[order]
    time = frame[TIME].to_numpy() if clock is not None else None
    rows = Rows(frame.drop(TIME, GROUP, strict=False), stretches, time, order, tuple(files))
    if clock is not None:
        _check_order(rows, clock.column, group is None)
    return rows


def _part(source: Source, columns: Mapping[str, str], clock: Clock | None, group: str | None) -> pl.DataFrame:
    """The columns of one file, in haste first; those that then lack values once more, with care."""
    schema = source.schema
    careful = {name: READERS[kind](name, schema[name]) for name, kind in columns.items()}
    quick = {name: kinds.number(name, schema[name], quick=True) for name, kind in columns.items() if kind == "number"}
    if clock is not None:
        careful[TIME] = clock.read(schema[clock.column])
        quick[TIME] = clock.read(schema[clock.column], quick=True)
    if group is not None:
        careful[GROUP] = kinds.category(group, schema[group])
    part = collect(source.lazy.select(**(careful | quick)), source.name)
    if len(part) != source.rows:
        raise ValueError(
            f"{source.name}: {source.rows:,} lines but {len(part):,} rows: quotes within a field are not "
            "doubled, mend them"
        )
    again = [name for name in quick if part[name].null_count()]
    if again:
        part = part.with_columns(collect(source.lazy.select(**{name: careful[name] for name in again}), source.name))
    return part


def _series(
    frame: pl.DataFrame, files: Sequence[tuple[str, int]], rows: int, group: str | None
) -> tuple[tuple[Stretch, ...], NDArray[np.int64] | None]:
    """Where each series is once the rows are in the returned order; None for the order they have."""
    ends = [*(start for _, start in files[1:]), rows]
    if group is None:
        return tuple(Stretch(name, start, stop) for (name, start), stop in zip(files, ends, strict=True)), None
    names: list[str] = []
    codes = np.empty(rows, np.int64)
    for (file, start), stop in zip(files, ends, strict=True):
        labels = frame[GROUP][start:stop]
        missing = labels.is_null().arg_true()
        if len(missing):
            raise ValueError(f"{at(file, int(missing[0]), group)}: no group: give it one, or drop the row")
        different = labels.unique(maintain_order=True)
        codes[start:stop] = labels.replace_strict(
            different, pl.int_range(len(different), eager=True) + len(names), return_dtype=pl.Int64
        ).to_numpy()
        names += [cut(label) if len(files) == 1 else f"{file} {cut(label)}" for label in different]
    bounds = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(names)))]).tolist()
    stretches = tuple(Stretch(name, *ends) for name, *ends in zip(names, bounds[:-1], bounds[1:], strict=True))
    order = None if bool((np.diff(codes) >= 0).all()) else np.argsort(codes, kind="stable")
    return stretches, order


def without_repeats(rows: Rows) -> Rows:
    """The rows without those that repeat the time of the row before."""
    repeats = rows.elapsed() == 0
    return rows.keep(~repeats, int(repeats.sum()))


def _check_order(rows: Rows, column: str, alone: bool) -> None:
    """Whether time goes on in every series.

    Raises:
        ValueError: a time lies before that of the row above, or most of them repeat it.
    """
    spans = rows.elapsed()
    back = np.flatnonzero(spans < 0)
    grouped = "pass --group COLUMN if these are several series" if alone else "each group has to be in time order"
    if len(back):
        raise ValueError(
            f"{rows.place(int(back[0]), column)}: earlier than the row before it: sort the rows by time; {grouped}"
        )
    repeats = spans == 0
    if (count := int(repeats.sum())) > REPEATED * len(rows):
        raise ValueError(
            f"{rows.place(int(repeats.argmax()), column)}: the same time as the row before it, like {count:,} of "
            f"{len(rows):,} rows: {grouped}"
        )
