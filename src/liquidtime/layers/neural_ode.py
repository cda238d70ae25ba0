"""The neural ODE layer."""

import torch

from liquidtime.dynamics import NeuralODEDynamics
from liquidtime.gradients import BPTT, GradientStrategy
from liquidtime.layers.ode import Network, ODELayer, network_factory
from liquidtime.solvers import RK4, Solver


class NeuralODE(ODELayer):
    """A neural ODE as a recurrent layer (Chen et al. 2018), to be used as `torch.nn.GRU` is.

        dx/dt = f(x, u)

    Nothing pulls its state back: it has no finite time constant and no bound.

    Args:
        input_size: I.
        hidden_size: H, the number of neurons.
        num_layers: how many layers are stacked.
        bias: whether the default perceptron has one.
        batch_first: whether batches are (B, T, ·) rather than (T, B, ·).
        dropout: probability of dropping an output between two layers.
        bidirectional: whether a second set of neurons walks each series backwards.
        device: where the parameters live.
        dtype: their type.
        solver: how a span of time is crossed; as published, six Runge–Kutta steps.
        gradient: how the loop over time is differentiated.
        f: as for `LTC`; by default tanh(W_in u + W_rec x + b).
        validate: whether values of spans and lengths are checked also under `torch.compile` and on a GPU.
        kernel: what walks the sequence: `"auto"` takes the fastest that covers the case, `"reference"` is plain
            PyTorch, `"numba"` and `"triton"` insist on that kernel. `rnn.kernel` says which one it is.

    Raises:
        ValueError: an argument makes no sense.

    Example:
        >>> import torch
        >>> NeuralODE(3, 5).time_constants(torch.zeros(7, 2, 3)).isinf().all()
        tensor(True)
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        solver: Solver = RK4(),  # noqa: B008
        gradient: GradientStrategy = BPTT(),  # noqa: B008
        f: Network | None = None,
        validate: bool = False,
        kernel: str = "auto",
    ) -> None:
        make_f = network_factory(f, torch.tanh, hidden_size, (num_layers, bidirectional), bias, device, dtype)
        super().__init__(
            lambda size: NeuralODEDynamics(size, hidden_size, make_f(size)),
            solver=solver,
            gradient=gradient,
            kernel=kernel,
            input_size=input_size,
            hidden_size=hidden_size,
            num_layers=num_layers,
            batch_first=batch_first,
            dropout=dropout,
            bidirectional=bidirectional,
            bias=bias,
            validate=validate,
        )
