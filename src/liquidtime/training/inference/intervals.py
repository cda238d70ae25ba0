"""How far predicted numbers are off: quantiles of validation residuals, kept beside the weights."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liquidtime.data import Task
from liquidtime.training.evaluate import read_out
from liquidtime.training.folder.files import RESTORE, RunFolderError, encode_json, read_json, write_aside
from liquidtime.training.model import SequenceModel
from liquidtime.training.recipe import is_number

FILE = "intervals.json"
LEVEL = 0.9
"""The share of the truth that intervals hold, if it is like the validation part."""


def residual_quantiles(residuals: NDArray[np.float64], level: float) -> tuple[float, float]:
    """The interval around a prediction that holds the truth with a given probability.

    Of n residuals r_1 ≤ … ≤ r_n, exchangeable with the next, the next lies from r_a to r_b with probability at least
    `level`, a = ⌊(n + 1) α/2⌋, b = ⌈(n + 1) (1 − α/2)⌉, α = 1 − level (split conformal prediction, Vovk et al. 2005),
    as long as 1 ≤ a and b ≤ n; with fewer residuals the outermost are taken.

    Args:
        residuals: truth less prediction (n,).
        level: from 0 to 1.

    Example:
        >>> residual_quantiles(np.arange(1.0, 20.0), 0.9)
        (1.0, 19.0)
    """
    ordered, n, tail = np.sort(residuals), len(residuals), (1 - level) / 2
    # Rounded first, since (n + 1) α/2 may miss a whole number by the last bit.
    low, high = np.floor(np.round((n + 1) * tail, 9)), np.ceil(np.round((n + 1) * (1 - tail), 9))
    return float(ordered[max(int(low), 1) - 1]), float(ordered[min(int(high), n) - 1])


def write_intervals(folder: Path, task: Task, model: SequenceModel) -> None:
    """Measure a model on the validation windows, each walked from a zero state, and keep an interval per target.

    Raises:
        RunFolderError: it cannot be written.
    """
    said, y = read_out(model, task.valid)
    off = (y - said).flatten(0, -2).double().numpy() * np.array(task.target_std or 1.0)
    offsets = [list(residual_quantiles(residuals, LEVEL)) for residuals in off.T]
    write_aside(folder / FILE, encode_json({"level": LEVEL, "offsets": offsets}))


def read_intervals(folder: Path, targets: Sequence[str]) -> tuple[float, NDArray[np.float64]]:
    """The level, and what to add to each prediction for the ends of its interval (O, 2), in units of the target.

    Raises:
        RunFolderError: the file is missing or damaged.
    """
    path = folder / FILE
    stored = read_json(path)
    level, offsets = stored.get("level", 0), stored.get("offsets", [])
    pairs = isinstance(offsets, list) and len(offsets) == len(targets) and all(map(_is_pair, offsets))
    if not (pairs and is_number(level) and 0 < level < 1):
        raise RunFolderError(f"{path}: level or offsets make no sense: {RESTORE}")
    return float(level), np.array(offsets, np.float64)


def _is_pair(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(map(is_number, value)) and value[0] <= value[1]
