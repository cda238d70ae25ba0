"""What a model is trained and scored on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Windows:
    """Stretches of equal length with a label at every step.

    Args:
        x: scaled inputs (N, T, I), float32. A view onto the recording wherever the windows come from one piece.
        y: labels (N, T), int64.

    Raises:
        ValueError: x and y do not belong together.
    """

    x: Tensor
    y: Tensor

    def __post_init__(self) -> None:
        if self.x.dim() != 3 or self.x.shape[:2] != self.y.shape:
            raise ValueError(
                f"x has shape {tuple(self.x.shape)} and y {tuple(self.y.shape)}: pass (N, T, I) and (N, T)"
            )

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, eq=False)
class Recording:
    """One whole series in time order.

    Args:
        name: what it is called in the data set.
        time: moments of the rows (R,), datetime64[s].
        x: scaled inputs (R, I), float32.
        raw: the inputs in their own units (R, I), float64.
        y: labels (R,), int64.
    """

    name: str
    time: NDArray[np.datetime64]
    x: Tensor
    raw: NDArray[np.float64]
    y: Tensor

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, eq=False)
class Task:
    """A data set, cut, split and scaled.

    Args:
        name: how the task is called on the command line.
        features: names of the I inputs.
        classes: names of the classes, in the order of the labels.
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
