"""The continuous-time recurrent network."""

import torch
from torch import Tensor, nn

from liquidtime.dynamics.base import Tensors, inverse_positive, positive
from liquidtime.dynamics.network import NetworkDynamics


class CTRNNDynamics(NetworkDynamics):
    """The CT-RNN: a leak with a fixed time constant per neuron (Funahashi & Nakamura 1993).

        dx/dt = f(x, u) − x / τ

    Args:
        input_size: I.
        hidden_size: H.
        f: the network.
        tau: resting time constants at the start, (H,), positive, in units of the time spans.
    """

    def __init__(self, input_size: int, hidden_size: int, f: nn.Module, tau: Tensor) -> None:
        super().__init__(input_size, hidden_size, f)
        self.raw_tau = nn.Parameter(inverse_positive(tau))

    @property
    def tau(self) -> Tensor:
        """τ (H,), positive."""
        return positive(self.raw_tau)

    own_coefficients = 1

    def read_coefficients(self) -> Tensors:
        """1/τ, then what f reads."""
        return (1 / self.tau, *self.f_coefficients())

    def drive_decay(self, x: Tensor, prepared: Tensors, coefficients: Tensors) -> tuple[Tensor, Tensor]:
        """Drive f and decay 1/τ."""
        drive = self.evaluate_f(x, prepared, coefficients)
        return drive, torch.zeros_like(drive) + coefficients[0]
