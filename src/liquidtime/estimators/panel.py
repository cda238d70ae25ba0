"""Estimators that say something of each series, or of each of its samples."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.utils import Tags, check_array, check_consistent_length, check_random_state, column_or_1d
from sklearn.utils.validation import check_is_fitted, validate_data
from torch import Tensor

from liquidtime.data import Windows, lookup
from liquidtime.data.windows import pick
from liquidtime.estimators.base import SequenceEstimator, as_windows, check_timed
from liquidtime.estimators.inputs import fit_inputs
from liquidtime.estimators.series import (
    Collection,
    Rows,
    is_list_of_series,
    read_array,
    read_elapsed,
    read_list,
    refuse,
)
from liquidtime.estimators.split import held_out
from liquidtime.training import Objective

MISSING = {"error": False, "mask": True}
"""What becomes of NaN, and whether it may be there."""


@dataclass(kw_only=True, eq=False, repr=False)
class SeriesEstimator(SequenceEstimator):
    """Reads series in any of their forms.

    Args:
        missing: `error` refuses NaN; `mask` gives the model, in place of each value, the value last seen, whether it
            was seen just now, and the time since.
        per_step: whether every sample has a label rather than every series.
    """

    missing: str = "error"
    per_step: bool = False

    def time_constants(self, X: Any, timespans: Any = None) -> NDArray[np.float64] | list[NDArray[np.float64]]:
        """The liquid time constants τ_sys of every neuron at every sample, in units of the elapsed times.

        Args:
            X: series, as of `fit`.
            timespans: time elapsed before each sample, as of `fit`.

        Returns:
            (n, T, H), or a list of (T, H) for a list.

        Raises:
            ValueError: the model is no differential equation, or X does not fit.
        """
        series = self._read_again(X, timespans)
        return series.restored(self._time_constants(self._unlabelled(series, last=False)))

    def _fit(
        self,
        series: Collection,
        labels: Tensor,
        objective: Objective,
        outputs: int,
        classes: NDArray[np.int64] | None = None,
    ) -> None:
        """Train on series, labels of all rows, and the classes of the series if each has one."""
        random = check_random_state(self.random_state)
        learned, spared = held_out(len(series), self.validation_fraction, random, classes)
        timespan = self._fit_timespan(series.elapsed)
        inputs = fit_inputs(series.rows, self.scale, lookup("missing", self.missing, MISSING), timespan)
        windows = as_windows(series, inputs(series), labels, last=not self.per_step)
        train, valid = (pick(windows, torch.from_numpy(index)) for index in (learned, spared))
        self._fit_loop(train, valid, objective, outputs, inputs, series.elapsed is not None, random)

    def _outputs(self, X: Any, timespans: Any) -> tuple[Rows, Collection]:
        """What the read-out says of each series (N, O), or of each row (R, O), and the series."""
        series = self._read_again(X, timespans)
        return self._read_out(self._unlabelled(series, last=not self.per_step)), series

    def _unlabelled(self, series: Collection, last: bool) -> Windows:
        labels = torch.zeros(len(series.rows), dtype=torch.int64)
        return as_windows(series, self.inputs_(series), labels, last)

    def _given_back(self, values: NDArray[Any], series: Collection) -> NDArray[Any] | list[NDArray[Any]]:
        """What was said, in the form of the series where it is of every row."""
        return series.restored(values) if self.per_step else values

    def _weights(self, sample_weight: Any, series: Collection) -> Rows | None:
        """What was given for each series (N,), for each label."""
        if sample_weight is None:
            return None
        weights = column_or_1d(sample_weight, dtype=np.float64)
        check_consistent_length(series.lengths, weights)
        return np.repeat(weights, series.lengths) if self.per_step else weights

    def _read(self, X: Any, timespans: Any) -> Collection:
        """The series to learn from; what later ones must agree with is remembered."""
        return self._collected(X, timespans, lookup("missing", self.missing, MISSING), first=True)

    def _read_again(self, X: Any, timespans: Any) -> Collection:
        """Other series, which must agree with those learned from.

        Raises:
            ValueError: they do not.
        """
        check_is_fitted(self)
        series = self._collected(X, timespans, self.inputs_.mask, first=False)
        channels = len(self.inputs_.scaling.mean)
        if series.rows.shape[1] != channels:
            raise ValueError(
                f"X has {series.rows.shape[1]} channels, but {type(self).__name__} was fitted on {channels}"
            )
        check_timed(self, series.elapsed is not None)
        return series

    def _collected(self, X: Any, timespans: Any, missing: bool, first: bool) -> Collection:
        checks: dict[str, Any] = {"dtype": np.float64, "ensure_all_finite": "allow-nan"}
        timesteps: int | None = None
        if is_list_of_series(X):
            rows, lengths = read_list(X)
            stacked = False
        else:
            if getattr(X, "ndim", 2) == 3:
                array = check_array(X, allow_nd=True, input_name="X", **checks)
            elif first or self.n_timesteps_in_ is not None:
                array = validate_data(self, X, reset=first, **checks)
                timesteps = array.shape[1]
            else:
                array = check_array(X, input_name="X", **checks)
            rows, lengths = read_array(array)
            stacked = True
        if not missing:
            refuse(np.isnan(rows), rows, lengths, "X", "pass finite numbers, or missing='mask' where some are missing")
        if first:
            self.n_timesteps_in_: int | None = timesteps
            if timesteps is None:
                self.n_features_in_ = rows.shape[1]
                self.__dict__.pop("feature_names_in_", None)
        return Collection(rows, lengths, read_elapsed(timespans, lengths), stacked)

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn should know: NaN is welcome with `missing='mask'`, arrays may have three axes."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.missing == "mask"
        tags.input_tags.three_d_array = True
        tags.target_tags.required = True
        return tags
