"""Torch tensors in, torch tensors out: the operators of `liquidtime.kernels` on the CPU.

Widths are padded to a multiple of 8. A padded neuron has no synapses and weight 0: it stays 0 and moves nothing.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from liquidtime.kernels.cpu import conductance, ctgru, perceptron
from liquidtime.kernels.cpu.entry import groups_of
from liquidtime.kernels.cpu.steps import CODES
from liquidtime.kernels.methods import LOG2E, STAGES, TRACES, padded

ACTIVATIONS = {"sigmoid": perceptron.SIGMOID, "tanh": perceptron.TANH}


def widen(tensor: Tensor, axes: int = 1) -> Tensor:
    """Contiguous, with zeros after the end of each of the last axes, up to a width that kernels take."""
    missing = [padded(size) - size for size in tensor.shape[-axes:]]
    if not any(missing):
        return tensor.contiguous()
    return pad(tensor, [amount for size in reversed(missing) for amount in (0, size)])


def narrow(tensor: Tensor, size: int) -> Tensor:
    """The first `size` of the last axis."""
    return tensor if tensor.shape[-1] == size else tensor[..., :size].contiguous()


def widen_state(state: Tensor, neurons: int) -> Tensor:
    """Contiguous, with zeros behind the last neuron, of which each has one number or several side by side."""
    missing = state.shape[-1] // neurons * (padded(neurons) - neurons)
    return pad(state, (0, missing)) if missing else state.contiguous()


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


def ctgru_parameters(
    weight_input: Tensor, weight_scales: Tensor, weight_candidate: Tensor, log_tau: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Weights of the input (3, P, R) and the neurons (3, P, P), one for each gate; ln τ̃ and log₂e/τ̃ (2, 8)."""
    H = len(weight_candidate)
    weight = torch.cat([weight_scales, weight_candidate])
    grid = torch.stack([log_tau, LOG2E * torch.exp(-log_tau)])
    return widen(weight_input.view(3, H, -1), 2), widen(weight.view(3, H, H), 2), grid


def ctgru_forward_parameters(
    weight_input: Tensor, weight_scales: Tensor, weight_candidate: Tensor, bias: Tensor, log_tau: Tensor
) -> tuple[Tensor, ...]:
    """The same with rows presynaptic, and the bias (3, P) before the last, as the forward kernel takes them."""
    W, U, grid = ctgru_parameters(weight_input, weight_scales, weight_candidate, log_tau)
    return W.transpose(1, 2).contiguous(), U.transpose(1, 2).contiguous(), widen(bias.view(3, -1)), grid


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
    groups = groups_of(B, conductance.TILE, 4 * P * (P + I))
    synapses = (input_gamma, input_shift, input_w, input_wE, gamma, shift, w, wE)
    leak, *stacks = conductance_parameters(leak_drive, leak_decay, *synapses)
    inputs = (leak, u.contiguous(), spans.contiguous(), lengths.contiguous(), widen(start))
    arrays = (*stacks, *inputs, states, kept_drive, kept_decay)
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
    groups = groups_of(B, conductance.TILE, 4 * P * (P + I))
    totals = u.new_zeros(groups.count, 2 * P + 4 * I * P + 4 * P * P, dtype=torch.float64)
    stacks = _stack(1, input_gamma, input_shift, input_w, input_wE), _stack(2, gamma, shift, w, wE)
    inputs = (u.contiguous(), spans.contiguous(), lengths.contiguous(), widen(start), widen(states))
    outputs = (g_u, g_spans, g_start, totals)
    arrays = (*stacks, *inputs, kept_drive, kept_decay, widen(g_states), *outputs)
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
    groups = groups_of(B, perceptron.TILE, P * (P + I))
    parameters = perceptron_parameters(weight_input.T, weight.T, bias, A, rate)
    inputs = (widen(u), spans.contiguous(), lengths.contiguous(), widen(start))
    numbers = (T, B, padded(I), P, CODES[method], substeps, ACTIVATIONS[activation], liquid, keep)
    arrays = (*parameters, *inputs, states, kept)
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
    groups = groups_of(B, perceptron.TILE, P * (P + I))
    totals = u.new_zeros(groups.count, P * R + P * P + 3 * P, dtype=torch.float64)
    parameters = perceptron_parameters(weight_input, weight, bias, A, rate)
    inputs = (widen(u), spans.contiguous(), lengths.contiguous(), widen(start), widen(states), kept, widen(g_states))
    numbers = (T, B, R, P, CODES[method], substeps, ACTIVATIONS[activation], liquid)
    arrays = (*parameters, *inputs, g_u, g_spans, g_start, totals)
    perceptron.sequence_backward.run(u.dtype, groups, 3 * T * evaluations * B * P * P, numbers, arrays)
    shapes = [((P, R), (H, I)), ((P, P), (H, H)), *[((P,), (H,))] * 3]
    return narrow(g_u, I), g_spans, narrow(g_start, H), *split(totals, u.dtype, *shapes)


