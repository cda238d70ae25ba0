"""Which rows are trained on, which choose the epoch, and which are scored once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from liquidtime.data.table.goal import Goal
from liquidtime.data.table.options import Options
from liquidtime.data.table.rows import Rows, Stretch

SHARES = (0.7, 0.15, 0.15)
NAMES = ("train", "validate", "test")
GROUPS = 3
"""With at least so many series whole ones are held out, if the user does not say otherwise."""
LONGEST = {False: 64, True: 512}
"""Rows of a window at most, if the user does not say; by whether a series has one label."""
SHORTEST = 8
WINDOWS = 100
"""Training windows that do not overlap, at least, if the rows allow it."""


class Parts(NamedTuple):
    """Pieces of series, each within one."""

    train: list[Stretch]
    valid: list[Stretch]
    test: list[Stretch]


def parts(rows: Rows, goal: Goal, options: Options) -> tuple[Parts, str]:
    """The three parts, and by what they were split.

    Raises:
        ValueError: there are too few rows or series to split.
    """
    enough = len(rows.series) >= GROUPS
    split = options.split or ("group" if goal.last or enough else "time")
    if split == "group" and not enough:
        raise ValueError(
            f"split='group' with {len(rows.series)} series: pass --group COLUMN or at least {GROUPS} files, or "
            "--split time"
        )
    if split == "time" and goal.last:
        raise ValueError("split='time' with one label per series: pass --split group")
    found = _by_group(rows.series, goal) if split == "group" else _by_time(rows.series)
    # What lies beyond the end of a part is none of its business: the last rows have no numbers to forecast.
    ahead = options.horizon or 0
    cut = ([Stretch(one.name, one.start, one.stop - ahead) for one in part if len(one) > ahead] for part in found)
    return Parts(*cut), split


def window(found: Parts, goal: Goal, options: Options) -> int:
    """T, rows per window, chosen so that every part has some; of series with one label each, the longest window.

    Raises:
        ValueError: a part has no piece that is long enough.
    """
    longest = [max(map(len, part), default=0) for part in found]
    if options.window is not None:
        T = options.window
    elif goal.last:
        T = min(LONGEST[True], max(longest))
    else:
        trained = sum(map(len, found.train))
        usual = int(np.quantile([len(one) for part in found for one in part] or [0], 0.25))
        T = min(LONGEST[False], max(SHORTEST, trained // WINDOWS), max(usual, 1), *longest)
        T = 1 << max(T, 1).bit_length() - 1
    for name, most in zip(NAMES, longest, strict=True):
        if (most < T and not goal.last) or most < 2:
            needed = f"windows of {T} rows" if options.window else "windows"
            raise ValueError(
                f"the part to {name} has no series of more than {most} rows, too few for {needed}: pass more rows, "
                "or a smaller --window or --horizon"
            )
    return T


def _by_time(series: Sequence[Stretch]) -> Parts:
    found = Parts([], [], [])
    for one in series:
        first, second = int(SHARES[0] * len(one)), int((SHARES[0] + SHARES[1]) * len(one))
        bounds = [one.start, one.start + first, one.start + second, one.stop]
        for part, start, stop in zip(found, bounds[:-1], bounds[1:], strict=True):
            part.append(Stretch(one.name, start, stop))
    return Parts(*([one for one in part if len(one)] for part in found))


def _by_group(series: Sequence[Stretch], goal: Goal) -> Parts:
    """Whole series at random, always in the same way, each class dealt out alike where each has one label."""
    order = np.random.RandomState(0).permutation(len(series)).tolist()
    if goal.last:
        order.sort(key=lambda index: int(goal.values[series[index].start]))
    # Each goes where rows are wanted most.
    sizes = np.zeros(3)
    found = Parts([], [], [])
    for index in order:
        neediest = int(np.argmin(sizes / np.array(SHARES)))
        found[neediest].append(series[index])
        sizes[neediest] += len(series[index])
    return Parts(*(sorted(part, key=lambda one: one.start) for part in found))
