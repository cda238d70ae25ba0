"""Whether anything can be compiled here."""

import numpy as np
import torch

from liquidtime.kernels.cpu import backend
from liquidtime.kernels.cpu.entry import Entry, array, next_group, table


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
    target = torch.full((3,), -1.0, dtype=torch.float64)
    Entry(_fill, _fill).run(torch.float64, 3, 0, (), (target,))
    if target.tolist() != [0, 1, 2] or not backend.CODES:
        raise RuntimeError(f"compiled code gave {target.tolist()} where 0, 1, 2 were due")
