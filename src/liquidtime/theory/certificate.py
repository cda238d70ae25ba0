"""A check of what a layer did against what its theorems promise."""

from dataclasses import dataclass

import torch
from torch import Tensor

from liquidtime.layers.ode import ODELayer
from liquidtime.theory.bounds import Bounds, state_bounds, time_constant_bounds


@dataclass(frozen=True)
class Certificate:
    """How far a trajectory strays outside its bounds; 0 where they hold.

    Args:
        state_excess: the largest distance of a state from its box.
        time_constant_excess: the largest distance of a rate 1/τ_sys from its interval, relative to the rate.
        tolerance: what rounding is allowed.
    """

    state_excess: float
    time_constant_excess: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether both theorems held up to rounding."""
        return self.state_excess <= self.tolerance and self.time_constant_excess <= self.tolerance


@torch.no_grad()
def certify(
    layer: ODELayer,
    states: Tensor,
    time_constants: Tensor,
    start: Tensor | float = 0.0,
    tolerance: float | None = None,
) -> Certificate:
    """Check a trajectory against Theorems 1 and 2.

    The theorems speak of a start inside the box; the box is widened to hold `start`, which a state then never leaves
    either, because each step is a convex combination.

    Args:
        layer: the layer that made the trajectory.
        states: (layers · directions, …, H) at the end of each sample, or with the substeps (…, L + 1, H) before the
            last axis, as `layer.trace` gives them.
        time_constants: (layers · directions, …, H), as `layer.time_constants` gives them; samples past a length,
            where they are 0, do not count.
        start: the initial state, one number or `hx`.
        tolerance: what rounding is allowed; 100 roundings of the states' type by default.

    Raises:
        ValueError: states and time constants do not belong together.

    Example:
        >>> import torch
        >>> from liquidtime import LTC
        >>> rnn, x = LTC(3, 5), 1e6 * torch.randn(7, 2, 3)
        >>> certify(rnn, rnn.trace(x), rnn.time_constants(x)).holds
        True
    """
    tolerance = 100 * torch.finfo(states.dtype).eps if tolerance is None else tolerance
    box, interval = state_bounds(layer), time_constant_bounds(layer)
    held = torch.as_tensor(start, dtype=states.dtype, device=states.device)
    batch = tuple(range(1, held.dim() - 1))
    low, high = (held.amin(batch), held.amax(batch)) if batch else (held, held)
    box = Bounds(torch.minimum(box.lower, low), torch.maximum(box.upper, high))
    if time_constants.shape not in (states.shape, (*states.shape[:-2], states.shape[-1])):
        raise ValueError(
            f"states have shape {tuple(states.shape)} and time_constants {tuple(time_constants.shape)}: pass both for "
            "the same samples, the states with or without an axis of substeps before the last"
        )
    present = (time_constants != 0).any(-1, keepdim=True)
    present_states = present if states.dim() == time_constants.dim() else present.unsqueeze(-2)
    rates = Bounds(1 / interval.upper, 1 / interval.lower)
    rate_excess = _excess(1 / time_constants, rates) * time_constants.nan_to_num()
    state_excess = torch.where(present_states, _excess(states, box), 0)
    return Certificate(float(state_excess.max()), float(torch.where(present, rate_excess, 0).max()), tolerance)


def _excess(values: Tensor, bounds: Bounds) -> Tensor:
    """How far outside; ∞ for NaN."""
    lower, upper = (
        bound.view(bound.shape[0], *[1] * (values.dim() - 2), bound.shape[1]) for bound in (bounds.lower, bounds.upper)
    )
    excess = torch.where(values > upper, values - upper, torch.where(values < lower, lower - values, 0))
    return torch.where(values.isnan(), torch.inf, excess)
