"""The processes that share one training run."""

from abc import ABC, abstractmethod
from typing import TypeVar

import torch
from torch import Tensor, nn

Value = TypeVar("Value")


class LostRankError(ChildProcessError):
    """A process that shares a run came to its end before the run did."""


class Ranks(ABC):
    """Processes that walk through the same batches, each with a share of their windows and a model of its own.

    Args:
        rank: number of this process, from 0.
        count: how many there are.
        device: where this one's model is.
    """

    def __init__(self, rank: int, count: int, device: torch.device) -> None:
        self.rank = rank
        self.count = count
        self.device = device

    @property
    def first(self) -> bool:
        """Whether this is the process that validates, and keeps the run folder."""
        return self.rank == 0

    def share(self, index: Tensor) -> Tensor:
        """This process's part of a batch (B,), which the others' complete; sizes differ by one at most."""
        B = len(index)
        return index[B * self.rank // self.count : B * (self.rank + 1) // self.count]

    @abstractmethod
    def average(self, model: nn.Module, loss: float) -> float:
        """Replace each gradient by its mean over all processes; returns the mean loss."""

    @abstractmethod
    def broadcast(self, value: Value) -> Value:
        """What the first process passes, in every process."""


class OneRank(Ranks):
    """The only process, on the CPU."""

    def __init__(self) -> None:
        super().__init__(rank=0, count=1, device=torch.device("cpu"))

    def average(self, model: nn.Module, loss: float) -> float:
        """Nothing to do."""
        return loss

    def broadcast(self, value: Value) -> Value:
        """Nothing to do."""
        return value
