"""The time axis of a recording: its dates, or the time that passed, or the count of its rows."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liquidtime.report.theme import TIME, axis, time_axis
from liquidtime.report.wording import moment

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Clock:
    """When the rows of a recording are.

    Args:
        rows: R, how many there are.
        time: their moments (R,), datetime64; None where none were written down.
        elapsed: time before each row (R,); None where every row counts as 1.
    """

    rows: int
    time: NDArray[np.datetime64] | None = None
    elapsed: NDArray[np.float32] | None = None

    @property
    def dated(self) -> bool:
        """Whether the axis shows dates."""
        return self.time is not None

    @cached_property
    def starts(self) -> Numbers:
        """When each row begins (R,), in milliseconds since 1970, or in steps since the first."""
        if self.time is not None:
            return self.time.astype("datetime64[ms]").astype(np.int64).astype(np.float64)
        if self.elapsed is not None:
            return np.concatenate([[0.0], np.cumsum(self.elapsed[1:], dtype=np.float64)])
        return np.arange(self.rows, dtype=np.float64)

    @property
    def ends(self) -> Numbers:
        """When each row ends (R,): where the next begins, the last after the usual time."""
        return np.append(self.starts[1:], self.starts[-1] + self.usual)

    @cached_property
    def usual(self) -> float:
        """The usual time from one row to the next, in milliseconds or steps."""
        if len(self.starts) < 2:
            return 1000.0 if self.dated else 1.0
        return float(np.median(np.diff(self.starts)))

    @property
    def sample(self) -> str:
        """The usual time from one row to the next, in words; empty where there is no clock to read it from."""
        return f"{self.usual / 1000:g} s" if self.dated else ""

    def moment(self, row: int) -> str:
        """When a row begins, in words."""
        if self.time is not None:
            return moment(self.time[row], seconds=self.usual < 30_000)
        return f"{'step' if self.elapsed is None else 'time'} {self.starts[row]:g}"

    def hover(self, letter: str) -> str:
        """A coordinate in a picture's hover text."""
        if self.dated:
            return f"%{{{letter}|%Y-%m-%d %H:%M{':%S' if self.usual < 30_000 else ''}}}"
        return f"{'step' if self.elapsed is None else 'time'} %{{{letter}:.6~g}}"

    def axis(self, **settings: Any) -> dict[str, Any]:
        """The axis that all pictures of the recording share."""
        low, high = float(self.starts[0]), float(self.ends[-1])
        if self.dated:
            return time_axis(low, high, **settings)
        title = "step" if self.elapsed is None else "elapsed time"
        return axis(title, range=[low, high], domain=list(TIME), showgrid=False, **settings)
