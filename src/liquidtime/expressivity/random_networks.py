"""Untrained networks with random weights, many at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Activation = Callable[[Tensor], Tensor]


def hard_tanh(x: Tensor) -> Tensor:
    """min(1, max(−1, x))."""
    return x.clamp(-1, 1)


def released_hard_tanh(x: Tensor) -> Tensor:
    """The "hard tanh" of the released analysis code, which is the identity for any layer of more than one neuron.

    It tests whether *all* elements of a layer reach 1 or all fall to −1, and otherwise returns its argument.

    Args:
        x: (…, H).
    """
    high, low = (x >= 1).all(-1, keepdim=True), (x <= -1).all(-1, keepdim=True)
    return torch.where(high, 1.0, torch.where(low, -1.0, x))


ACTIVATIONS: dict[str, Activation] = {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "ReLU": torch.relu,
    "hard tanh": hard_tanh,
    "released hard tanh": released_hard_tanh,
}


@dataclass(frozen=True, eq=False)
class Weights:
    """Parameters of N networks of n layers of k neurons.

    Args:
        W: from the layer below, (N, n, k, k); rows are the neuron it comes from. The first layer reads two inputs and
            uses the first two rows.
        b: biases of that, (N, n, k).
        A: what it is multiplied by in an LTC's drive, (N, n, k).
        W_rec: from the layer itself, (N, n, k, k).
        b_rec: biases of that, (N, n, k).
        A_rec: what it is multiplied by in an LTC's drive, (N, n, k).
        tau: time constants, (N, n, k), positive.
    """

    W: Tensor
    b: Tensor
    A: Tensor
    W_rec: Tensor
    b_rec: Tensor
    A_rec: Tensor
    tau: Tensor

    def subset(self, index: Tensor) -> "Weights":
        """Some of the networks."""
        return Weights(**{field.name: getattr(self, field.name)[index] for field in fields(self)})


def draw_as_published(
    seeds: Sequence[int],
    width: int,
    depth: int,
    sigma_w: float,
    sigma_b: float = 1.0,
    sigma_tau: float | None = None,
) -> Weights:
    """Weights as the released analysis code draws them, one network per seed.

    All of W, W_rec and E are N(0, σ_w²), with no factor 1/width; biases N(0, σ_b²), τ = |N(0, σ_τ²)|. Each A_i is
    the sum of a column of E, k Gaussians, and so of size σ_w √k. What the figures call σ_w² goes in as σ_w. σ_τ is
    σ_w unless given: that is inferred from the published lengths of CT-RNNs, which σ_τ = σ_b misses.
    """
    sigma_tau = sigma_w if sigma_tau is None else sigma_tau
    drawn = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        square, row = (depth, width, width), (depth, width)
        W, b = rng.normal(0, sigma_w, square), rng.normal(0, sigma_b, row)
        A = rng.normal(0, sigma_w, square).sum(1)
        W_rec, b_rec = rng.normal(0, sigma_w, square), rng.normal(0, sigma_b, row)
        A_rec = rng.normal(0, sigma_w, square).sum(1)
        drawn.append((W, b, A, W_rec, b_rec, A_rec, np.abs(rng.normal(0, sigma_tau, row))))
    return _stack(drawn)


def draw_as_stated(seeds: Sequence[int], width: int, depth: int, sigma_w: float, sigma_b: float = 1.0) -> Weights:
    """Weights as the paper's text states them, one network per seed.

    W and W_rec are N(0, σ_w²/width), biases N(0, σ_b²), τ = |N(0, σ_b²)|; A is N(0, 1), so that f A is as large as f.
    """
    drawn = []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        square, row = (depth, width, width), (depth, width)
        W, W_rec = (rng.normal(0, sigma_w / np.sqrt(width), square) for _ in range(2))
        b, A = rng.normal(0, sigma_b, row), rng.normal(0, 1, row)
        drawn.append((W, b, A, W_rec, np.zeros(row), A, np.abs(rng.normal(0, sigma_b, row))))
    return _stack(drawn)


def _stack(drawn: Sequence[tuple[NDArray[np.float64], ...]]) -> Weights:
    return Weights(*(torch.from_numpy(np.stack(part)) for part in zip(*drawn, strict=True)))


@dataclass(frozen=True, eq=False)
class Networks:
    """N networks of one model on the unit circle u = (sin t, cos t), layers stacked within one differential equation.

    As published:

        N-ODE   dy/dt = o                                    o = f(Wᵀ u + b)
        CT-RNN  dy/dt = o − y/τ                              q = f(W_recᵀ y + b_rec)
        LTC     dy/dt = o A + q A_rec − (1/τ + |o| + |q|) y

    so that the LTC alone is recurrent. As stated, one f for all three:

        f = f(Wᵀ u + W_recᵀ y + b)
        N-ODE   dy/dt = f
        CT-RNN  dy/dt = f − y/τ
        LTC     dy/dt = f A − (1/τ + |f|) y

    A layer above the first reads the state of the layer below as its u.

    Args:
        model: "node", "ctrnn" or "ltc".
        activation: f.
        weights: the parameters.
        published: which of the two.

    Raises:
        ValueError: there is no such model.
    """

    model: str
    activation: Activation
    weights: Weights
    published: bool

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise ValueError(f"model={self.model!r}: pass one of {', '.join(MODELS)}")

    def subset(self, index: Tensor) -> "Networks":
        """Some of the networks."""
        return Networks(self.model, self.activation, self.weights.subset(index), self.published)

    def start(self) -> Tensor:
        """y(0) = 0, (N, n k)."""
        return torch.zeros_like(self.weights.b).flatten(1)

    def __call__(self, t: Tensor, y: Tensor) -> Tensor:
        """dy/dt (N, n k) at times t (N,) and states y (N, n k)."""
        w, f = self.weights, self.activation
        state = y.view_as(w.b)
        share = self._from_below(t, state) + w.b
        if self.published:
            o = f(share)
            if self.model == "node":
                return o.flatten(1)
            if self.model == "ctrnn":
                return (o - state / w.tau).flatten(1)
            q = f(_times(state, w.W_rec) + w.b_rec)
            return (o * w.A + q * w.A_rec - (1 / w.tau + o.abs() + q.abs()) * state).flatten(1)
        o = f(share + _times(state, w.W_rec))
        if self.model == "node":
            return o.flatten(1)
        if self.model == "ctrnn":
            return (o - state / w.tau).flatten(1)
        return (o * w.A - (1 / w.tau + o.abs()) * state).flatten(1)

    def _from_below(self, t: Tensor, state: Tensor) -> Tensor:
        W = self.weights.W
        circle = torch.stack([torch.sin(t), torch.cos(t)], -1)
        first = torch.einsum("ni,nik->nk", circle, W[:, 0, :2]).unsqueeze(1)
        if W.shape[1] == 1:
            return first
        return torch.cat([first, _times(state[:, :-1], W[:, 1:])], 1)


def _times(state: Tensor, W: Tensor) -> Tensor:
    """Wᵀ y per layer: (N, n, k) and (N, n, k, k) → (N, n, k)."""
    return (state.unsqueeze(-2) @ W).squeeze(-2)


MODELS = ("node", "ctrnn", "ltc")
