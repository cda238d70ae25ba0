"""The operators `torch.ops.liquidtime.*`: whole sequences in one call, on whichever device the tensors are.

Shapes: B batch, T time steps, I inputs, H neurons, P = H padded to a multiple of 8, E evaluations of drive and decay
per sample. u is (T, B, I), `spans` (T, B), `lengths` (B,): past its length a state stays. `start` (B, H) is the state
before the first sample. Methods and activations go by name. The body of each function is its fake: the shapes of its
outputs.
"""

from typing import Any

from torch import Tensor

from liquidtime.kernels.methods import STAGES, padded
from liquidtime.kernels.registration import Operator, differentiable, like


@Operator
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
    """The conductance form. Synapses are (I, H) and (H, H), rows presynaptic, with σ = sigmoid(γ v + shift).

    States (T, B, H), and drive and decay at every evaluation (T, E, B, P), or nothing of them unless `keep`.
    """
    T, B, _ = u.shape
    H = gamma.shape[0]
    kept = (T if keep else 0, substeps * STAGES[method], B, padded(H))
    return u.new_empty(T, B, H), u.new_empty(kept), u.new_empty(kept)


@Operator
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
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Gradients of u, spans, start, both of the leak, and the synapses, those of the inputs first."""
    leak = start.shape[-1]
    given = (like(u), like(spans), like(start), u.new_empty(leak), u.new_empty(leak))
    inputs = (like(input_gamma), like(input_shift), like(input_w), like(input_wE))
    return (*given, *inputs, like(gamma), like(shift), like(w), like(wE))


@Operator
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
    """Equations on f = activation(weight_input u + weight x + bias): drive f A, decay rate + |f| if liquid, else rate.

    States (T, B, H), and the activation's argument at every evaluation (T, E, B, P), or nothing of it unless `keep`.
    """
    T, B, _ = u.shape
    H = weight.shape[0]
    return u.new_empty(T, B, H), u.new_empty(T if keep else 0, substeps * STAGES[method], B, padded(H))


@Operator
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
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Gradients of u, spans, start, input weight, weight, bias, A and rate."""
    given = (like(u), like(spans), like(start))
    return (*given, like(weight_input), like(weight), like(bias), like(A), like(rate))


@Operator
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
    """The CT-GRU on the CPU: states of 8 traces per neuron, side by side; weights (3H, I), (2H, H) and (H, H).

    States (T, B, 8H), and the arguments of the gates (T, 3, B, P), or nothing of them unless `keep`.
    """
    T, B, _ = u.shape
    return u.new_empty(T, *start.shape), u.new_empty(T if keep else 0, 3, B, padded(weight_candidate.shape[0]))


@Operator
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
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Gradients of u, spans, start, input weight, weights of scales and candidate, and bias."""
    given = (like(u), like(spans), like(start))
    bias = u.new_empty(weight_input.shape[0])
    return (*given, like(weight_input), like(weight_scales), like(weight_candidate), bias)


def _save_conductance(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
    *tensors, method, substeps, _ = inputs
    ctx.save_for_backward(*output, *tensors)
    ctx.settings = method, substeps


def _pull_conductance(ctx: Any, g_states: Tensor | None, *unused: None) -> Any:
    if g_states is None:
        return (None,) * 17
    states, kept_drive, kept_decay, *tensors = ctx.saved_tensors
    if len(kept_drive) == 0:
        states, kept_drive, kept_decay = conductance_forward(*tensors, *ctx.settings, True)
    u, spans, lengths, start, _, _, *synapses = tensors
    found = (states, kept_drive, kept_decay)
    g_u, g_spans, *rest = conductance_backward(g_states, u, spans, lengths, start, *found, *synapses, *ctx.settings)
    return g_u, g_spans, None, *rest, None, None, None


def _save_perceptron(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
    *tensors, activation, liquid, method, substeps, _ = inputs
    ctx.save_for_backward(*output, *tensors)
    ctx.settings = activation, liquid, method, substeps


def _pull_perceptron(ctx: Any, g_states: Tensor | None, *unused: None) -> Any:
    if g_states is None:
        return (None,) * 14
    states, kept, *tensors = ctx.saved_tensors
    if len(kept) == 0:
        states, kept = perceptron_forward(*tensors, *ctx.settings, True)
    u, spans, lengths, start, *parameters = tensors
    g_u, g_spans, *rest = perceptron_backward(
        g_states, u, spans, lengths, start, states, kept, *parameters, *ctx.settings
    )
    return g_u, g_spans, None, *rest, None, None, None, None, None


def _save_ctgru(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
    *tensors, _ = inputs
    ctx.save_for_backward(*output, *tensors)


def _pull_ctgru(ctx: Any, g_states: Tensor | None, *unused: None) -> Any:
    if g_states is None:
        return (None,) * 10
    states, kept, *tensors = ctx.saved_tensors
    if len(kept) == 0:
        states, kept = ctgru_forward(*tensors, True)
    u, spans, lengths, start, *weights, _, log_tau = tensors
    g_u, g_spans, *rest = ctgru_backward(g_states, u, spans, lengths, start, states, kept, *weights, log_tau)
    return g_u, g_spans, None, *rest, None, None


differentiable(conductance_forward, conductance_backward, _save_conductance, _pull_conductance)
differentiable(perceptron_forward, perceptron_backward, _save_perceptron, _pull_perceptron)
differentiable(ctgru_forward, ctgru_backward, _save_ctgru, _pull_ctgru)
