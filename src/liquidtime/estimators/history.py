"""Series of the past, and the windows that a forecaster learns from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from liquidtime.estimators.series import Collection, Rows, read_elapsed, read_list, refuse


class Parts(NamedTuple):
    """Numbers of the windows to learn from, to choose the epoch, and to calibrate intervals."""

    train: NDArray[np.int64]
    valid: NDArray[np.int64]
    calibration: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class History:
    """Series of what is to be forecast, and of what goes along with it.

    Args:
        series: the rows are (y, X), in their own units.
        targets: D, how many of the columns are y.
        single: whether it came as one series rather than as many.
        flat: whether y had no axis of variables.
    """

    series: Collection
    targets: int
    single: bool
    flat: bool

    @property
    def y(self) -> Rows:
        """What is to be forecast (R, D)."""
        return self.series.rows[:, : self.targets]


def shaped(forecasts: Rows, single: bool, flat: bool) -> Rows:
    """Forecasts (n, N, D) in the form of y: without n if there was one series, without D if it was flat."""
    values = forecasts[..., 0] if flat else forecasts
    return values[0] if single else values


def read_history(y: Any, X: Any, timespans: Any) -> History:
    """What a user passes.

    Args:
        y: one series, (T,) or (T, D); or several, a list of arrays, or (n, T, D).
        X: None, or for each series (T, I).
        timespans: None, or for each series (T,).

    Raises:
        ValueError: shapes do not go together, or a value is missing; the message says where.
    """
    if y is None:
        raise ValueError("y=None: pass a series (T,) or (T, D), or a list of them")
    many = (isinstance(y, list | tuple) and len(y) > 0 and isinstance(y[0], np.ndarray)) or np.ndim(y) == 3
    arrays = [np.asarray(one) for one in (y if many else [y])]
    flat = arrays[0].ndim == 1
    rows, lengths = _read("y", arrays, flat)
    D = rows.shape[1]
    if X is not None:
        told = [np.asarray(one) for one in (X if many else [X])]
        own, others = _read("X", told, told[0].ndim == 1)
        if others.tolist() != lengths.tolist():
            raise ValueError(f"X has {others.tolist()} rows and y has {lengths.tolist()}: pass one row for each of y")
        rows = np.concatenate([rows, own], 1)
    elapsed = read_elapsed(timespans if many or timespans is None else [timespans], lengths)
    return History(Collection(rows, lengths, elapsed, stacked=False), D, single=not many, flat=flat)


def differenced(history: History) -> Collection:
    """The series with y_t − y_{t−1} in place of y_t; a series' first row, which nothing comes before, has 0."""
    y = history.y
    change = np.diff(y, axis=0, prepend=y[:1])
    change[history.series.starts] = 0
    return replace(history.series, rows=np.concatenate([change, history.series.rows[:, history.targets :]], 1))


def ahead(history: History, horizon: int) -> Rows:
    """y_{t+1} … y_{t+N} of every row (R, N, D), meaningless where the series ends before."""
    count = len(history.y)
    future: Rows = history.y[np.minimum(np.arange(count)[:, None] + np.arange(1, horizon + 1), count - 1)]
    return future


def window_starts(history: History, skip: int, length: int, horizon: int) -> list[NDArray[np.int64]]:
    """First rows of the windows of each series that have all of their future within it.

    Args:
        history: the series.
        skip: rows at the beginning of each series that no window may hold.
        length: T, rows per window.
        horizon: N, rows that follow it.
    """
    counts = np.maximum(history.series.lengths - skip - length - horizon + 1, 0)
    return [start + skip + np.arange(count) for start, count in zip(history.series.starts, counts, strict=True)]


def in_time(starts: Sequence[NDArray[np.int64]], valid: float | None, calibration: float | None, horizon: int) -> Parts:
    """Split each series' windows by time: learn from the first, choose on the next, calibrate on the last.

    Between two parts N − 1 windows are left out, so that no value is foreseen in two of them.

    Args:
        starts: first rows of each series' windows, in order.
        valid: the share that chooses the epoch; None for none: then the windows learned from choose.
        calibration: the share that calibrates; None for none.
        horizon: N.
    """
    parts: tuple[list[NDArray[np.int64]], ...] = ([], [], [])
    for own in starts:
        kept = own
        for part, share in ((parts[2], calibration), (parts[1], valid)):
            if share is None:
                continue
            count = round(share * len(own))
            part.append(kept[len(kept) - count :] if count else kept[:0])
            kept = kept[: max(len(kept) - count - (horizon - 1 if count else 0), 0)]
        parts[0].append(kept)
    train, chosen, last = (np.concatenate(part) if part else np.zeros(0, np.int64) for part in parts)
    return Parts(train, train if valid is None else chosen, last)


def _read(name: str, arrays: Sequence[NDArray[Any]], flat: bool) -> tuple[Rows, NDArray[np.int64]]:
    axes = 1 if flat else 2
    for number, one in enumerate(arrays):
        if one.ndim != axes:
            raise ValueError(f"{name}[{number}] has shape {one.shape}: pass (T,) for every series, or (T, D) for every")
    rows, lengths = read_list([one[:, None] if flat else one for one in arrays], name)
    refuse(np.isnan(rows), rows, lengths, name, "pass finite numbers")
    return rows, lengths
