"""The continuous-time GRU."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from liquidtime.dynamics.base import Tensors, run_pre_hooks
from liquidtime.gradients import BPTT, GradientStrategy
from liquidtime.kernels import TRACES, Step, check_setting, choose, ctgru_states, ctgru_step
from liquidtime.layers.cell import Cell
from liquidtime.layers.checks import check_devices
from liquidtime.layers.ode import check_gradient, kernel_argument
from liquidtime.layers.recurrent import Recurrent
from liquidtime.layers.sequence import Series


class CTGRUCell(Cell):
    """One CT-GRU layer in one direction; `CTGRU` has the equations."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        gradient: GradientStrategy,
        device: torch.device | str | None,
        dtype: torch.dtype | None,
        kernel: str,
    ) -> None:
        super().__init__(input_size, hidden_size, TRACES * hidden_size, gradient)
        self.kernel_setting = kernel
        self.weight_input = nn.Parameter(torch.empty(3 * hidden_size, input_size, device=device, dtype=dtype))
        self.weight_scales = nn.Parameter(torch.empty(2 * hidden_size, hidden_size, device=device, dtype=dtype))
        self.weight_candidate = nn.Parameter(torch.empty(hidden_size, hidden_size, device=device, dtype=dtype))
        self.bias = nn.Parameter(torch.empty(3 * hidden_size, device=device, dtype=dtype)) if bias else None
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / math.sqrt(hidden_size), 1 / math.sqrt(hidden_size))

    def coefficients(self) -> Tensors:
        """U of scales, U of candidates, ln τ̃ (8,), W, and b if it is there."""
        run_pre_hooks(self)
        log_tau = torch.arange(TRACES, device=self.weight_scales.device, dtype=torch.float64) * (math.log(10) / 2)
        bias = () if self.bias is None else (self.bias,)
        return self.weight_scales, self.weight_candidate, log_tau.to(self.weight_scales.dtype), self.weight_input, *bias

    def prepare(self, u: Tensor, coefficients: Tensors) -> Tensors:
        """The input's share of both scales and the candidate: (…, 3H)."""
        weight, *bias = coefficients[3:]
        return (linear(u, weight, bias[0] if bias else None),)

    def trace(self, x: Tensor, prepared: Tensors, span: Tensor, coefficients: Tensors) -> list[Tensor]:
        """Before, decayed, and updated."""
        weight_scales, weight_candidate, log_tau = coefficients[:3]
        H = self.hidden_size
        decay = torch.exp(-span.unsqueeze(-1) * torch.exp(-log_tau))
        memory = x.view(*x.shape[:-1], H, TRACES) * decay
        share = prepared[0]
        scales = share[..., : 2 * H] + linear(memory.sum(-1), weight_scales)
        retrieval, storage = (self._gate(scale, log_tau) for scale in scales.chunk(2, -1))
        retrieved = (retrieval * memory).sum(-1)
        candidate = torch.tanh(share[..., 2 * H :] + linear(retrieved, weight_candidate))
        updated = memory + storage * (candidate.unsqueeze(-1) - memory)
        return [x, memory.flatten(-2).to(x.dtype), updated.flatten(-2).to(x.dtype)]

    @staticmethod
    def _gate(scale: Tensor, log_tau: Tensor) -> Tensor:
        """The softmax of −(scale − ln τ̃)², less the square of the scale, which cancels and may swallow the rest."""
        return torch.softmax(log_tau * (2 * scale.unsqueeze(-1) - log_tau), -1)

    def run(self, series: Series, x: Tensor, coefficients: Tensors) -> Tensor:
        """The states, on the CPU by a kernel; it keeps the state's own precision under autocast."""
        _, kernel = self._choose((x, *coefficients))
        check_devices(series.u, x, *coefficients)
        if kernel is None:
            return self.run_reference(series, x, coefficients)
        return kernel(*series.for_kernel(x.dtype), x.resolve_neg(), coefficients)

    def stepper(self, coefficients: Tensors) -> Step:
        """By the kernel where there is one."""
        name, _ = self._choose(coefficients)
        return super().stepper(coefficients) if name == "reference" else ctgru_step(coefficients)

    def kernel(self, state: Tensor) -> str:
        """The name of what `run` runs for a state of this type on this device."""
        return self._choose((state,))[0]

    def _choose(self, tensors: Tensors) -> tuple[str, Callable[..., Tensor] | None]:
        kernel = ctgru_states if tensors[0].device.type == "cpu" else None
        return choose(self.kernel_setting, kernel, lambda: "CTGRU but on the CPU", tensors)

    def output(self, state: Tensor) -> Tensor:
        """The sum of a neuron's traces."""
        return state.view(*state.shape[:-1], self.hidden_size, TRACES).sum(-1)


