"""Stretches of a recording: rows next to each other that share something."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liquidtime.report.replay import Replay


@dataclass(frozen=True)
class Stretch:
    """Rows `first` to `last`, both included, of a recording.

    Args:
        recording: its place among the recordings.
        first: its first row.
        last: its last row.
    """

    recording: int
    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first + 1

    @property
    def rows(self) -> slice:
        """The rows as a slice."""
        return slice(self.first, self.last + 1)


def runs(*columns: NDArray[np.generic]) -> list[tuple[int, int]]:
    """First and last row of each run over which every column keeps its value.

    Example:
        >>> runs(np.array([0, 0, 1, 1, 1, 0]))
        [(0, 1), (2, 4), (5, 5)]
    """
    R = len(columns[0])
    if R == 0:
        return []
    changes = np.zeros(R - 1, bool)
    for column in columns:
        changes |= column[1:] != column[:-1]
    firsts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    lasts = np.append(firsts[1:], R) - 1
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def mistakes(replays: list[Replay]) -> list[Stretch]:
    """Every stretch over which the model takes one class for one other, the longest first."""
    found = [
        Stretch(index, first, last)
        for index, replay in enumerate(replays)
        for first, last in runs(replay.truth, replay.predicted, replay.counts)
        if replay.wrong[first]
    ]
    return sorted(found, key=lambda stretch: (-len(stretch), stretch.recording, stretch.first))
