"""The length of a trajectory."""

from typing import Literal

import torch
from torch import Tensor


def trajectory_length(x: Tensor, normalize: Literal["rms"] | None = None) -> Tensor:
    """The length of the line through points of a trajectory: L = ∫ ‖dx/dt‖ dt (Hasani et al. 2021, Eq. 7).

        L ≈ Σ_n ‖x_{n+1} − x_n‖

    The line through points on a curve is shorter than the curve; on a smooth curve by O(1/N²). With
    `normalize="rms"` it is divided by the root mean square distance of the points from their mean, which makes it
    free of scale: a circle has 2π, whatever its radius.

    Args:
        x: points in order, (…, N, D).
        normalize: None for the raw length; "rms" for the length over the RMS radius (0 where all points are one).

    Returns:
        (…): a length per trajectory, in the units of x.

    Raises:
        ValueError: x has no axis of points, or `normalize` is neither.

    Example:
        >>> import torch
        >>> t = torch.linspace(0, 2 * torch.pi, 1001, dtype=torch.float64)
        >>> circle = 3 * torch.stack([torch.cos(t), torch.sin(t)], -1)
        >>> round(float(trajectory_length(circle)), 3), round(float(trajectory_length(circle, normalize="rms")), 3)
        (18.85, 6.283)
    """
    if x.dim() < 2 or x.shape[-2] == 0:
        raise ValueError(f"x has shape {tuple(x.shape)}: pass points (…, N, D) with N at least 1")
    length: Tensor = x.diff(dim=-2).norm(dim=-1).sum(-1)
    if normalize is None:
        return length
    if normalize != "rms":
        raise ValueError(f"normalize={normalize!r}: pass 'rms' or None")
    radius = rms_radius(x)
    return torch.where(radius > 0, length / torch.where(radius > 0, radius, 1), 0)


def rms_radius(x: Tensor) -> Tensor:
    """The root mean square distance of points (…, N, D) from their mean, (…)."""
    return (x - x.mean(-2, keepdim=True)).pow(2).sum(-1).mean(-1).sqrt()
