"""What every solver has in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

DriveDecay = Callable[[Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Solver(ABC):
    """Carries a state across a span of time under dx/dt = drive(x) − decay(x) ⊙ x, the input held.

    A span of zero is exactly the identity. Spans have shape (B, 1) or (1, 1), states (B, H).
    """

    @property
    def full_precision(self) -> bool:
        """Whether the method iterates to a tolerance that half precision cannot meet."""
        return False

    @abstractmethod
    def trace(self, field: DriveDecay, x: Tensor, span: Tensor) -> list[Tensor]:
        """The states at the start and at the end of each substep."""

    def integrate(self, field: DriveDecay, x: Tensor, span: Tensor) -> Tensor:
        """The state after the span."""
        return self.trace(field, x, span)[-1]


@dataclass(frozen=True)
class FixedStepSolver(Solver):
    """A one-step method applied L times with h = Δt / L.

    Args:
        substeps: L, at least 1; 6 as published.

    Raises:
        ValueError: `substeps` is not a positive integer.
    """

    substeps: int = 6

    def __post_init__(self) -> None:
        check_count("substeps", self.substeps)

    @abstractmethod
    def step(self, field: DriveDecay, x: Tensor, h: Tensor) -> Tensor:
        """One step of size h."""

    def trace(self, field: DriveDecay, x: Tensor, span: Tensor) -> list[Tensor]:
        """L + 1 states."""
        h = span / self.substeps
        states = [x]
        for _ in range(self.substeps):
            states.append(self.step(field, states[-1], h))
        return states


def check_count(name: str, value: object) -> None:
    """Refuse what is no whole number of at least 1."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name}={value!r}: pass a whole number of at least 1")
