"""What a model is trained and scored on."""

from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from liquidtime.data.names import lookup
from liquidtime.data.windows import Windows

METRICS = {"accuracy": True, "f1": True, "squared_error": False}
"""The scores by which validation can choose an epoch, and whether more is better."""


@dataclass(frozen=True, eq=False)
class Recording:
    """One whole series in time order.

    Args:
        name: what it is called in the data set.
        time: moments of the rows (R,), datetime64[s]; None where none were written down.
        x: scaled inputs (R, I), float32.
        raw: the inputs in their own units (R, I), float64.
        y: labels (R,), int64, or scaled targets (R, O), float32.
        timespans: elapsed time before each row (R,), float32; None where every row counts as 1.
    """

    name: str
    time: NDArray[np.datetime64] | None
    x: Tensor
    raw: NDArray[np.float64]
    y: Tensor
    timespans: Tensor | None = None

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, eq=False)
class Task:
    """A data set, cut, split and scaled. Its labels are classes, or its targets are numbers.

    Args:
        name: how the task is called on the command line.
        features: names of the I inputs.
        classes: names of the classes, in the order of the labels; empty for regression.
        train: windows to learn from.
        valid: windows that choose the epoch.
        test: windows that are scored once, at the end; may be empty.
        recordings: the scored recordings whole, for display, in time order.
        mean: the mean per feature that inputs were shifted by.
        std: the standard deviation per feature that they were divided by.
        checksum: SHA-256 of each file the data came from.
        protocol: how the data were cut, split and scaled, in one sentence.
        citation: what to cite.
        licence: the licence of the data.
        targets: names of the O numbers to predict; empty for classification.
        target_mean: the mean per target that it was shifted by; empty where targets are unscaled.
        target_std: the standard deviation per target that it was divided by, likewise.
        class_weights: the weight of each class in the loss; None for 1.
        metric: the score by which validation chooses, one of `METRICS`.
        protocol_name: `paper` or `clean`.
        variant: what of the published data set is here, where it is not all of it.
        log_timespans: whether log Δt is the last input.
        seen: whether the recordings also hold rows that were trained on.
        table: of files of one's own, how they were understood (options, schema, files), as plain JSON; None for
            published sets.

    Raises:
        ValueError: fields contradict each other.
    """

    name: str
    features: tuple[str, ...]
    classes: tuple[str, ...]
    train: Windows
    valid: Windows
    test: Windows
    recordings: tuple[Recording, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    checksum: dict[str, str]
    protocol: str
    citation: str
    licence: str
    targets: tuple[str, ...] = ()
    target_mean: tuple[float, ...] = ()
    target_std: tuple[float, ...] = ()
    class_weights: tuple[float, ...] | None = None
    metric: str = "accuracy"
    protocol_name: str = "paper"
    variant: str = ""
    log_timespans: bool = False
    seen: bool = False
    table: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        lookup("metric", self.metric, METRICS)
        if bool(self.classes) == bool(self.targets):
            raise ValueError(
                f"classes={self.classes} and targets={self.targets}: name one of both, classes or numbers to predict"
            )
        if (self.metric == "squared_error") != self.regression:
            kind = "regression" if self.regression else "classification"
            raise ValueError(f"metric={self.metric!r} does not score {kind}")
        for name in ("target_mean", "target_std"):
            value = getattr(self, name)
            if value and len(value) != len(self.targets):
                raise ValueError(f"{name} has {len(value)} values for {len(self.targets)} targets: pass one each")
        weights = self.class_weights
        if weights is not None and not (
            len(weights) == len(self.classes) and all(isfinite(weight) and weight >= 0 for weight in weights)
        ):
            raise ValueError(f"class_weights={weights}: pass a number, at least 0, for each of {self.classes}")
        for name in ("train", "valid", "test"):
            self._check_windows(name, getattr(self, name))

    @property
    def regression(self) -> bool:
        """Whether numbers are predicted rather than classes."""
        return bool(self.targets)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of what the read-out gives: the classes, or the targets."""
        return self.targets or self.classes

    @property
    def trained_on(self) -> float:
        """The share of the test rows that training windows hold too; 0 where both parts have rows of their own."""
        if len(self.test) == 0 or self.test.inputs is not self.train.inputs:
            return 0.0
        trained = torch.zeros(len(self.train.inputs), dtype=torch.bool)
        trained[self.train.rows().flatten()] = True
        return float(trained[self.test.rows().unique()].float().mean())

    def _check_windows(self, name: str, windows: Windows) -> None:
        if windows.labels.is_floating_point() != self.regression:
            raise ValueError(f"{name} has labels of type {windows.labels.dtype}: pass classes, or targets as float32")
        if self.regression and windows.labels.shape[1] != len(self.targets):
            raise ValueError(f"{name} has {windows.labels.shape[1]} targets, but {len(self.targets)} are named")
        if windows.last != self.train.last:
            raise ValueError(f"{name} and train differ in whether only the last label counts")
        if (windows.elapsed is None) != (self.train.elapsed is None):
            raise ValueError(f"{name} and train differ in whether elapsed times are told")
