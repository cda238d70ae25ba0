"""Splitting windows among training, validation and test."""

from typing import NamedTuple

import numpy as np
import torch

from liquidtime.data.windows import Windows, pick


class Parts(NamedTuple):
    """Windows to learn from, to choose the epoch by, and to score once."""

    train: Windows
    valid: Windows
    test: Windows


def shuffled(windows: Windows, seed: int, valid: float = 0.1, test: float = 0.15) -> Parts:
    """The split of the LTC paper's code: permute all windows, then deal them out.

    The first ⌊valid · N⌋ windows of the permutation are for validation, the next ⌊test · N⌋ for test, the rest for
    training. Where windows overlap, the same rows can be in several parts.

    Args:
        windows: all of them.
        seed: of NumPy's `RandomState`.
        valid: the share for validation.
        test: the share for test.
    """
    order = torch.from_numpy(np.random.RandomState(seed).permutation(len(windows)))
    held, tested = int(valid * len(windows)), int(test * len(windows))
    return Parts(
        train=pick(windows, order[held + tested :]),
        valid=pick(windows, order[:held]),
        test=pick(windows, order[held : held + tested]),
    )
