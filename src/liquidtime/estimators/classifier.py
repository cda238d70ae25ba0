"""Classes of series, or of their samples."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.extmath import softmax
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import assert_all_finite

from liquidtime.estimators.panel import SeriesEstimator
from liquidtime.estimators.series import read_steps
from liquidtime.training import CrossEntropy


@dataclass(kw_only=True, eq=False, repr=False)
class LTCClassifier(ClassifierMixin, SeriesEstimator):
    """Classifies series, or every sample of them, with a liquid time-constant network.

    The network walks a series and a linear read-out of its state gives the logits: of the last sample, or of every one
    with `per_step=True`. The cross-entropy is minimised by Adam, and the epoch with the lowest loss on the series held
    out is kept (Hasani et al. 2021 train so, and choose by accuracy).

    Series are (n, T, I), a list of (T, I), or, of one channel, (n, T), where T is fixed then. `timespans` are the times
    elapsed before each sample, (n, T) or a list of (T,); they are metadata, so a pipeline or a search passes them on
    after `set_fit_request(timespans=True)`, `set_predict_request` and `set_score_request`.

    Args:
        class_weight: the weight of each class in the loss, by class; `balanced` for n / (classes · count); None for 1.
        settings: all others, by keyword, as of `SequenceEstimator` and `SeriesEstimator`.

    Attributes:
        classes_: the classes, sorted.
        n_features_in_: T of series (n, T), else I.
        n_timesteps_in_: T of series (n, T), which later ones must have too; else None.
        feature_names_in_: names of the columns, where (n, T) had any.
        model_: the trained `SequenceModel`.
        history_: an `EpochRecord` per epoch.
        n_iter_: how many epochs there were.

    Example:
        >>> import numpy as np
        >>> from liquidtime.estimators import LTCClassifier
        >>> X = np.random.default_rng(0).normal(size=(60, 9, 2))
        >>> y = np.where(X[:, :, 0].sum(1) > 0, "up", "down")
        >>> classifier = LTCClassifier(hidden_size=8, random_state=0).fit(X, y)
        >>> classifier.predict_proba(X).shape, classifier.time_constants(X).shape
        ((60, 2), (60, 9, 8))
    """

    class_weight: Mapping[Any, float] | str | None = None

    def fit(self, X: Any, y: Any, timespans: Any = None) -> Self:
        """Learn from series.

        Args:
            X: (n, T, I), a list of (T, I), or (n, T).
            y: a class per series (n,); with `per_step` one per sample, (n, T) or a list of (T,).
            timespans: time elapsed before each sample, (n, T) or a list of (T,); None where every step counts as 1.

        Raises:
            ValueError: a setting, X, y or timespans make no sense; the message says where.
            DivergedError: the loss is not finite.
        """
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None")
        series = self._read(X, timespans)
        labels = self._labels(y, series.lengths)
        check_classification_targets(labels)
        classes, codes = np.unique(labels, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"y has one class, {classes[0]}: pass series of at least two classes")
        weights = None
        if self.class_weight is not None:
            found = compute_class_weight(self.class_weight, classes=classes, y=labels)
            weights = tuple(found.tolist())
        rows = codes if self.per_step else np.repeat(codes, series.lengths)
        own = None if self.per_step else codes
        self._fit(series, torch.from_numpy(rows), CrossEntropy(weights), len(classes), own)
        self.classes_ = classes
        return self

    def predict_proba(self, X: Any, timespans: Any = None) -> NDArray[np.float64] | list[NDArray[np.float64]]:
        """The probability of each class.

        Args:
            X: series, as of `fit`.
            timespans: as of `fit`.

        Returns:
            (n, classes); with `per_step` (n, T, classes), or a list of (T, classes) for a list.

        Raises:
            ValueError: X does not fit.
        """
        output, series = self._outputs(X, timespans)
        return self._given_back(softmax(output), series)

    def predict(self, X: Any, timespans: Any = None) -> NDArray[Any] | list[NDArray[Any]]:
        """The likeliest class.

        Args:
            X: series, as of `fit`.
            timespans: as of `fit`.

        Returns:
            (n,); with `per_step` (n, T), or a list of (T,) for a list.

        Raises:
            ValueError: X does not fit.
        """
        output, series = self._outputs(X, timespans)
        return self._given_back(self.classes_[output.argmax(-1)], series)

    def score(self, X: Any, y: Any, timespans: Any = None, sample_weight: Any = None) -> float:
        """The share of the labels that are right.

        Args:
            X: series, as of `fit`.
            y: their classes, as of `fit`.
            timespans: as of `fit`.
            sample_weight: how much each series counts (n,); None for all the same.
        """
        output, series = self._outputs(X, timespans)
        said, weights = self.classes_[output.argmax(-1)], self._weights(sample_weight, series)
        return float(accuracy_score(self._labels(y, series.lengths), said, sample_weight=weights))

    def _labels(self, y: Any, lengths: NDArray[np.int64]) -> NDArray[Any]:
        """The classes of all series (N,), or of all rows (R,)."""
        labels = read_steps(y, lengths, "y") if self.per_step else column_or_1d(y, warn=True)
        if self.per_step and labels.ndim != 1:
            raise ValueError(f"y has {labels.ndim} axes per series: pass one class per sample")
        if not self.per_step:
            check_consistent_length(lengths, labels)
        assert_all_finite(labels, input_name="y")
        return labels
