"""Gradient strategies: how the loop over time is differentiated, and what that costs in memory."""

from liquidtime.gradients.adjoint import Adjoint
from liquidtime.gradients.base import Chunk, GradientStrategy
from liquidtime.gradients.bptt import BPTT
from liquidtime.gradients.recompute import Recompute
from liquidtime.gradients.truncated import Truncated

__all__ = ["BPTT", "Adjoint", "Chunk", "GradientStrategy", "Recompute", "Truncated"]
