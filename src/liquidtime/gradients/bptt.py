"""Back-propagation through time."""

from dataclasses import dataclass

from liquidtime.gradients.base import WholeStrategy


@dataclass(frozen=True)
class BPTT(WholeStrategy):
    """Back-propagation through time (Werbos 1990): exact; memory ∝ T · L. The choice of the LTC paper."""
