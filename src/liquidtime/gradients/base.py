"""What every gradient strategy has in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from liquidtime.dynamics import Field
from liquidtime.solvers import Solver
from liquidtime.solvers.base import check_count

Chunk = Callable[[Tensor, int, int], tuple[Tensor, Tensor]]
"""(state before, start, stop) → (states of the samples start … stop − 1 stacked on axis 0, state after)."""


@dataclass(frozen=True)
class GradientStrategy(ABC):
    """Decides in which chunks a sequence is walked and what the backward pass keeps of each."""

    @abstractmethod
    def run(self, chunk: Chunk, x: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """Walk `steps` samples from state x: all states (T, B, ·) and the last one."""

    def check(self, solver: Solver | None) -> None:
        """Refuse a solver that the strategy cannot differentiate; None means a closed-form update."""

    def integrate(self, solver: Solver, field: Field, x: Tensor, span: Tensor) -> Tensor:
        """Cross one span."""
        return solver.integrate(field, x, span)


@dataclass(frozen=True)
class WholeStrategy(GradientStrategy):
    """Walks the sequence as one chunk."""

    def run(self, chunk: Chunk, x: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """All states and the last one."""
        return chunk(x, 0, steps)


@dataclass(frozen=True)
class ChunkedStrategy(GradientStrategy):
    """Walks chunks of k samples, keeps only the state between them and recomputes each chunk when its turn comes.

    Args:
        every: k, samples per chunk, at least 1.

    Raises:
        ValueError: `every` is not a positive integer.
    """

    every: int

    def __post_init__(self) -> None:
        check_count("every", self.every)

    def between_chunks(self, x: Tensor) -> Tensor:
        """What of the state's history passes from one chunk to the next."""
        return x

    def run(self, chunk: Chunk, x: Tensor, steps: int) -> tuple[Tensor, Tensor]:
        """All states and the last one."""
        pieces = []
        for start, stop in self._bounds(steps):
            states, x = checkpoint(chunk, x, start, stop, use_reentrant=False)
            pieces.append(states)
            if stop < steps:
                x = self.between_chunks(x)
        return torch.cat(pieces), x

    def _bounds(self, steps: int) -> Iterator[tuple[int, int]]:
        return ((start, min(start + self.every, steps)) for start in range(0, steps, self.every))
