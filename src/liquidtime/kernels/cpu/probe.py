"""Whether anything can be compiled here."""

import ctypes

import numpy as np
import torch

from liquidtime.kernels.cpu import backend
from liquidtime.kernels.cpu.entry import Entry, array, next_group, run_on, table


def _fill(address):
    q = table(address)
    target = array(q[2], q[1], np.float64)
    group = next_group(address)
    while group < q[1]:
        target[group] = group
        group = next_group(address)


def probe() -> None:
    """Compile a loop and run it.

    Raises:
        Exception: whatever Numba or the kernels' modules raise.
    """
    target = np.full(3, -1.0)  # no tensor: the first call of all may be under some mode of torch
    entry = Entry(_fill, _fill)
    held = entry.table((0, 3, target.ctypes.data))
    run_on(1, entry.kernel(torch.float64), ctypes.addressof(held))
    if target.tolist() != [0, 1, 2] or not backend.ACTIVATIONS:
        raise RuntimeError(f"compiled code gave {target.tolist()} where 0, 1, 2 were due")
