"""Which series are held out to choose the epoch."""

import numpy as np
from numpy.typing import NDArray

from liquidtime.training.recipe import is_number

Index = NDArray[np.int64]


def check_fraction(name: str, value: object) -> None:
    """Whether a share makes sense.

    Raises:
        ValueError: it does not.
    """
    if value is not None and not (is_number(value) and 0 < value < 1):  # type: ignore[operator]
        raise ValueError(f"{name}={value!r}: pass a share between 0 and 1, or None for none")


def held_out(
    count: int, fraction: float | None, random: np.random.RandomState, classes: NDArray[np.int64] | None = None
) -> tuple[Index, Index]:
    """Numbers of the series to learn from, and of those held out.

    Classes are held out in proportion, and of each class one series at least is learned from.

    Args:
        count: N, how many series there are.
        fraction: the share that is held out, one series at least; None for none: then the training series themselves
            choose.
        random: draws them.
        classes: the class of each series (N,); None where it has none.

    Raises:
        ValueError: the fraction makes no sense, or no series can be spared.
    """
    check_fraction("validation_fraction", fraction)
    if fraction is None:
        return np.arange(count), np.arange(count)
    order = random.permutation(count)
    strata = np.zeros(count, np.int64) if classes is None else classes[order]
    order = order[np.argsort(strata, kind="stable")]
    first = np.diff(np.sort(strata), prepend=-1) > 0
    spare = order[~first]
    if len(spare) == 0:
        raise ValueError(
            f"validation_fraction={fraction}: with n_samples={count} no series can be spared, pass more series, or "
            "validation_fraction=None"
        )
    wanted = min(max(1, round(fraction * count)), len(spare))
    chosen = spare[((np.arange(wanted) + 0.5) * len(spare) / wanted).astype(np.int64)]
    return np.setdiff1d(np.arange(count), chosen), np.sort(chosen)
