"""The liquid time-constant layer."""

import torch
from torch import Tensor

from liquidtime.dynamics import LTCDynamics
from liquidtime.gradients import BPTT, GradientStrategy
from liquidtime.layers.ode import Network, ODELayer, draw_tau, network_factory
from liquidtime.solvers import Fused, Solver


class LTC(ODELayer):
    """A liquid time-constant network (Hasani et al. 2021, arXiv:2006.04439), to be used as `torch.nn.GRU` is.

        dx/dt = f(x, u) ⊙ A − (1/τ + |f(x, u)|) ⊙ x

    f both drives a neuron towards its potential A and shortens its time constant τ_sys = 1/(1/τ + |f|). With f ≥ 0
    the state stays between 0 and A, with a signed f in [−|A|, |A|], whatever the input.

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
        solver: how a span of time is crossed; as published, six fused steps.
        gradient: how the loop over time is differentiated.
        f: any module f(x, u) of state (B, H) and input (B, I) that returns (B, H), or a function of
            (input_size, hidden_size) that makes one per layer and direction. It may declare `upper_bound`, a bound of
            |f|, and `lower_bound`. By default sigmoid(W_in u + W_rec x + b). Time can enter as an input feature.
        tau: (low, high) between which the resting time constants are drawn log-uniformly, in units of the
            time spans; (1, 10) by default. A is drawn from U(−1, 1).
        validate: whether values of spans and lengths are checked also under `torch.compile` and on a GPU.
        kernel: what walks the sequence: `"auto"` takes the fastest that covers the case, `"reference"` is plain
            PyTorch, `"numba"` and `"triton"` insist on that kernel. `rnn.kernel` says which one it is.

    Shapes:
        As `torch.nn.GRU`: input (T, B, I), output (T, B, directions · H), h_n (layers · directions, B, H).

    Raises:
        ValueError: an argument makes no sense.

    Example:
        >>> import torch
        >>> rnn = LTC(input_size=3, hidden_size=16, batch_first=True)
        >>> x, dt = torch.randn(2, 50, 3), torch.rand(2, 50)
        >>> output, h_n = rnn(x, timespans=dt)
        >>> output.shape, h_n.shape
        (torch.Size([2, 50, 16]), torch.Size([1, 2, 16]))
        >>> rnn
        LTC(3, 16, batch_first=True, solver=Fused(substeps=6))
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
        solver: Solver = Fused(),  # noqa: B008
        gradient: GradientStrategy = BPTT(),  # noqa: B008
        f: Network | None = None,
        tau: tuple[float, float] | None = None,
        validate: bool = False,
        kernel: str = "auto",
    ) -> None:
        make_f = network_factory(f, torch.sigmoid, hidden_size, (num_layers, bidirectional), bias, device, dtype)

        def build(size: int) -> LTCDynamics:
            A: Tensor = torch.empty(hidden_size, device=device, dtype=dtype).uniform_(-1, 1)
            return LTCDynamics(size, hidden_size, make_f(size), draw_tau(tau, (1, 10), hidden_size, device, dtype), A)

        super().__init__(
            build,
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
