"""Prediction intervals from the errors on data that nothing was learned from."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liquidtime.training import residual_quantiles


class Interval(NamedTuple):
    """A lower and an upper bound, shaped as the forecast between them."""

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def offsets(errors: NDArray[np.float64], coverage: float) -> NDArray[np.float64]:
    """What to add to a forecast for the ends of its interval, by `residual_quantiles`.

    Args:
        errors: truth less forecast of n windows (n, …).
        coverage: the probability asked for, between 0 and 1.

    Returns:
        Lower and upper offset for each of the last axes (2, …).

    Raises:
        ValueError: `coverage` is no such probability, or more than n errors can vouch for.

    Example:
        >>> offsets(np.array([[3.0], [-1.0], [2.0], [-4.0]]), coverage=0.6)
        array([[-4.],
               [ 3.]])
    """
    if not 0 < coverage < 1:
        raise ValueError(f"coverage={coverage!r}: pass a number between 0 and 1")
    n = len(errors)
    if round((n + 1) * (1 - coverage) / 2, 9) < 1:
        raise ValueError(
            f"coverage={coverage}: {n} calibration windows can vouch for {max(n - 1, 0) / (n + 1):.4g} at most, "
            "pass less, or fit with a larger calibration_fraction"
        )
    columns = errors.reshape(n, -1).T
    return np.array([residual_quantiles(column, coverage) for column in columns]).T.reshape(2, *errors.shape[1:])
