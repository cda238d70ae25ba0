"""Series in their own units, and from them windows and recordings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from liquidtime.data.scaling import Scaling
from liquidtime.data.task import Recording
from liquidtime.data.windows import Windows, join


@dataclass(frozen=True, eq=False)
class Series:
    """One series in time order, as it stands in its file.

    Args:
        name: what it is called in the data set.
        inputs: (R, I) in their own units, float64.
        labels: classes (R,), int64, or targets (R, O) in their own units, float64.
        time: moments (R,), datetime64; None where none are told.
        elapsed: time before each row (R,); None where every row counts as 1.
    """

    name: str
    inputs: NDArray[np.float64]
    labels: NDArray[Any]
    time: NDArray[np.datetime64] | None = None
    elapsed: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.inputs)

    def part(self, rows: slice | NDArray[np.bool_], name: str | None = None) -> "Series":
        """Some of the rows."""
        return Series(
            self.name if name is None else name,
            self.inputs[rows],
            self.labels[rows],
            None if self.time is None else self.time[rows],
            None if self.elapsed is None else self.elapsed[rows],
        )

    def recording(self, scaling: Scaling, targets: Scaling | None = None) -> Recording:
        """The whole series, scaled; targets by a scaling of their own, or as they are."""
        if self.labels.ndim == 1:
            y = torch.from_numpy(self.labels)
        else:
            y = torch.from_numpy(self.labels.astype(np.float32)) if targets is None else targets(self.labels)
        elapsed = None if self.elapsed is None else torch.from_numpy(self.elapsed.astype(np.float32))
        return Recording(self.name, self.time, scaling(self.inputs), self.inputs, y, elapsed)


def windows(recording: Recording, length: int, starts: Sequence[int]) -> Windows:
    """Windows of a recording that start at the given rows, as views onto it."""
    first = torch.tensor(list(starts), dtype=torch.int64)
    return Windows(recording.x, recording.y, first, length, elapsed=recording.timespans)


def published(rows: int, length: int, stride: int) -> range:
    """Where the LTC paper's code starts windows: one that would end exactly on the last row is left out."""
    return range(0, max(rows - length, 0), stride)


def every(rows: int, length: int, stride: int) -> range:
    """Where windows start that lie `stride` apart, the one that ends on the last row included.

    Example:
        >>> list(every(12, 4, 4)), list(published(12, 4, 4))
        ([0, 4, 8], [0, 4])
    """
    return range(0, max(rows - length + 1, 0), stride)


def cut_as_published(recordings: Sequence[Recording], length: int, stride: int) -> Windows:
    """The windows of each recording that the LTC paper's code cuts."""
    return join([windows(one, length, published(len(one), length, stride)) for one in recordings])


def cut_each(recordings: Sequence[Recording], length: int, stride: int) -> Windows:
    """Windows at every `stride` rows of each recording; none crosses from one into another."""
    return join([windows(one, length, every(len(one), length, stride)) for one in recordings])


def fill(values: NDArray[np.float64], first: NDArray[np.float64] | float = 0.0) -> NDArray[np.float64]:
    """Missing values (NaN) of (R, I) take the last value of their column; before there is one, `first`."""
    rows = np.where(np.isnan(values), -1, np.arange(len(values))[:, None])
    last = np.maximum.accumulate(rows, 0)
    filled = np.take_along_axis(values, np.maximum(last, 0), 0)
    return np.where(last < 0, first, filled)


def stacked(series: Sequence[Series]) -> NDArray[np.float64]:
    """The inputs of several series one after another."""
    return np.concatenate([one.inputs for one in series])
