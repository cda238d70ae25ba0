"""What users pass, read into rows: series, elapsed times and labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Collection:
    """N series in their own units, one after another.

    Args:
        rows: (R, I), float64; NaN where a value is missing.
        lengths: rows of each series (N,), int64, at least 1.
        elapsed: time before each row (R,), float64; None where every row counts as 1.
        stacked: whether they came as one array, so that results go back as one.
    """

    rows: Rows
    lengths: NDArray[np.int64]
    elapsed: Rows | None
    stacked: bool

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def starts(self) -> NDArray[np.int64]:
        """First row of each series (N,)."""
        return np.cumsum(self.lengths) - self.lengths

    def each(self, values: NDArray[Any]) -> list[NDArray[Any]]:
        """Values of all rows (R, …) cut into those of each series."""
        return np.split(values, self.starts[1:])

    def restored(self, values: NDArray[Any]) -> NDArray[Any] | list[NDArray[Any]]:
        """Values of all rows (R, …) as the series came: (N, T, …), or a list of (T, …)."""
        if self.stacked:
            return values.reshape(len(self), -1, *values.shape[1:])
        return self.each(values)


def is_list_of_series(X: Any) -> bool:
    """Whether X is a list, a tuple or an array of objects that holds series (T, I) of their own length.

    Raises:
        ValueError: it holds series of different length that have no axis of channels.
    """
    listed = X.ndim == 1 and X.dtype == object if isinstance(X, np.ndarray) else isinstance(X, list | tuple)
    if not listed or len(X) == 0:
        return False
    lengths = {len(one) for one in X if hasattr(one, "__len__") and not isinstance(one, str)}
    if np.ndim(X[0]) == 1 and len(lengths) > 1:
        raise ValueError(
            f"X has series of {min(lengths)} to {max(lengths)} samples: pass each as (T, I), (T, 1) for one"
        )
    return bool(np.ndim(X[0]) == 2)


def read_array(X: Rows) -> tuple[Rows, NDArray[np.int64]]:
    """The rows and lengths of series of equal length, (N, T, I), or (N, T) for one channel.

    Raises:
        ValueError: they have no sample or no channel.
    """
    if 0 in X.shape:
        raise ValueError(f"X has shape {X.shape}: pass at least one sample and one channel")
    return X.reshape(-1, *X.shape[2:] or (1,)), np.full(len(X), X.shape[1], np.int64)


def read_list(X: Sequence[Any], name: str = "X") -> tuple[Rows, NDArray[np.int64]]:
    """The rows and lengths of a list of series.

    Args:
        X: arrays (T, I).
        name: what they are called.

    Raises:
        ValueError: a series has another number of axes or channels than the first, no row, or a number that is none.
    """
    series = [np.asarray(one) for one in X]
    channels = series[0].shape[1]
    for number, one in enumerate(series):
        if one.ndim != 2 or one.shape[1] != channels or 0 in one.shape:
            raise ValueError(
                f"{name}[{number}] has shape {one.shape}: pass (T, {channels}) for every series, with at least one row"
            )
        if np.iscomplexobj(one):
            raise ValueError(f"{name}[{number}] is complex: pass real numbers")
    rows, lengths = np.concatenate(series).astype(np.float64), np.array([len(one) for one in series], np.int64)
    refuse(np.isinf(rows), rows, lengths, name, "pass finite numbers")
    return rows, lengths


def refuse(wrong: NDArray[np.bool_], rows: Rows, lengths: NDArray[np.int64], name: str, way: str) -> None:
    """No row may be wrong.

    Args:
        wrong: what is (R,) or (R, I).
        rows: the values, likewise.
        lengths: rows of each series (N,).
        name: what the series are called.
        way: the way out.

    Raises:
        ValueError: something is wrong; the message says which series, sample and channel, and what it is.
    """
    places = np.argwhere(wrong)
    if len(places) == 0:
        return
    row, *channel = places[0].tolist()
    ends = np.cumsum(lengths)
    number = int(np.searchsorted(ends, row, "right"))
    value = "NaN" if np.isnan(rows[tuple(places[0])]) else str(rows[tuple(places[0])])
    where = f"sample {row - ends[number] + lengths[number]}" + "".join(f", channel {c}" for c in channel)
    raise ValueError(f"{name}[{number}] is {value} at {where}: {way}")


def read_steps(values: Any, lengths: NDArray[np.int64], name: str) -> NDArray[Any]:
    """Something that every row of every series has, one after another.

    Args:
        values: (N, T), (N, T, …), or a list of (T,) or (T, …).
        lengths: rows of each series (N,).
        name: what it is called.

    Raises:
        ValueError: there are not as many as there are rows; the message names the series.
    """
    if not hasattr(values, "__len__"):
        raise ValueError(f"{name}={values!r}: pass an array (n, T), or a list of arrays (T,), one for each series")
    if len(values) != len(lengths):
        raise ValueError(f"{name} has {len(values)} series and there are {len(lengths)}: pass as many")
    series = [np.asarray(one) for one in values]
    for number, (one, length) in enumerate(zip(series, lengths, strict=True)):
        if one.ndim == 0 or len(one) != length or one.shape[1:] != series[0].shape[1:]:
            raise ValueError(f"{name}[{number}] has shape {one.shape} and X[{number}] {length} rows: pass one per row")
    return np.concatenate(series)


def read_elapsed(timespans: Any, lengths: NDArray[np.int64]) -> Rows | None:
    """Elapsed times, one per row.

    Raises:
        ValueError: there are not as many as rows, or one is negative or not finite; the message names the place.
    """
    if timespans is None:
        return None
    elapsed = read_steps(timespans, lengths, "timespans").astype(np.float64)
    if elapsed.ndim != 1:
        raise ValueError(f"timespans have {elapsed.ndim} axes per series: pass one number per row")
    wrong = ~(np.isfinite(elapsed) & (elapsed >= 0))
    refuse(wrong, elapsed, lengths, "timespans", "pass finite times, at least 0")
    return elapsed
