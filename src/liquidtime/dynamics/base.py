"""What every right-hand side has in common."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Tensors = tuple[Tensor, ...]


class Dynamics(nn.Module, ABC):
    """A differential equation in the form that all models here share.

        dx/dt = drive(x, u) − decay(x, u) ⊙ x,    decay ≥ 0

    The work is split by how often it is needed: `coefficients` once per call (parameters as the equation uses
    them), `prepare` once per sample (the input's share), `drive_decay` once per evaluation inside a solver.

    Args:
        input_size: I, the number of input features.
        hidden_size: H, the number of neurons.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size

    @abstractmethod
    def coefficients(self) -> Tensors:
        """The parameters as the equation uses them, positive where it needs them positive."""

    @abstractmethod
    def prepare(self, u: Tensor, coefficients: Tensors) -> Tensors:
        """The input's share of drive and decay: u (…, I) → tensors (…, ·) with the same leading axes."""

    @abstractmethod
    def drive_decay(self, x: Tensor, prepared: Tensors, coefficients: Tensors) -> tuple[Tensor, Tensor]:
        """Drive and decay, (B, H) each, of the state x (B, H)."""

    def extra_parameters(self) -> Tensors:
        """Parameters that `drive_decay` reads beside the coefficients; the adjoint needs to know them all."""
        return ()


@dataclass(frozen=True)
class Field:
    """Dynamics with the input held: a function of the state alone, which is all that a solver sees.

    Args:
        dynamics: the equation.
        coefficients: what `dynamics.coefficients()` returned.
        prepared: what `dynamics.prepare(u, coefficients)` returned for the sample at hand.
    """

    dynamics: Dynamics
    coefficients: Tensors
    prepared: Tensors

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Drive and decay at the state x."""
        return self.dynamics.drive_decay(x, self.prepared, self.coefficients)

    def parameters(self) -> Tensors:
        """Every tensor but x and `prepared` that the value depends on and that wants a gradient."""
        candidates = self.coefficients + self.dynamics.extra_parameters()
        return tuple({id(p): p for p in candidates if p.requires_grad}.values())


def inverse_softplus(y: Tensor) -> Tensor:
    """The z with softplus(z) = y, for y > 0."""
    return y + torch.log(-torch.expm1(-y))
