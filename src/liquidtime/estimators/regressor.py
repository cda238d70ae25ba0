"""Numbers that belong to series, or to their samples."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils import Tags, check_array, check_consistent_length

from liquidtime.estimators.inputs import fit_targets
from liquidtime.estimators.panel import SeriesEstimator
from liquidtime.estimators.series import Rows, read_steps
from liquidtime.training import SquaredError


@dataclass(kw_only=True, eq=False, repr=False)
class LTCRegressor(RegressorMixin, SeriesEstimator):
    """Predicts numbers of series, or of every sample of them, with a liquid time-constant network.

    As `LTCClassifier`, with the mean squared error of the standardised numbers in place of the cross-entropy.

    Args:
        settings: by keyword, as of `SequenceEstimator` and `SeriesEstimator`.

    Attributes:
        n_outputs_: O, how many numbers there are.
        n_features_in_: T of series (n, T), else I.
        n_timesteps_in_: T of series (n, T), which later ones must have too; else None.
        feature_names_in_: names of the columns, where (n, T) had any.
        model_: the trained `SequenceModel`.
        history_: an `EpochRecord` per epoch.
        n_iter_: how many epochs there were.

    Example:
        >>> import numpy as np
        >>> from liquidtime.estimators import LTCRegressor
        >>> X = [np.random.default_rng(n).normal(size=(5 + n, 2)) for n in range(20)]
        >>> y = np.array([series[:, 0].mean() for series in X])
        >>> LTCRegressor(hidden_size=8, epochs=5, random_state=0).fit(X, y).predict(X).shape
        (20,)
    """

    def fit(self, X: Any, y: Any, timespans: Any = None) -> Self:
        """Learn from series.

        Args:
            X: (n, T, I), a list of (T, I), or (n, T).
            y: a number per series (n,), or several (n, O); with `per_step` one per sample, (n, T) or a list of (T,),
                or several, (n, T, O) or a list of (T, O).
            timespans: time elapsed before each sample, (n, T) or a list of (T,); None where every step counts as 1.

        Raises:
            ValueError: a setting, X, y or timespans make no sense; the message says where.
            DivergedError: the loss is not finite.
        """
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        series = self._read(X, timespans)
        targets = self._targets(y, series.lengths)
        columns = targets.reshape(len(targets), -1)
        O = columns.shape[1]
        scaling = fit_targets(columns, self.scale)
        scaled = scaling(columns)
        rows = scaled if self.per_step else scaled.repeat_interleave(torch.from_numpy(series.lengths), 0)
        self._fit(series, rows, SquaredError(), O)
        self.target_scaling_ = scaling
        self.n_outputs_ = O
        self.single_output_ = targets.ndim == 1
        return self

    def predict(self, X: Any, timespans: Any = None) -> Rows | list[Rows]:
        """The numbers, in their own units.

        Args:
            X: series, as of `fit`.
            timespans: as of `fit`.

        Returns:
            (n,) or (n, O) as y was; with `per_step` (n, T) or (n, T, O), or a list of (T,) or (T, O) for a list.

        Raises:
            ValueError: X does not fit.
        """
        output, series = self._outputs(X, timespans)
        return self._given_back(self._own_units(output), series)

    def score(self, X: Any, y: Any, timespans: Any = None, sample_weight: Any = None) -> float:
        """R², the share of the variance that is explained, averaged over the O numbers.

        Args:
            X: series, as of `fit`.
            y: their numbers, as of `fit`.
            timespans: as of `fit`.
            sample_weight: how much each series counts (n,); None for all the same.
        """
        output, series = self._outputs(X, timespans)
        weights = self._weights(sample_weight, series)
        return float(r2_score(self._targets(y, series.lengths), self._own_units(output), sample_weight=weights))

    def _own_units(self, scaled: Rows) -> Rows:
        values = self.target_scaling_.restored(scaled)
        return values[:, 0] if self.single_output_ else values

    def _targets(self, y: Any, lengths: NDArray[np.int64]) -> Rows:
        """The numbers of all series (N,) or (N, O), or of all rows (R,) or (R, O)."""
        targets = read_steps(y, lengths, "y") if self.per_step else y
        checked: Rows = check_array(targets, ensure_2d=False, allow_nd=True, dtype=np.float64, input_name="y")
        if checked.ndim > 2:
            raise ValueError(f"y has shape {checked.shape}: pass (n,) or (n, O), or per_step=True with one per sample")
        if not self.per_step:
            check_consistent_length(lengths, checked)
        return checked

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn should know: y may have several columns."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
