"""The neural ODE."""

import torch
from torch import Tensor

from liquidtime.dynamics.base import Tensors
from liquidtime.dynamics.network import NetworkDynamics


class NeuralODEDynamics(NetworkDynamics):
    """The neural ODE: the derivative itself is a network (Chen et al. 2018).

        dx/dt = f(x, u)

    drive = f, decay = 0: nothing pulls the state back, so its time constant is infinite.
    """

    def read_coefficients(self) -> Tensors:
        """What f needs."""
        return self.f_coefficients()

    def drive_decay(self, x: Tensor, prepared: Tensors, coefficients: Tensors) -> tuple[Tensor, Tensor]:
        """Drive f and decay 0."""
        drive = self.evaluate_f(x, prepared, coefficients)
        return drive, torch.zeros_like(drive)
