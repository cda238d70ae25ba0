"""Truncated back-propagation through time."""

from dataclasses import dataclass

from torch import Tensor

from liquidtime.gradients.base import ChunkedStrategy


@dataclass(frozen=True)
class Truncated(ChunkedStrategy):
    """Truncated BPTT: no gradient crosses a multiple of k samples, so the gradient is biased; memory ∝ T/k + k · L.

    With k ≥ T it is BPTT.

    Args:
        every: k, samples per chunk.
    """

    def between_chunks(self, x: Tensor) -> Tensor:
        """The value alone."""
        return x.detach()
