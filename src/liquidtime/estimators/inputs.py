"""From rows in their own units to what a model reads, and what it is to say."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from liquidtime.data import Scaling
from liquidtime.data.series import fill
from liquidtime.estimators.series import Collection, Rows, refuse


@dataclass(frozen=True)
class Inputs:
    """What was learned of the inputs.

    Without missing values a row is (x − mean) / std. With `mask` it is three times as wide:

        (value last seen, 1 where it was seen just now and 0 where not, time since it was last seen)

    The value is scaled, before the first one it is 0, the mean; the time is in the layer's units.

    Args:
        scaling: of the I channels.
        mask: whether values may be missing.
        timespan: how much of the layer's time one unit of elapsed time is.
    """

    scaling: Scaling
    mask: bool
    timespan: float

    @property
    def size(self) -> int:
        """How many numbers a model reads per row."""
        return len(self.scaling.mean) * (3 if self.mask else 1)

    def __call__(self, series: Collection) -> Tensor:
        """All rows (R, size), float32.

        Raises:
            ValueError: a scaled value is too large.
        """
        with np.errstate(over="ignore"):
            scaled = self.scaling(series.rows)
        refuse(
            np.isinf(scaled.numpy()), series.rows, series.lengths, "X", "pass numbers that float32 can hold once scaled"
        )
        if not self.mask:
            return scaled
        spans = np.ones(len(series.rows)) if series.elapsed is None else series.elapsed
        parts = zip(series.each(scaled.numpy()), series.each(spans), strict=True)
        return torch.from_numpy(np.concatenate([self._masked(rows, elapsed) for rows, elapsed in parts]))

    def _masked(self, rows: Rows, elapsed: Rows) -> Rows:
        seen = ~np.isnan(rows)
        time = np.cumsum(elapsed * self.timespan)[:, None]
        last = np.maximum.accumulate(np.where(seen, time, 0.0), 0)
        parts = [fill(rows), seen, time - last]
        return np.concatenate([part.astype(np.float32) for part in parts], 1)


def fit_inputs(rows: Rows, scale: bool, mask: bool, timespan: float) -> Inputs:
    """Learn the scale of the inputs.

    Args:
        rows: of all series learned from (R, I).
        scale: whether to; else channels stay as they are.
        mask: whether values may be missing.
        timespan: as of `Inputs`.

    Raises:
        ValueError: a channel has no value at all.
    """
    empty = np.flatnonzero(np.isnan(rows).all(0))
    if len(empty):
        raise ValueError(f"channel {empty[0]} of X has no value at all: leave it out")
    I = rows.shape[1]
    if not scale:
        return Inputs(Scaling((0.0,) * I, (1.0,) * I), mask, timespan)
    each = [Scaling.fit(column[~np.isnan(column)][:, None]) for column in rows.T]
    mean, std = (tuple(getattr(one, name)[0] for one in each) for name in ("mean", "std"))
    return Inputs(Scaling(mean, std), mask, timespan)


def fit_targets(columns: Rows, scale: bool) -> Scaling:
    """The scale of numbers to predict (n, O); without `scale` none.

    A number that never changes is known to rounding, so its scale is that of rounding: whatever a network says of it,
    it comes back as it was.
    """
    O = columns.shape[1]
    if not scale:
        return Scaling((0.0,) * O, (1.0,) * O)
    fitted = Scaling.fit(columns)
    mean, constant = np.array(fitted.mean), np.ptp(columns, axis=0) == 0
    std = np.where(constant, np.finfo(np.float64).eps * np.maximum(np.abs(mean), 1), fitted.std)
    return Scaling(fitted.mean, tuple(std.tolist()))
