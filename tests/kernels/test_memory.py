"""Kernels write their own arrays, all of them, and nothing else."""

import numpy as np
import pytest
import torch
from torch import Tensor

from kernel_tools import FORMS, arguments, of_backward, python
from liquidtime.kernels.cpu import backend, matrix
from liquidtime.kernels.methods import STAGES

CASES = [(name, method) for name in FORMS for method in STAGES if name != "ctgru"] + [("ctgru", "closed_form")]
SIZES = [(1, 1, 1, 1), (3, 5, 2, 7), (2, 4, 3, 8), (4, 9, 1, 33), (2, 17, 9, 40)]


def call_with_poison(name: str, sizes: tuple[int, int, int, int], method: str, monkeypatch) -> list[Tensor]:
    """Run forward and backward with every tensor that the backend makes inside a larger one full of NaN."""
    margin, blocks = 64, []

    def fenced(like: Tensor, shape: tuple[int, ...], dtype: torch.dtype | None) -> Tensor:
        size = int(np.prod(shape))
        block = torch.full((size + 2 * margin,), torch.nan, dtype=dtype or like.dtype)
        blocks.append((block, size))
        return block[margin : margin + size].view(shape)

    def flatten(shape: tuple) -> tuple[int, ...]:
        return tuple(shape[0]) if shape and not isinstance(shape[0], int) else shape

    given = list(arguments(name, torch.float64, *sizes))
    if name != "ctgru":
        given[-3] = method
    monkeypatch.setattr(Tensor, "new_empty", lambda t, *s, dtype=None: fenced(t, flatten(s), dtype))
    monkeypatch.setattr(Tensor, "new_zeros", lambda t, *s, dtype=None: fenced(t, flatten(s), dtype).zero_())
    outputs = getattr(backend, f"{name}_forward")(*given)
    g_states = torch.ones(outputs[0].shape).double()
    found = getattr(backend, f"{name}_backward")(*of_backward(name, given, g_states, outputs))
    monkeypatch.undo()
    assert blocks
    for block, size in blocks:
        assert block[:margin].isnan().all()
        assert block[margin + size :].isnan().all()
    return [*outputs[:1], *found]


@pytest.mark.parametrize(("name", "method"), CASES)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_kernels_write_every_number_of_theirs_and_none_beside(name, sizes, method, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    for tensor in call_with_poison(name, sizes, method, monkeypatch):
        assert tensor.isfinite().all()


def test_kernels_stay_inside_their_arrays_under_bounds_checking(tmp_path):
    code = """
import torch, liquidtime
from liquidtime import *
for kind in (ConductanceLTC, LTC):
    for T, B, I, H in ((1, 1, 1, 1), (3, 5, 2, 7), (2, 9, 3, 17)):
        for solver in (Fused(2), ExponentialMidpoint(1), RK4(1)):
            rnn = kind(I, H, solver=solver)
            rnn(torch.randn(T, B, I), lengths=[T] * B)[0].sum().backward()
for T, B, I, H in ((1, 1, 1, 1), (3, 5, 2, 7), (2, 9, 3, 17)):
    CTGRU(I, H)(torch.randn(T, B, I), lengths=[T] * B)[0].sum().backward()
print("done")
"""
    done = python(code, NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path))
    assert done.stdout.split() == ["done"], done.stderr
    assert "IndexError" not in done.stderr
    assert "out of bounds" not in done.stderr


@pytest.mark.parametrize("shape", [(1, 1, 8), (4, 3, 8), (5, 7, 40), (3, 2, 32), (9, 64, 72)], ids=str)
def test_a_product_stays_inside_its_array(shape):
    rows, steps, width = shape
    rng = np.random.default_rng(0)
    left, right, margin = rng.random((rows, steps)), rng.random((steps, width)), 64
    block = np.full(rows * width + 2 * margin, np.nan)
    out = block[margin:-margin]
    out[:] = 1
    matrix.add_product(rows, steps, width, left.ravel(), steps, 1, right.ravel(), out)
    assert np.allclose(out.reshape(rows, width), 1 + left @ right, rtol=1e-13)
    assert np.isnan(block[:margin]).all()
    assert np.isnan(block[-margin:]).all()
    out[:] = 0
    matrix.add_product(rows, steps, width, left.T.copy().ravel(), 1, rows, right.ravel(), out)
    assert np.allclose(out.reshape(rows, width), left @ right, rtol=1e-13)
