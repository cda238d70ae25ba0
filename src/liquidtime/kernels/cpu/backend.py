"""Torch tensors in, torch tensors out: the operators of `liquidtime.kernels` on the CPU.

Widths are padded to a multiple of 8. A padded neuron has no synapses and weight 0: it stays 0 and moves nothing.
"""

import functools
import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from liquidtime.kernels.cpu import conductance, perceptron
from liquidtime.kernels.cpu.numerics import LOG2E
from liquidtime.kernels.methods import STAGES, padded

CODES = {name: code for code, name in enumerate(STAGES)}
ACTIVATIONS = {"sigmoid": perceptron.SIGMOID, "tanh": perceptron.TANH}


@functools.lru_cache(256)
def bounds(rows: int, tile: int, size: int) -> tuple[int, Tensor]:
    """How many groups the rows make, and where each begins. It depends on shapes alone, never on the number of threads.

    A group is a whole number of tiles; there are at most 16, fewer where a gradient sum of `size` numbers for each
    would take much memory.
    """
    tiles = -(-rows // tile)
    groups = max(1, min(tiles, 16, max(4, 2**22 // max(1, size))))
    starts = [min(rows, tile * (tiles * n // groups)) for n in range(groups + 1)]
    return groups, torch.tensor(starts)


def widen(tensor: Tensor, axes: int = 1) -> Tensor:
    """Contiguous, with zeros after the end of each of the last axes, up to a width that kernels take."""
    missing = [padded(size) - size for size in tensor.shape[-axes:]]
    if not any(missing):
        return tensor.contiguous()
    return pad(tensor, [amount for size in reversed(missing) for amount in (0, size)])


def narrow(tensor: Tensor, size: int) -> Tensor:
    """The first `size` of the last axis."""
    return tensor if tensor.shape[-1] == size else tensor[..., :size].contiguous()


def _stack(axes: int, gamma: Tensor, shift: Tensor, w: Tensor, wE: Tensor) -> Tensor:
    return widen(torch.stack([gamma * -LOG2E, shift * -LOG2E, w, wE]), axes)


def split(totals: Tensor, dtype: torch.dtype, *shapes: tuple[tuple[int, ...], tuple[int, ...]]) -> list[Tensor]:
    """The sum over groups of (groups, size), as parameters side by side; each is padded and true shape."""
    total, parts, end = totals.sum(0).to(dtype), [], 0
    for padded_shape, shape in shapes:
        start, end = end, end + math.prod(padded_shape)
        part = total[start:end].view(padded_shape)
        if padded_shape != shape:
            for axis, size in enumerate(shape):
                part = part.narrow(axis, 0, size)
        parts.append(part.clone(memory_format=torch.contiguous_format))
    return parts


def conductance_parameters(leak_drive: Tensor, leak_decay: Tensor, *synapses: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Leak (2, P), input synapses (4, I, P) and recurrent synapses (4, P, P), as the kernel takes them."""
    leak = widen(torch.stack([leak_drive, leak_decay]))
    return leak, _stack(1, *synapses[:4]), _stack(2, *synapses[4:])


def perceptron_parameters(
    weight_input: Tensor, weight: Tensor, bias: Tensor, A: Tensor, rate: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Both weights, and bias, A and rate (3, P), as the kernel takes them."""
    return widen(weight_input, 2), widen(weight, 2), widen(torch.stack([bias, A, rate]))


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
    P, evaluations = padded(H), substeps * STAGES[method]
    states = u.new_empty(T, B, P)
    kept_drive, kept_decay = (u.new_empty(T if keep else 0, evaluations, B, P) for _ in range(2))
    groups, starts = bounds(B, conductance.TILE, 4 * P * P)
    synapses = (input_gamma, input_shift, input_w, input_wE, gamma, shift, w, wE)
    leak, *stacks = conductance_parameters(leak_drive, leak_decay, *synapses)
    inputs = (leak, u.contiguous(), spans.contiguous(), lengths.contiguous(), widen(start))
    arrays = (starts, *stacks, *inputs, states, kept_drive, kept_decay)
    numbers = (T, B, I, P, CODES[method], substeps, keep)
    conductance.sequence_forward.run(u.dtype, groups, 8 * T * evaluations * B * P * P, numbers, arrays)
    return narrow(states, H), kept_drive, kept_decay


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
    P, evaluations = padded(H), substeps * STAGES[method]
    g_u, g_spans, g_start = u.new_zeros(T, B, I), u.new_zeros(T, B), u.new_empty(B, P)
    groups, starts = bounds(B, conductance.TILE, 4 * P * P)
    totals = u.new_zeros(groups, 2 * P + 4 * I * P + 4 * P * P, dtype=torch.float64)
    stacks = _stack(1, input_gamma, input_shift, input_w, input_wE), _stack(2, gamma, shift, w, wE)
    inputs = (u.contiguous(), spans.contiguous(), lengths.contiguous(), widen(start), widen(states))
    outputs = (g_u, g_spans, g_start, totals)
    arrays = (starts, *stacks, *inputs, kept_drive, kept_decay, widen(g_states), *outputs)
    numbers = (T, B, I, P, CODES[method], substeps)
    conductance.sequence_backward.run(u.dtype, groups, 16 * T * evaluations * B * P * P, numbers, arrays)
    shapes = [((P,), (H,))] * 2 + [((I, P), (I, H))] * 4 + [((P, P), (H, H))] * 4
    return g_u, g_spans, narrow(g_start, H), *split(totals, u.dtype, *shapes)


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
    P, evaluations = padded(H), substeps * STAGES[method]
    states = u.new_empty(T, B, P)
    kept = u.new_empty(T if keep else 0, evaluations, B, P)
    groups, starts = bounds(B, perceptron.TILE, P * P)
    parameters = perceptron_parameters(weight_input.T, weight.T, bias, A, rate)
    inputs = (widen(u), spans.contiguous(), lengths.contiguous(), widen(start))
    numbers = (T, B, padded(I), P, CODES[method], substeps, ACTIVATIONS[activation], liquid, keep)
    arrays = (starts, *parameters, *inputs, states, kept)
    perceptron.sequence_forward.run(u.dtype, groups, T * evaluations * B * P * P, numbers, arrays)
    return narrow(states, H), kept


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
    P, R, evaluations = padded(H), padded(I), substeps * STAGES[method]
    g_u, g_spans, g_start = u.new_zeros(T, B, R), u.new_zeros(T, B), u.new_empty(B, P)
    groups, starts = bounds(B, perceptron.TILE, P * P)
    totals = u.new_zeros(groups, P * R + P * P + 3 * P, dtype=torch.float64)
    parameters = perceptron_parameters(weight_input, weight, bias, A, rate)
    inputs = (widen(u), spans.contiguous(), lengths.contiguous(), widen(start), widen(states), kept, widen(g_states))
    numbers = (T, B, R, P, CODES[method], substeps, ACTIVATIONS[activation], liquid)
    arrays = (starts, *parameters, *inputs, g_u, g_spans, g_start, totals)
    perceptron.sequence_backward.run(u.dtype, groups, 3 * T * evaluations * B * P * P, numbers, arrays)
    shapes = [((P, R), (H, I)), ((P, P), (H, H)), *[((P,), (H,))] * 3]
    return narrow(g_u, I), g_spans, narrow(g_start, H), *split(totals, u.dtype, *shapes)
