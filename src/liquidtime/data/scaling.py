"""Standardising the inputs."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class Scaling:
    """Shift and scale per feature: (x − mean) / std, in float64, then rounded to float32.

    Args:
        mean: what is subtracted.
        std: what is divided by.

    Example:
        >>> import numpy as np
        >>> scaling = Scaling.fit(np.array([[1.0, 5.0], [3.0, 5.0]]))
        >>> scaling.mean, scaling.std
        ((2.0, 5.0), (1.0, 1.0))
        >>> scaling(np.array([[4.0, 6.0]]))
        tensor([[2., 1.]])
        >>> scaling.restored(np.array([[2.0, 1.0]]))
        array([[4., 6.]])
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def fit(cls, rows: NDArray[np.float64]) -> "Scaling":
        """Mean and population standard deviation of rows (R, I); a constant column is shifted only."""
        std = np.where(np.ptp(rows, axis=0) > 0, rows.std(axis=0), 1.0)
        return cls(tuple(rows.mean(axis=0).tolist()), tuple(std.tolist()))

    def __call__(self, rows: NDArray[np.float64]) -> Tensor:
        """Rows (R, I) scaled."""
        scaled = (rows - np.array(self.mean)) / np.array(self.std)
        return torch.from_numpy(scaled.astype(np.float32))

    def restored(self, scaled: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scaled rows (R, I) in their own units again."""
        rows: NDArray[np.float64] = scaled * np.array(self.std) + np.array(self.mean)
        return rows
