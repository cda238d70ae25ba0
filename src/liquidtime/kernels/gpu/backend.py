"""Torch tensors in, torch tensors out: the operators of `liquidtime.kernels` on a GPU.

float32 and bfloat16; within a kernel the latter is float32 (and float64, in Triton's interpreter, float64). What
bfloat16 keeps for the backward pass is rounded to it.
"""

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor

from liquidtime.kernels.gpu import conductance, perceptron
from liquidtime.kernels.methods import LOG2E, STAGES, padded

RESIDENT = 64
"""Up to this many neurons a program holds the recurrent parameters in registers."""

PROGRAMS = 132
"""Most programs of a backward pass, each with a gradient sum of its own: the same on every GPU, so that sums are."""


def working(dtype: torch.dtype) -> torch.dtype:
    """The type that kernels compute in."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def layout(dtype: torch.dtype, method: str, I: int, H: int) -> dict[str, Any]:
    """What a kernel is compiled for: the widths, the blocks that a program takes at a time, the number of warps."""
    BH = triton.next_power_of_2(padded(H))
    most = max(1, 4096 // BH)
    return {
        "METHOD": method,
        "STAGES": STAGES[method],
        "I": I,
        "H": H,
        "P": padded(H),
        "BI": min(most, triton.next_power_of_2(max(1, I))),
        "BJ": min(most, BH),
        "BH": BH,
        "RESIDENT": H <= RESIDENT,
        "real": tl.float64 if dtype == torch.float64 else tl.float32,
        "num_warps": 4 if BH <= 32 else 8,
        "num_stages": 1,
        "enable_fp_fusion": True,
    }


def programs(B: int, size: int) -> int:
    """Of a backward pass over B rows; fewer where their gradient sums of `size` numbers would take much memory."""
    return max(1, min(B, PROGRAMS, 2**28 // max(1, size)))


def launch(kernel: Any, programs: int, *arguments: Any, **layout: Any) -> None:
    """Run a kernel on the device of its first tensor."""
    if programs:
        with torch.cuda.device_of(arguments[0]):
            kernel[(programs,)](*arguments, **layout)


def _stack(gamma: Tensor, shift: Tensor, w: Tensor, wE: Tensor) -> Tensor:
    """a, c, w, wE in the type that kernels compute in."""
    gamma, shift, w, wE = (one.to(working(one.dtype)) for one in (gamma, shift, w, wE))
    return torch.stack([gamma * -LOG2E, shift * -LOG2E, w, wE])


def _totals(like: Tensor, groups: int, *shapes: tuple[int, ...]) -> list[Tensor]:
    """Gradient sums, zero, one of each for every program."""
    return [like.new_zeros(groups, *shape, dtype=working(like.dtype)) for shape in shapes]


def _sums(totals: list[Tensor], dtype: torch.dtype) -> list[Tensor]:
    """Their sums over programs, a tensor of its own for each of the first axis."""
    return [one.to(dtype, copy=True) for total in totals for one in total.sum(0)]


def conductance_forward(
    u: Tensor,
    spans: Tensor,
    lengths: Tensor,
    start: Tensor,
    leak_drive: Tensor,
    leak_decay: Tensor,
    input_gamma: Tensor,
    input_shift: Tensor,
    input_w: Tensor,
    input_wE: Tensor,
    gamma: Tensor,
    shift: Tensor,
    w: Tensor,
    wE: Tensor,
    method: str,
    substeps: int,
    keep: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    """States (T, B, H), and drive and decay at every evaluation (T, E, B, P) if `keep`."""
    (T, B, I), H = u.shape, gamma.shape[0]
    states = u.new_empty(T, B, H)
    kept = (T if keep else 0, substeps * STAGES[method], B, padded(H))
    kept_drive, kept_decay = u.new_empty(kept), u.new_empty(kept)
    scratch = u.new_empty(B, H, dtype=working(u.dtype))
    synapses = _stack(input_gamma, input_shift, input_w, input_wE), _stack(gamma, shift, w, wE)
    inputs = (torch.stack([leak_drive, leak_decay]), *synapses, u.contiguous(), spans.contiguous())
    arrays = (*inputs, lengths.contiguous(), start.contiguous(), states, kept_drive, kept_decay, scratch)
    setting = layout(u.dtype, method, I, H)
    launch(conductance.sequence_forward, B, *arrays, T, B, substeps, KEEP=keep, **setting)
    return states, kept_drive, kept_decay


def conductance_backward(
    g_states: Tensor,
    u: Tensor,
    spans: Tensor,
    lengths: Tensor,
    start: Tensor,
    states: Tensor,
    kept_drive: Tensor,
    kept_decay: Tensor,
    input_gamma: Tensor,
    input_shift: Tensor,
    input_w: Tensor,
    input_wE: Tensor,
    gamma: Tensor,
    shift: Tensor,
    w: Tensor,
    wE: Tensor,
    method: str,
    substeps: int,
) -> tuple[Tensor, ...]:
    """Gradients of u, spans, start, both of the leak, and the synapses, those of the inputs first."""
    (T, B, I), H = u.shape, gamma.shape[0]
    groups = programs(B, 4 * H * (I + H))
    outputs = u.new_zeros(T, B, I), u.new_zeros(T, B), u.new_empty(B, H)
    totals = _totals(u, groups, (2, H), (4, I, H), (4, H, H))
    scratch = _scratch(u, groups, substeps * STAGES[method], H)
    synapses = _stack(input_gamma, input_shift, input_w, input_wE), _stack(gamma, shift, w, wE)
    given = (u, spans, lengths, start, states, kept_drive, kept_decay, g_states)
    arrays = (*synapses, *(one.contiguous() for one in given), *outputs, *totals, *scratch)
    launch(conductance.sequence_backward, groups, *arrays, T, B, substeps, **layout(u.dtype, method, I, H))
    return *outputs, *_sums(totals, u.dtype)


def perceptron_forward(
    u: Tensor,
    spans: Tensor,
    lengths: Tensor,
    start: Tensor,
    weight_input: Tensor,
    weight: Tensor,
    bias: Tensor,
    A: Tensor,
    rate: Tensor,
    activation: str,
    liquid: bool,
    method: str,
    substeps: int,
    keep: bool,
) -> tuple[Tensor, Tensor]:
    """States (T, B, H), and the argument of the activation at every evaluation (T, E, B, P) if `keep`."""
    (T, B, I), H = u.shape, weight.shape[0]
    states = u.new_empty(T, B, H)
    kept = u.new_empty(T if keep else 0, substeps * STAGES[method], B, padded(H))
    scratch = u.new_empty(B, H, dtype=working(u.dtype))
    parameters = (torch.stack([bias, A, rate]), weight_input.T.contiguous(), weight.T.contiguous())
    given = (one.contiguous() for one in (u, spans, lengths, start))
    numbers = (T, B, substeps, activation, liquid)
    setting = layout(u.dtype, method, I, H)
    launch(perceptron.sequence_forward, B, *parameters, *given, states, kept, scratch, *numbers, KEEP=keep, **setting)
    return states, kept


def perceptron_backward(
    g_states: Tensor,
    u: Tensor,
    spans: Tensor,
    lengths: Tensor,
    start: Tensor,
    states: Tensor,
    kept: Tensor,
    weight_input: Tensor,
    weight: Tensor,
    bias: Tensor,
    A: Tensor,
    rate: Tensor,
    activation: str,
    liquid: bool,
    method: str,
    substeps: int,
) -> tuple[Tensor, ...]:
    """Gradients of u, spans, start, input weight, weight, bias, A and rate."""
    (T, B, I), H = u.shape, weight.shape[0]
    groups = programs(B, H * (I + H))
    outputs = u.new_zeros(T, B, I), u.new_zeros(T, B), u.new_empty(B, H)
    totals = _totals(u, groups, (3, H), (1, I, H), (1, H, H))
    scratch = _scratch(u, groups, substeps * STAGES[method], H)
    parameters = (torch.stack([bias, A, rate]), weight_input.T.contiguous(), weight.T.contiguous())
    given = (one.contiguous() for one in (u, spans, lengths, start, states, kept, g_states))
    numbers = (T, B, substeps, activation, liquid)
    arrays = (*parameters, *given, *outputs, *totals, *scratch)
    launch(perceptron.sequence_backward, groups, *arrays, *numbers, **layout(u.dtype, method, I, H))
    g_bias, g_A, g_rate, g_weight_input, g_weight = _sums(totals, u.dtype)
    return *outputs, g_weight_input.T.contiguous(), g_weight.T.contiguous(), g_bias, g_A, g_rate


def _scratch(like: Tensor, groups: int, evaluations: int, H: int) -> tuple[Tensor, Tensor]:
    """Room of every program for the points of evaluation of a sample, and for the gradient of one."""
    kind = working(like.dtype)
    return like.new_empty(groups, evaluations, H, dtype=kind), like.new_empty(groups, H, dtype=kind)
