"""A trajectory on its way through a feed-forward network."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from liquidtime.expressivity.random_networks import Activation


def unit_circle(points: int) -> Tensor:
    """(sin t, cos t) at t from 0 to 2π, both ends included, (points, 2), float64."""
    t = torch.linspace(0, 2 * torch.pi, points, dtype=torch.float64)
    return torch.stack([torch.sin(t), torch.cos(t)], -1)


def feedforward_trajectories(
    u: Tensor,
    seeds: Sequence[int],
    width: int,
    depth: int,
    activation: Activation,
    sigma_w: float,
    sigma_b: float = 0.0,
) -> Tensor:
    """What each layer of an untrained network makes of a trajectory (Raghu et al. 2017).

        z_{l+1} = f(W_l z_l + b_l),    z_0 = u,  W_l ~ N(0, σ_w²/fan-in),  b_l ~ N(0, σ_b²)

    Args:
        u: the trajectory, (T, I).
        seeds: one network each.
        width: k, neurons per layer.
        depth: n, layers.
        activation: f.
        sigma_w: σ_w.
        sigma_b: σ_b.

    Returns:
        (seeds, n, T, k).

    Example:
        >>> feedforward_trajectories(unit_circle(50), range(3), 7, 2, torch.tanh, 1.5).shape
        torch.Size([3, 2, 50, 7])
    """
    networks = []
    for seed in seeds:
        rng, z, layers = np.random.default_rng(seed), u, []
        for _ in range(depth):
            W = torch.from_numpy(rng.normal(0, sigma_w / np.sqrt(z.shape[1]), (z.shape[1], width)))
            z = activation(z @ W + torch.from_numpy(rng.normal(0, sigma_b, width)))
            layers.append(z)
        networks.append(torch.stack(layers))
    return torch.stack(networks)
