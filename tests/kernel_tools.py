"""What the tests of the kernels share."""

import os
import subprocess
import sys
from functools import partial

import pytest
import torch
from torch import Tensor

from liquidtime import CTRNN, LTC, ConductanceLTC, NeuralODE

KINDS = {"conductance": partial(ConductanceLTC, init="ncps"), "ltc": LTC, "ctrnn": CTRNN, "node": NeuralODE}
over_kinds = pytest.mark.parametrize("kind", KINDS)


def pair(kind: str, I: int, H: int, **options: object):
    """The same layer on the kernel and on the reference."""
    torch.manual_seed(0)
    fast = KINDS[kind](I, H, kernel="numba", **options)
    slow = KINDS[kind](I, H, kernel="reference", **options)
    slow.load_state_dict(fast.state_dict())
    return fast, slow


def agree(a: Tensor, b: Tensor, tolerance: float) -> bool:
    a, b = a.detach(), b.detach()
    return float((a - b).abs().max()) <= tolerance * float(b.abs().max())


def gradients(rnn, output: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(output.square().sum(), list(rnn.parameters())))


X = torch.zeros(2, 4, 3)


def arguments(name: str, dtype: torch.dtype, T: int = 3, B: int = 5, I: int = 2, H: int = 7) -> tuple:
    """Inputs of a forward operator."""
    draw = torch.Generator().manual_seed(3)
    rand = lambda *shape: torch.rand(*shape, dtype=dtype, generator=draw)  # noqa: E731
    head = (rand(T, B, I), rand(T, B), torch.tensor([T, 0, T - 1, 1, T]).clamp(0, T).repeat(1 + B // 5)[:B], rand(B, H))
    if name == "conductance":
        synapses = (*(rand(I, H) for _ in range(4)), *(rand(H, H) for _ in range(4)))
        return (*head, rand(H), 1 + rand(H), *synapses, "exponential_midpoint", 2, True)
    return (*head, rand(H, I), rand(H, H), rand(H), rand(H), rand(H), "tanh", True, "rk4", 2, True)


def python(code: str, **environment: str) -> subprocess.CompletedProcess:
    """Run code in a fresh interpreter."""
    env = os.environ | {"OMP_NUM_THREADS": "2"} | environment
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, timeout=300)
