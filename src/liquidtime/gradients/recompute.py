"""Back-propagation through time with checkpoints."""

from dataclasses import dataclass

from liquidtime.gradients.base import ChunkedStrategy


@dataclass(frozen=True)
class Recompute(ChunkedStrategy):
    """Exact as BPTT, for one more forward pass; memory ∝ T/k + k · L, least near k = √(T/L).

    Args:
        every: k, samples between two checkpoints.
    """