def ctgru_forward(
    u: Tensor,
    spans: Tensor,
    lengths: Tensor,
    start: Tensor,
    weight_input: Tensor,
    weight_scales: Tensor,
    weight_candidate: Tensor,
    bias: Tensor,
    log_tau: Tensor,
    keep: bool,
) -> tuple[Tensor, Tensor]:
    """States (T, B, 8H), and the arguments of the gates (T, 3, B, P) if `keep`."""
    (T, B, I), H = u.shape, len(weight_candidate)
    P, R = padded(H), padded(I)
    states, kept = u.new_empty(T, B, TRACES * P), u.new_empty(T if keep else 0, 3, B, P)
    groups = groups_of(B, ctgru.TILE, 3 * P * (P + R))
    parameters = ctgru_forward_parameters(weight_input, weight_scales, weight_candidate, bias, log_tau)
    inputs = (widen(u), spans.contiguous(), lengths.contiguous(), widen_state(start, H))
    numbers = (T, B, R, P, keep)
    ctgru.sequence_forward.run(u.dtype, groups, 3 * T * B * P * (P + R), numbers, (*parameters, *inputs, states, kept))
    return narrow(states, TRACES * H), kept


def ctgru_backward(
    g_states: Tensor,
    u: Tensor,
    spans: Tensor,
    lengths: Tensor,
    start: Tensor,
    states: Tensor,
    kept: Tensor,
    weight_input: Tensor,
    weight_scales: Tensor,
    weight_candidate: Tensor,
    log_tau: Tensor,
) -> tuple[Tensor, ...]:
    """Gradients of u, spans, start, input weight, weights of scales and candidate, and bias."""
    (T, B, I), H = u.shape, len(weight_candidate)
    P, R = padded(H), padded(I)
    g_u, g_spans, g_start = u.new_zeros(T, B, R), u.new_zeros(T, B), u.new_empty(B, TRACES * P)
    groups = groups_of(B, ctgru.TILE, 3 * P * (P + R))
    totals = u.new_zeros(groups.count, 3 * P * (R + P + 1), dtype=torch.float64)
    parameters = ctgru_parameters(weight_input, weight_scales, weight_candidate, log_tau)
    inputs = (widen(u), spans.contiguous(), lengths.contiguous(), widen_state(start, H), widen_state(states, H))
    arrays = (*parameters, *inputs, kept, widen_state(g_states, H), g_u, g_spans, g_start, totals)
    ctgru.sequence_backward.run(u.dtype, groups, 6 * T * B * P * (P + R), (T, B, R, P), arrays)
    shapes = [((3, P, R), (3, H, I)), ((2, P, P), (2, H, H)), ((P, P), (H, H)), ((3, P), (3, H))]
    g_input, g_scales, g_candidate, g_bias = split(totals, u.dtype, *shapes)
    of_weights = (g_input.view(3 * H, I), g_scales.view(2 * H, H), g_candidate, g_bias.view(3 * H))
    return narrow(g_u, I), g_spans, narrow(g_start, TRACES * H), *of_weights
