"""Cutting a series into windows."""

import torch
from torch import Tensor

from liquidtime.data.task import Windows


def cut(x: Tensor, y: Tensor, length: int, stride: int = 1) -> Windows:
    """All windows of one series, as views onto it.

        for s in range(0, R − T, stride): rows s … s + T − 1

    This is the cut of the LTC paper's code: a window that would end exactly on the last row is left out.

    Args:
        x: inputs (R, I).
        y: labels (R,).
        length: T, rows per window.
        stride: rows from the start of one window to the start of the next.

    Returns:
        ⌈(R − T) / stride⌉ windows, none if R ≤ T.

    Raises:
        ValueError: `length` or `stride` is not positive, or x and y have different lengths.

    Example:
        >>> import torch
        >>> windows = cut(torch.zeros(10, 3), torch.zeros(10, dtype=torch.int64), length=4, stride=2)
        >>> windows.x.shape
        torch.Size([3, 4, 3])
    """
    for name, value in (("length", length), ("stride", stride)):
        if value < 1:
            raise ValueError(f"{name}={value}: pass a whole number of rows, at least 1")
    if len(x) != len(y):
        raise ValueError(f"x has {len(x)} rows and y has {len(y)}: pass one label per row")
    if len(x) <= length:
        return Windows(x.new_empty(0, length, x.shape[1]), y.new_empty(0, length))
    count = len(range(0, len(x) - length, stride))
    return Windows(
        x.unfold(0, length, stride)[:count].transpose(1, 2),
        y.unfold(0, length, stride)[:count],
    )


def join(parts: list[Windows]) -> Windows:
    """The windows of several series one after another (a copy)."""
    return Windows(torch.cat([part.x for part in parts]), torch.cat([part.y for part in parts]))


def pick(windows: Windows, index: Tensor) -> Windows:
    """Some of the windows, in the order of `index` (a copy)."""
    return Windows(windows.x[index], windows.y[index])
