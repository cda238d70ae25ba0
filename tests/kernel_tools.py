"""What the tests of the kernels share."""

import math
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import partial

import pytest
import torch
from torch import Tensor

from liquidtime import CTGRU, CTRNN, LTC, ConductanceLTC, NeuralODE

FORMS = ["conductance", "perceptron", "ctgru"]
KINDS = {
    "conductance": partial(ConductanceLTC, init="ncps"),
    "ltc": LTC,
    "ctrnn": CTRNN,
    "node": NeuralODE,
    "ctgru": lambda I, H, solver=None, **options: CTGRU(I, H, **options),
}
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
    if name == "ctgru":
        log_tau = torch.arange(8, dtype=dtype) * math.log(10) / 2
        return (*head[:3], rand(B, 8 * H), rand(3 * H, I), rand(2 * H, H), rand(H, H), rand(3 * H), log_tau, True)
    return (*head, rand(H, I), rand(H, H), rand(H), rand(H), rand(H), "tanh", True, "rk4", 2, True)


def trained_arguments(name: str, dtype: torch.dtype) -> list:
    """The same, asking for every gradient that there is: of all numbers but the fixed ln τ̃ of a CT-GRU."""
    given = arguments(name, dtype)
    fixed = given[-2] if name == "ctgru" else None
    wanted = [isinstance(a, Tensor) and a.is_floating_point() and a is not fixed for a in given]
    return [a.requires_grad_() if asked else a for a, asked in zip(given, wanted, strict=True)]


def of_backward(name: str, given: Sequence, g_states: Tensor, outputs: Sequence[Tensor]) -> tuple:
    """Inputs of a backward operator, from those of the forward one and what it gave."""
    parameters = {"conductance": given[6:-1], "perceptron": given[4:-1], "ctgru": [*given[4:7], given[8]]}
    return (g_states, *given[:4], *outputs, *parameters[name])


def python(code: str, **environment: str) -> subprocess.CompletedProcess:
    """Run code in a fresh interpreter."""
    env = os.environ | {"OMP_NUM_THREADS": "2"} | environment
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, timeout=300)
