"""What every right-hand side has in common."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

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

    def coefficients(self) -> Tensors:
        """Every tensor that the equation reads beside state and input, positive where it needs them positive.

        `prepare` and `drive_decay` read no parameter but from here, so that a chunk which is computed again in the
        backward pass sees what the forward pass saw.
        """
        run_pre_hooks(self)
        return self.read_coefficients()

    @abstractmethod
    def read_coefficients(self) -> Tensors:
        """What `coefficients` returns."""

    @abstractmethod
    def prepare(self, u: Tensor, coefficients: Tensors) -> Tensors:
        """The input's share of drive and decay: u (…, I) → tensors (…, ·) with the same leading axes."""

    @abstractmethod
    def drive_decay(self, x: Tensor, prepared: Tensors, coefficients: Tensors) -> tuple[Tensor, Tensor]:
        """Drive and decay, (B, H) each, of the state x (B, H)."""


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


FLOOR = 1e-6


def positive(z: Tensor) -> Tensor:
    """softplus(z) + 1e-6: positive for every z, also where softplus rounds to 0."""
    return softplus(z) + FLOOR


def inverse_positive(y: Tensor) -> Tensor:
    """The z with `positive(z)` = y, for y > 1e-6."""
    above = (y - FLOOR).clamp(min=FLOOR)
    return above + torch.log(-torch.expm1(-above))


def run_pre_hooks(module: nn.Module) -> None:
    """Run a module's forward pre-hooks, by which pruning and weight norm renew a parameter before it is read."""
    for hook in module._forward_pre_hooks.values():
        hook(module, ())
