"""Back-propagation through time."""

from dataclasses import dataclass

from torch import Tensor

from liquidtime.gradients.base import Chunk, GradientStrategy


@dataclass(frozen=True)
class BPTT(GradientStrategy):
    """Back-propagation through time (Werbos 1990): exact; memory ∝ T · L. The choice of the LTC paper."""

    def run(self, chunk: Chunk, x: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """All states and the last one."""
        return chunk(x, 0, steps)
