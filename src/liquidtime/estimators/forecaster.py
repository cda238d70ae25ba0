"""What comes next in a series."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import r2_score
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from liquidtime.data import Windows
from liquidtime.estimators.base import SequenceEstimator, check_timed
from liquidtime.estimators.history import (
    History,
    Parts,
    ahead,
    differenced,
    in_time,
    read_history,
    shaped,
    window_starts,
)
from liquidtime.estimators.inputs import fit_inputs, fit_targets
from liquidtime.estimators.intervals import Interval, offsets
from liquidtime.estimators.series import Collection, Rows
from liquidtime.estimators.split import check_fraction
from liquidtime.training import SquaredError


class Ends(NamedTuple):
    """The last windows of n series: what a model reads of them, and y at their last sample (n, D)."""

    windows: Windows
    level: Rows


@dataclass(kw_only=True, eq=False, repr=False)
class LTCForecaster(SequenceEstimator):
    """Forecasts the next N values of one or many series with a liquid time-constant network.

    The forecast is direct: a network reads the last T samples from a zero state, and a linear read-out of its last
    state gives all N steps ahead at once, so that no forecast is fed back as if it had been seen. With `difference` it
    reads y_t − y_{t−1} and gives the change since the last value,

        ŷ_{t+h} = y_t + read-out_h(y_{t−T+1} − y_{t−T}, …, y_t − y_{t−1}),    h = 1 … N

    so that a trend goes on beyond all values ever seen. Each series is split by time: the first windows are learned
    from, the next choose the epoch, the last calibrate the intervals; no value is foreseen in two of the parts.

    Args:
        horizon: N, steps ahead.
        window_length: T, samples that a forecast looks back on.
        difference: whether changes are read and forecast rather than values.
        calibration_fraction: the share of each series' windows, the last ones, that calibrates intervals; None for
            none.
        settings: all others, by keyword, as of `SequenceEstimator`; `validation_fraction` is likewise a share of each
            series' windows.

    Attributes:
        model_: the trained `SequenceModel`.
        history_: an `EpochRecord` per epoch.
        n_iter_: how many epochs there were.
        calibration_errors_: truth less forecast of the calibration windows (n, N, D).

    Example:
        >>> import numpy as np
        >>> from liquidtime.estimators import LTCForecaster
        >>> y = np.sin(np.arange(300) / 5)
        >>> forecaster = LTCForecaster(horizon=4, window_length=16, epochs=2, random_state=0).fit(y)
        >>> forecaster.predict().shape, forecaster.predict(y[:100]).shape
        ((4,), (4,))
        >>> lower, upper = forecaster.predict_interval(coverage=0.9)
        >>> bool((lower < upper).all())
        True
    """

    horizon: int = 1
    window_length: int = 32
    difference: bool = True
    calibration_fraction: float | None = 0.1

    def fit(self, y: Any, X: Any = None, timespans: Any = None) -> Self:
        """Learn from the past.

        Args:
            y: one series, (T,) or (T, D); or many, a list of arrays, or (n, T, D).
            X: what was seen along with y, (T, I) for each series; future values are not needed.
            timespans: time elapsed before each sample, (T,) for each series; None where every step counts as 1.

        Raises:
            ValueError: a setting, y, X or timespans make no sense, or the series are too short.
            DivergedError: the loss is not finite.
        """
        self._check()
        history = read_history(y, X, timespans)
        parts = self._parts(history)
        known = np.zeros(len(history.y), bool)
        for offset in range(self.window_length + self.horizon):
            known[parts.train + offset] = True
        series = self._told(history)
        timespan = self._fit_timespan(None if series.elapsed is None else series.elapsed[known])
        inputs = fit_inputs(series.rows[known], self.scale, mask=False, timespan=timespan)
        goals = self._goals(history)
        last = parts.train + self.window_length - 1
        scaling = fit_targets(goals[last], self.scale)
        x, labels = inputs(series), scaling(goals)
        train, valid, calibration = (self._windows(x, labels, index, series.elapsed) for index in parts)
        random = check_random_state(self.random_state)
        self._fit_loop(train, valid, SquaredError(), goals.shape[1], inputs, series.elapsed is not None, random)
        self.target_scaling_ = scaling
        self.n_targets_ = history.targets
        self.single_, self.flat_ = history.single, history.flat
        self.ends_ = self._ends(history)
        errors = goals[parts.calibration + self.window_length - 1] - self._said(calibration)
        self.calibration_errors_: Rows = errors.reshape(-1, self.horizon, history.targets)
        return self

    def predict(self, y: Any = None, X: Any = None, timespans: Any = None) -> Rows:
        """The next N values after the end of each series.

        Args:
            y: series that go on, as of `fit` and at least T samples long (T + 1 with `difference`); None for those that
                were learned from.
            X: what was seen along with y, as of `fit`.
            timespans: as of `fit`.

        Returns:
            (N,) or (N, D) after one series, (n, N) or (n, N, D) after a list.

        Raises:
            ValueError: y or X does not fit, or is too short.
        """
        return self._around(y, X, timespans, np.zeros(1))[0]

    def predict_interval(self, coverage: float = 0.9, y: Any = None, X: Any = None, timespans: Any = None) -> Interval:
        """Where each of the next N values lies with a probability of about `coverage`, each by itself.

        The bounds are those of split conformal prediction, from the errors on the calibration windows, for every step
        ahead its own. If those errors and the next one are exchangeable, coverage is at least what is asked for. Errors
        of one series depend on one another, so there it holds about, and as long as the series goes on as it did.

        Args:
            coverage: the probability.
            y: as of `predict`.
            X: as of `predict`.
            timespans: as of `predict`.

        Raises:
            ValueError: there was no calibration, or too little of it for `coverage`; or as of `predict`.
        """
        check_is_fitted(self)
        if len(self.calibration_errors_) == 0:
            raise ValueError(f"calibration_fraction={self.calibration_fraction}: fit with a share for intervals")
        return Interval(*self._around(y, X, timespans, offsets(self.calibration_errors_, coverage)))

    def score(self, y: Any, X: Any = None, timespans: Any = None) -> float:
        """R² of all forecasts within some series, averaged over steps ahead and variables.

        Every window of T samples whose next N values are in the series counts.

        Args:
            y: series, as of `fit`.
            X: as of `fit`.
            timespans: as of `fit`.

        Raises:
            ValueError: y or X does not fit, or no series is long enough.
        """
        history = self._read_again(y, X, timespans)
        starts = np.concatenate(self._starts(history))
        if len(starts) == 0:
            raise ValueError(f"y has no series of {self._least + self.horizon} samples: pass a longer one to score on")
        series, last = self._told(history), starts + self.window_length - 1
        x = self.inputs_(series)
        windows = self._windows(x, torch.zeros(len(x), dtype=torch.int64), starts, series.elapsed)
        said = self._values(self._said(windows), history.y[last])
        return float(r2_score(ahead(history, self.horizon)[last].reshape(len(said), -1), said.reshape(len(said), -1)))

    def time_constants(self, y: Any = None, X: Any = None, timespans: Any = None) -> Rows:
        """The liquid time constants τ_sys of every neuron along the window that `predict` looks back on.

        Args:
            y: as of `predict`.
            X: as of `predict`.
            timespans: as of `predict`.

        Returns:
            (T, H), or (n, T, H) for a list, in units of the elapsed times.

        Raises:
            ValueError: the model is no differential equation; or as of `predict`.
        """
        ends, single, _ = self._ends_of(y, X, timespans)
        every = replace(ends.windows, last=False)
        tau = self._time_constants(every).reshape(len(every), self.window_length, -1)
        return tau[0] if single else tau

    @property
    def _least(self) -> int:
        """Samples that a forecast needs."""
        return self.window_length + bool(self.difference)

    def _check(self) -> None:
        for name in ("horizon", "window_length"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
                raise ValueError(f"{name}={value!r}: pass a whole number, at least 1")
        for name in ("validation_fraction", "calibration_fraction"):
            check_fraction(name, getattr(self, name))

    def _parts(self, history: History) -> Parts:
        """Where to learn, to choose and to calibrate.

        Raises:
            ValueError: the series are too short for one of them.
        """
        starts = self._starts(history)
        parts = in_time(starts, self.validation_fraction, self.calibration_fraction, self.horizon)
        wanted = {
            "learn from": True,
            "choose the epoch on": True,
            "calibrate on": self.calibration_fraction is not None,
        }
        for (use, needed), index in zip(wanted.items(), parts, strict=True):
            if needed and len(index) == 0:
                raise ValueError(
                    f"y has {sum(map(len, starts))} windows of window_length={self.window_length} with "
                    f"horizon={self.horizon} after them, too few to {use} some: pass longer series or shorter settings"
                )
        return parts

    def _starts(self, history: History) -> list[NDArray[np.int64]]:
        return window_starts(history, int(self.difference), self.window_length, self.horizon)

    def _told(self, history: History) -> Collection:
        """What the model reads, before it is scaled."""
        return differenced(history) if self.difference else history.series

    def _goals(self, history: History) -> Rows:
        """What the read-out is to give at every row (R, N · D), before it is scaled."""
        future = ahead(history, self.horizon)
        if self.difference:
            future = future - history.y[:, None]
        return future.reshape(len(future), -1)

    def _windows(self, x: Tensor, labels: Tensor, starts: NDArray[np.int64], elapsed: Rows | None) -> Windows:
        time = None if elapsed is None else torch.from_numpy(elapsed.astype(np.float32))
        return Windows(x, labels, torch.from_numpy(starts), self.window_length, last=True, elapsed=time)

    def _said(self, windows: Windows) -> Rows:
        """What the read-out gives after windows (n, N · D), in own units."""
        if len(windows) == 0:
            return np.zeros((0, len(self.target_scaling_.mean)))
        return self.target_scaling_.restored(self._read_out(windows))

    def _values(self, said: Rows, level: Rows) -> Rows:
        """Forecasts (n, N, D) from what the read-out gives and y at the last sample (n, D)."""
        steps = said.reshape(len(said), self.horizon, -1)
        return steps + level[:, None] if self.difference else steps

    def _ends(self, history: History) -> Ends:
        """The last windows.

        Raises:
            ValueError: a series is too short.
        """
        series = self._told(history)
        for number, length in enumerate(series.lengths):
            if length < self._least:
                raise ValueError(f"y[{number}] has {length} samples: pass at least {self._least} to look back on")
        stops = series.starts + series.lengths
        x = self.inputs_(series)
        labels = torch.zeros(len(x), dtype=torch.int64)
        windows = self._windows(x, labels, stops - self.window_length, series.elapsed)
        rows = windows.rows().flatten()
        kept = replace(
            windows,
            inputs=x[rows],
            labels=labels[rows],
            starts=self.window_length * torch.arange(len(stops)),
            elapsed=None if windows.elapsed is None else windows.elapsed[rows],
        )
        return Ends(kept, history.y[stops - 1])

    def _ends_of(self, y: Any, X: Any, timespans: Any) -> tuple[Ends, bool, bool]:
        """The last windows of some series, or of those learned from; whether there is one, and whether it is flat."""
        check_is_fitted(self)
        if y is None:
            if X is not None or timespans is not None:
                raise ValueError("y=None with X or timespans: pass the series that they belong to")
            return self.ends_, self.single_, self.flat_
        history = self._read_again(y, X, timespans)
        return self._ends(history), history.single, history.flat

    def _read_again(self, y: Any, X: Any, timespans: Any) -> History:
        check_is_fitted(self)
        history = read_history(y, X, timespans)
        found = (history.targets, history.series.rows.shape[1] - history.targets)
        known = (self.n_targets_, len(self.inputs_.scaling.mean) - self.n_targets_)
        if found != known:
            raise ValueError(f"y and X have {found} columns, but {type(self).__name__} was fitted on {known}")
        check_timed(self, history.series.elapsed is not None)
        return history

    def _around(self, y: Any, X: Any, timespans: Any, added: Rows) -> list[Rows]:
        """Forecasts with each of k offsets (k, …) added, in the form of y."""
        ends, single, flat = self._ends_of(y, X, timespans)
        centre = self._values(self._said(ends.windows), ends.level)
        return [shaped(centre + one, single, flat) for one in added]
