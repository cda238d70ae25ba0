"""Per-neuron bounds of the time constant and of the state."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch

import torch
from torch import Tensor

from liquidtime.dynamics import ConductanceDynamics, CTRNNDynamics, Dynamics, LTCDynamics, NeuralODEDynamics
from liquidtime.layers.ode import ODELayer


@dataclass(frozen=True)
class Bounds:
    """A closed interval per neuron.

    Args:
        lower: (layers · directions, H).
        upper: (layers · directions, H).
    """

    lower: Tensor
    upper: Tensor


def time_constant_bounds(layer: ODELayer) -> Bounds:
    """Theorem 1: between which values τ_sys of each neuron lies, whatever input and state.

        LTC             τ/(1 + τ W) ≤ τ_sys ≤ τ,  W = f.upper_bound, a bound of |f| (∞ if f declares none)
        conductance     C/(g_leak + Σ_j w_ji) ≤ τ_sys ≤ C/g_leak,  j over neurons and inputs
        CT-RNN          τ_sys = τ
        neural ODE      τ_sys = ∞

    Args:
        layer: any layer of this library that is a differential equation.

    Raises:
        ValueError: any other module.

    Example:
        >>> from liquidtime import LTC
        >>> bounds = time_constant_bounds(LTC(3, 5, tau=(2.0, 2.0)))
        >>> round(float(bounds.lower[0, 0]), 4), round(float(bounds.upper[0, 0]), 4)
        (0.6667, 2.0)
    """
    return _stack(layer, _time_constants)


def state_bounds(layer: ODELayer) -> Bounds:
    """Theorem 2: the box that no state leaves once inside, whatever the input.

        LTC, f ≥ 0      min(0, A) ≤ x ≤ max(0, A)
        LTC, signed f   −|A| ≤ x ≤ |A|
        conductance     min(E_leak, E_ji) ≤ x ≤ max(E_leak, E_ji), j over all synapses that are there
        CT-RNN          τ inf f ≤ x ≤ τ sup f
        neural ODE      none: −∞, ∞

    For the conductance form 0 need not lie inside: the paper's box with 0 holds for the first form alone.

    Args:
        layer: any layer of this library that is a differential equation.

    Raises:
        ValueError: any other module.
    """
    return _stack(layer, _states)


def _stack(layer: ODELayer, bound: Callable[[Dynamics], tuple[Tensor, Tensor]]) -> Bounds:
    if not isinstance(layer, ODELayer):
        raise ValueError(f"{type(layer).__name__} is no differential equation of this library: it has no such bounds")
    with torch.no_grad():
        pairs = [bound(layer.dynamics(index)) for index in range(len(layer.cells))]
    return Bounds(torch.stack([low for low, _ in pairs]), torch.stack([high for _, high in pairs]))


@singledispatch
def _time_constants(dynamics: Dynamics) -> tuple[Tensor, Tensor]:
    raise ValueError(f"no bound of the time constant is known for {type(dynamics).__name__}")


@_time_constants.register
def _(dynamics: LTCDynamics) -> tuple[Tensor, Tensor]:
    return 1 / (1 / dynamics.tau + dynamics.f_upper_bound), dynamics.tau


@_time_constants.register
def _(dynamics: ConductanceDynamics) -> tuple[Tensor, Tensor]:
    largest = dynamics.g_leak + dynamics.w.sum(0) + dynamics.input_w.sum(0)
    return dynamics.C / largest, dynamics.C / dynamics.g_leak


@_time_constants.register
def _(dynamics: CTRNNDynamics) -> tuple[Tensor, Tensor]:
    return dynamics.tau, dynamics.tau


@_time_constants.register
def _(dynamics: NeuralODEDynamics) -> tuple[Tensor, Tensor]:
    infinite = _infinite(dynamics)
    return infinite, infinite


@singledispatch
def _states(dynamics: Dynamics) -> tuple[Tensor, Tensor]:
    raise ValueError(f"no bound of the state is known for {type(dynamics).__name__}")


@_states.register
def _(dynamics: LTCDynamics) -> tuple[Tensor, Tensor]:
    if dynamics.f_lower_bound >= 0:
        return dynamics.A.clamp(max=0), dynamics.A.clamp(min=0)
    return -dynamics.A.abs(), dynamics.A.abs()


@_states.register
def _(dynamics: ConductanceDynamics) -> tuple[Tensor, Tensor]:
    potentials = [(dynamics.E, dynamics.recurrent_mask), (dynamics.input_E, dynamics.input_mask)]
    low, high = [dynamics.E_leak.unsqueeze(0)], [dynamics.E_leak.unsqueeze(0)]
    for E, mask in potentials:
        low.append(E if mask is None else torch.where(mask, E, torch.inf))
        high.append(E if mask is None else torch.where(mask, E, -torch.inf))
    return torch.cat(low).amin(0), torch.cat(high).amax(0)


@_states.register
def _(dynamics: CTRNNDynamics) -> tuple[Tensor, Tensor]:
    lower = max(dynamics.f_lower_bound, -dynamics.f_upper_bound)
    return dynamics.tau * lower, dynamics.tau * dynamics.f_upper_bound


@_states.register
def _(dynamics: NeuralODEDynamics) -> tuple[Tensor, Tensor]:
    return -_infinite(dynamics), _infinite(dynamics)


def _infinite(dynamics: Dynamics) -> Tensor:
    like = next(dynamics.parameters(), torch.empty(0))
    return like.new_full((dynamics.hidden_size,), torch.inf)