class CTGRU(Recurrent):
    """A continuous-time GRU (Mozer, Kazakov & Lindsey 2017, arXiv:1710.04110), to be used as `torch.nn.GRU` is.

    Each neuron keeps 8 traces ĥ_i that decay at fixed time constants τ̃_i = 10^(i/2), i = 0 … 7, and learned gates
    choose at which scale it reads (r) and writes (s):

        ĥ_i ← ĥ_i exp(−Δt/τ̃_i)                                       the time before the sample passes
        r_i = softmax_i(−(ln τ_R − ln τ̃_i)²),   ln τ_R = W_R u + U_R h + b_R,   h = Σ_i ĥ_i
        q   = tanh(W_Q u + U_Q Σ_i r_i ĥ_i + b_Q)
        s_i = softmax_i(−(ln τ_S − ln τ̃_i)²),   ln τ_S = W_S u + U_S h + b_S
        ĥ_i ← (1 − s_i) ĥ_i + s_i q                                   and the output is Σ_i ĥ_i

    The update is closed-form: there is no solver, and a span of zero means no decay while the update still happens.
    The original decays after the update by the time to the next sample; here, as everywhere in this library, spans
    precede their samples, so the decay comes first.

    Args:
        input_size: I.
        hidden_size: H.
        num_layers: how many layers are stacked.
        bias: whether the gates have one.
        batch_first: whether batches are (B, T, ·) rather than (T, B, ·).
        dropout: probability of dropping an output between two layers.
        bidirectional: whether a second set of neurons walks each series backwards.
        device: where the parameters live.
        dtype: their type.
        gradient: how the loop over time is differentiated.
        validate: whether values of spans and lengths are checked also under `torch.compile` and on a GPU.
        kernel: what walks the sequence: `"auto"` takes the fastest that covers the case, `"reference"` is plain
            PyTorch, `"numba"` insists on the kernel for the CPU. `rnn.kernel` says which one it is.

    Shapes:
        output (T, B, directions · H); state and h_n (layers · directions, B, 8H), a neuron's traces side by side.

    Raises:
        ValueError: an argument makes no sense, the adjoint among them.

    Example:
        >>> import torch
        >>> output, h_n = CTGRU(3, 5)(torch.zeros(7, 2, 3))
        >>> output.shape, h_n.shape
        (torch.Size([7, 2, 5]), torch.Size([1, 2, 40]))
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
        gradient: GradientStrategy = BPTT(),  # noqa: B008
        validate: bool = False,
        kernel: str = "auto",
    ) -> None:
        check_gradient(gradient)
        gradient.check(None)
        check_setting(kernel)
        super().__init__(
            lambda size: CTGRUCell(size, hidden_size, bias, gradient, device, dtype, kernel),
            input_size=input_size,
            hidden_size=hidden_size,
            num_layers=num_layers,
            batch_first=batch_first,
            dropout=dropout,
            bidirectional=bidirectional,
            bias=bias,
            validate=validate,
        )

    def own_arguments(self) -> list[str]:
        """The kernel last."""
        cell = self._cell(0)
        assert isinstance(cell, CTGRUCell)
        return [*super().own_arguments(), *kernel_argument(cell.kernel_setting)]

    def time_constants(self, *_: object, **__: object) -> Tensor:
        """The fixed grid of time constants τ̃ (8,), whatever the input."""
        return self._cell(0).coefficients()[2].detach().exp()
