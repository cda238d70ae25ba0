"""The layout of other libraries."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def channels_last(X: NDArray[Any] | Sequence[NDArray[Any]]) -> NDArray[Any] | list[NDArray[Any]]:
    """Series with channels first, as aeon and sktime's numpy3D lay them out, with channels last.

    A plain function, so that `sklearn.preprocessing.FunctionTransformer(channels_last)` puts it into a pipeline.

    Args:
        X: (n, I, T), or a list of (I, T).

    Returns:
        (n, T, I), or a list of (T, I): views.

    Raises:
        ValueError: an array has another number of axes.

    Example:
        >>> import numpy as np
        >>> channels_last(np.zeros((4, 3, 50))).shape
        (4, 50, 3)
    """
    if isinstance(X, np.ndarray) and X.dtype != object:
        if X.ndim != 3:
            raise ValueError(f"X has shape {X.shape}: pass (n, I, T), channels before time")
        return X.swapaxes(1, 2)
    series = [np.asarray(one) for one in X]
    for number, one in enumerate(series):
        if one.ndim != 2:
            raise ValueError(f"X[{number}] has shape {one.shape}: pass (I, T), channels before time")
    return [one.T for one in series]
