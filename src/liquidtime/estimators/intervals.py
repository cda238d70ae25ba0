"""Prediction intervals from the errors on data that nothing was learned from."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Interval(NamedTuple):
    """A lower and an upper bound, shaped as the forecast between them."""

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def conformal_radius(errors: NDArray[np.float64], coverage: float) -> NDArray[np.float64]:
    """How far a forecast may be off: split conformal prediction (Vovk et al. 2005; Lei et al. 2018).

        radius = the ⌈(n + 1) · coverage⌉-th smallest of n absolute errors

    If a new error and the n are exchangeable, it is no larger with a probability of `coverage` at least, and, without
    ties, of `coverage` + 1/(n + 1) at most. Errors of one series overlap and depend on one another, so there it holds
    about, and as long as the series goes on as it did.

    Args:
        errors: of n forecasts (n, …), in units of what is forecast.
        coverage: the probability asked for, between 0 and 1.

    Returns:
        One radius for each of the last axes (…).

    Raises:
        ValueError: `coverage` is no such probability, or more than n errors can vouch for.

    Example:
        >>> import numpy as np
        >>> conformal_radius(np.array([[3.0], [-1.0], [2.0], [-4.0]]), coverage=0.6)
        array([3.])
    """
    if not 0 < coverage < 1:
        raise ValueError(f"coverage={coverage!r}: pass a number between 0 and 1")
    n = len(errors)
    # The product of two decimals may lie a rounding error above the whole number that is meant.
    rank = math.ceil(round((n + 1) * coverage, 9))
    if rank > n:
        raise ValueError(
            f"coverage={coverage}: {n} calibration windows can vouch for {n / (n + 1):.4g} at most, pass less, or fit "
            "with a larger calibration_fraction"
        )
    radius: NDArray[np.float64] = np.sort(np.abs(errors), 0)[rank - 1]
    return radius
