"""Many random networks side by side, each with parameters of its own, for solvers to walk as one batch."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.func import vmap

from liquidtime.dynamics import ConductanceDynamics, Dynamics, LTCDynamics, Perceptron
from liquidtime.solvers.base import DriveDecay


@dataclass(frozen=True, eq=False)
class Population:
    """N networks of one equation, in float64. The library's own equation is evaluated, with parameters per network.

    Args:
        dynamics: whose equation it is; its own parameters are not read.
        coefficients: what `dynamics.coefficients()` gives, with a first axis of N networks.
        lower: lower faces of the boxes of Theorem 2, (N, H).
        upper: upper faces, (N, H).
        slowest: the least decay that Theorem 1 allows, 1/τ or g_leak/C, (N, H).
        fastest: the largest decay, 1/τ + W or (g_leak + Σ w)/C, (N, H).
    """

    dynamics: Dynamics
    coefficients: tuple[Tensor, ...]
    lower: Tensor
    upper: Tensor
    slowest: Tensor
    fastest: Tensor

    def __len__(self) -> int:
        return len(self.lower)

    def field(self, u: Tensor) -> DriveDecay:
        """Drive and decay (N, H) as functions of the states (N, H), each network's input u (N, I) held."""
        prepared = vmap(self.dynamics.prepare)(u, self.coefficients)
        every: Callable[..., tuple[Tensor, Tensor]] = vmap(self.dynamics.drive_decay)
        return lambda x: every(x, prepared, self.coefficients)

    def subset(self, index: Tensor) -> "Population":
        """Some of the networks, any of them several times."""
        bounds = (part[index] for part in (self.lower, self.upper, self.slowest, self.fastest))
        return Population(self.dynamics, tuple(part[index] for part in self.coefficients), *bounds)

    def states(self, rng: torch.Generator) -> Tensor:
        """A state in each box, (N, H): half of the neurons anywhere, the others on a face."""
        share = torch.rand(self.lower.shape, dtype=torch.float64, generator=rng)
        share = (2 * share - 0.5).clamp(0, 1)
        return torch.lerp(self.lower, self.upper, share)

    def excess(self, x: Tensor) -> Tensor:
        """How far states (N, H) lie outside, in widths of their boxes, the worst neuron of each; ∞ for NaN. (N,)."""
        outside = torch.maximum(x - self.upper, self.lower - x).clamp(min=0) / (self.upper - self.lower)
        return outside.nan_to_num(nan=math.inf, posinf=math.inf).amax(-1)


def conductance_networks(
    count: int,
    hidden: int,
    inputs: int,
    rng: torch.Generator,
    C: float = 0.5,
    wild: bool = False,
    potentials: tuple[float, float] | None = None,
) -> Population:
    """Networks in the conductance form (Hasani et al. 2021, §2), with the values at the start of the released code.

        w ~ U(0.01, 1), γ ~ U(3, 8), μ ~ U(0.3, 0.8), E = ±1, g_leak = 1, E_leak ~ U(−0.2, 0.2)

    Args:
        count: N.
        hidden: H.
        inputs: I.
        rng: where the random numbers come from.
        C: membrane capacitance, in units of the time spans.
        wild: w, γ and C times 10^U(−1, 1) each, E and E_leak ~ N(0, 1): far from how networks start.
        potentials: (E, E_leak) of every synapse and neuron, instead of drawing them.
    """
    uniform, normal = _drawing(rng)

    def synapses(rows: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        shape = (count, rows, hidden)
        w, gamma, mu = uniform(0.01, 1, *shape), uniform(3, 8, *shape), uniform(0.3, 0.8, *shape)
        if wild:
            return w * 10 ** uniform(-1, 1, *shape), gamma * 10 ** uniform(-1, 1, *shape), mu, normal(*shape)
        return w, gamma, mu, uniform(-1, 1, *shape).sign()

    (w, gamma, mu, E), (input_w, input_gamma, input_mu, input_E) = synapses(hidden), synapses(inputs)
    E_leak = normal(count, hidden) if wild else uniform(-0.2, 0.2, count, hidden)
    if potentials is not None:
        E, input_E, E_leak = (
            torch.full_like(E, potentials[0]),
            torch.full_like(input_E, potentials[0]),
            torch.full_like(E_leak, potentials[1]),
        )
    capacity = C * (10 ** uniform(-1, 1, count, hidden) if wild else torch.ones(count, hidden, dtype=torch.float64))
    g_leak, each = 1 / capacity, capacity.unsqueeze(1)
    w, input_w = w / each, input_w / each
    sources = torch.cat([E_leak.unsqueeze(1), E, input_E], 1)
    recurrent = (gamma, -gamma * mu, w, w * E)
    sensory = (input_gamma, -input_gamma * input_mu, input_w, input_w * input_E)
    return Population(
        _conductance_equation(hidden, inputs),
        (*recurrent, *sensory, g_leak, g_leak * E_leak),
        sources.amin(1),
        sources.amax(1),
        g_leak,
        g_leak + w.sum(1) + input_w.sum(1),
    )


def ltc_networks(
    count: int,
    hidden: int,
    inputs: int,
    rng: torch.Generator,
    signed: bool = False,
    tau: tuple[float, float] = (0.01, 100.0),
) -> Population:
    """Networks in the first form (Hasani et al. 2021, Eq. 1) with a perceptron for f.

        W_in, W_rec, b ~ N(0, 1), A ~ N(0, 1), τ log-uniform

    Args:
        count: N.
        hidden: H.
        inputs: I.
        rng: where the random numbers come from.
        signed: f = tanh with |f| in the decay, and so a box of [−|A|, |A|]; otherwise f = sigmoid.
        tau: between which values the resting time constants are drawn.
    """
    uniform, normal = _drawing(rng)
    low, high = map(math.log, tau)
    rate, A = torch.exp(-uniform(low, high, count, hidden)), normal(count, hidden)
    of_f = (normal(count, hidden, hidden), normal(count, hidden, inputs), normal(count, hidden))
    f = Perceptron(inputs, hidden, torch.tanh if signed else torch.sigmoid, dtype=torch.float64)
    ones = torch.ones(hidden, dtype=torch.float64)
    return Population(
        LTCDynamics(inputs, hidden, f, ones, ones.clone()),
        (rate, A, *of_f),
        -A.abs() if signed else A.clamp(max=0),
        A.abs() if signed else A.clamp(min=0),
        rate,
        rate + 1,
    )


def _drawing(rng: torch.Generator) -> tuple[Callable[..., Tensor], Callable[..., Tensor]]:
    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(*shape, dtype=torch.float64, generator=rng)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, dtype=torch.float64, generator=rng)

    return uniform, normal


def _conductance_equation(hidden: int, inputs: int) -> ConductanceDynamics:
    sizes = {"": (hidden, hidden), "input_": (inputs, hidden)}
    start = {name: torch.ones(hidden, dtype=torch.float64) for name in ("C", "g_leak", "E_leak")}
    names = ("w", "gamma", "mu", "E")
    start |= {f"{of}{name}": torch.ones(*size, dtype=torch.float64) for of, size in sizes.items() for name in names}
    return ConductanceDynamics(start)
