"""Principal components of a trajectory."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Projection:
    """Points on their principal axes.

    Args:
        points: (…, N, K), centred, the axis of the largest variance first.
        explained: share of the total variance along each axis, (…, K); 0 where the points are all one.
    """

    points: Tensor
    explained: Tensor


def principal_components(x: Tensor, components: int = 2) -> Projection:
    """Points (…, N, D) on the axes along which they vary most (Pearson 1901).

    The sign of an axis is free; here the coordinate farthest from 0 is positive. A trajectory of fewer than
    `components` dimensions gets zeros.

    Args:
        x: points, (…, N, D).
        components: K, how many axes.

    Raises:
        ValueError: x has no axis of points, or K is not positive.

    Example:
        >>> import torch
        >>> line = torch.arange(5.0)[:, None] * torch.tensor([3.0, 4.0])
        >>> principal_components(line, 1).points.flatten().abs()
        tensor([10.,  5.,  0.,  5., 10.])
    """
    if x.dim() < 2 or x.shape[-2] == 0:
        raise ValueError(f"x has shape {tuple(x.shape)}: pass points (…, N, D) with N at least 1")
    if components < 1:
        raise ValueError(f"components={components}: pass at least 1")
    centred = x - x.mean(-2, keepdim=True)
    scale = centred.abs().amax((-2, -1), keepdim=True).clamp(min=torch.finfo(x.dtype).tiny)
    unit = centred / scale
    values, axes = torch.linalg.eigh(unit.mT @ unit)
    points = (unit @ axes.flip(-1)[..., :components]) * scale
    if points.shape[-1] < components:
        points = torch.nn.functional.pad(points, (0, components - points.shape[-1]))
    farthest = points.gather(-2, points.abs().argmax(-2, keepdim=True))
    points = points * torch.where(farthest < 0, -1, 1)
    spread = values.clamp(min=0).flip(-1)
    total = spread.sum(-1, keepdim=True)
    explained = torch.where(total > 0, spread / torch.where(total > 0, total, 1), 0)[..., :components]
    return Projection(points, torch.nn.functional.pad(explained, (0, components - explained.shape[-1])))
