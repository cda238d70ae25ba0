"""The conductance-based liquid time-constant layer."""

import torch
from torch import Tensor

from liquidtime.dynamics import ConductanceDynamics
from liquidtime.gradients import BPTT, GradientStrategy
from liquidtime.layers.checks import check_flags, check_sizes, check_tensor
from liquidtime.layers.ode import ODELayer, draw_tau
from liquidtime.solvers import Fused, Solver

_CAPACITANCE = {"published": 0.5 / 6, "ncps": 0.5, "fan_in": 1.0}


class ConductanceLTC(ODELayer):
    """The LTC in its conductance form (Hasani et al. 2021, arXiv:2006.04439), to be used as `torch.nn.GRU` is.

        C_i dx_i/dt = g_leak,i (E_leak,i − x_i) + Σ_j w_ji σ_ji (E_ji − x_i),    σ_ji = sigmoid(γ_ji (v_j − μ_ji))

    j runs over neurons (v_j = x_j) and inputs (v_j = a_j u_j + b_j). The time constant is
    τ_sys = C/(g_leak + Σ w σ); the state stays between the least and the largest of E_leak and E_ji.

    Args:
        input_size: I.
        hidden_size: H, the number of neurons.
        num_layers: how many layers are stacked.
        bias: whether the affine map of the inputs has an offset b.
        batch_first: whether batches are (B, T, ·) rather than (T, B, ·).
        dropout: probability of dropping an output between two layers.
        bidirectional: whether a second set of neurons walks each series backwards.
        device: where the parameters live.
        dtype: their type.
        solver: how a span of time is crossed; as published, six fused steps.
        gradient: how the loop over time is differentiated.
        init: the values at the start. `"published"`: w ~ U(0.01, 1), γ ~ U(3, 8), μ ~ U(0.3, 0.8), E = ±1,
            g_leak = 1, E_leak ~ U(−0.2, 0.2), C = 0.5/6 (the released code at Δt = 1, L = 6); `"ncps"`: the same with
            C = 0.5; `"fan_in"`: C = 1 and w scaled by 4/(synapses onto the neuron), so that the time constant at the
            start does not shrink as the network grows.
        tau: (low, high) between which the resting time constants C/g_leak are drawn log-uniformly instead of
            taking C from `init`.
        recurrent_mask: boolean (H, H), rows presynaptic; False means that the synapse is absent. Holds for every
            layer and direction.
        input_mask: boolean (I, H), rows presynaptic, likewise for the first layer.
        validate: whether values of spans and lengths are checked also under `torch.compile` and on a GPU.
        kernel: what walks the sequence: `"auto"` takes the fastest that covers the case, `"reference"` is plain
            PyTorch, `"numba"` and `"triton"` insist on that kernel. `rnn.kernel` says which one it is.

    Raises:
        ValueError: an argument makes no sense.

    Example:
        >>> import torch
        >>> ring = torch.eye(5, dtype=torch.bool).roll(1, 0)
        >>> rnn = ConductanceLTC(3, 5, recurrent_mask=ring)
        >>> rnn.time_constants(torch.zeros(7, 2, 3)).shape
        torch.Size([1, 7, 2, 5])
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
        init: str = "published",
        tau: tuple[float, float] | None = None,
        recurrent_mask: Tensor | None = None,
        input_mask: Tensor | None = None,
        validate: bool = False,
        kernel: str = "auto",
    ) -> None:
        check_sizes(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        check_flags(bidirectional=bidirectional)
        if not isinstance(init, str) or init not in _CAPACITANCE:
            raise ValueError(f"init={init!r}: choose one of {', '.join(map(repr, _CAPACITANCE))}")
        recurrent_mask = _check_mask("recurrent_mask", recurrent_mask, (hidden_size, hidden_size), device)
        input_mask = _check_mask("input_mask", input_mask, (input_size, hidden_size), device)
        left = iter(range(num_layers * (2 if bidirectional else 1)))
        first_layer = 2 if bidirectional else 1

        def build(size: int) -> ConductanceDynamics:
            sensory_mask = input_mask if next(left) < first_layer else None
            start = _draw(size, hidden_size, init, tau, (recurrent_mask, sensory_mask), device, dtype)
            return ConductanceDynamics(start, recurrent_mask, sensory_mask, bias)

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
        self.init = init

    def own_arguments(self) -> list[str]:
        """The initialisation too, if it is not the usual one."""
        return [*super().own_arguments(), *([] if self.init == "published" else [f"init={self.init!r}"])]


def _check_mask(
    name: str, mask: Tensor | None, shape: tuple[int, int], device: torch.device | str | None
) -> Tensor | None:
    if mask is None:
        return None
    check_tensor(name, mask)
    mask = mask.to(device)
    if mask.dtype != torch.bool or tuple(mask.shape) != shape:
        raise ValueError(
            f"{name} has shape {tuple(mask.shape)} and type {mask.dtype}: pass a boolean tensor of shape {shape}, "
            "rows presynaptic, True where a synapse is"
        )
    return mask


def _draw(
    input_size: int,
    hidden_size: int,
    init: str,
    tau: tuple[float, float] | None,
    masks: tuple[Tensor | None, Tensor | None],
    device: torch.device | str | None,
    dtype: torch.dtype | None,
) -> dict[str, Tensor]:
    """Values at the start, by the names that `ConductanceDynamics` takes."""

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return torch.empty(*shape, device=device, dtype=dtype).uniform_(low, high)

    start = {
        "g_leak": uniform(1, 1, hidden_size),
        "E_leak": uniform(-0.2, 0.2, hidden_size),
        "C": uniform(1, 1, hidden_size) * _CAPACITANCE[init],
    }
    if tau is not None:
        start["C"] = draw_tau(tau, tau, hidden_size, device, dtype)
    for prefix, rows in (("", hidden_size), ("input_", input_size)):
        start[f"{prefix}w"] = uniform(0.01, 1, rows, hidden_size)
        start[f"{prefix}gamma"] = uniform(3, 8, rows, hidden_size)
        start[f"{prefix}mu"] = uniform(0.3, 0.8, rows, hidden_size)
        start[f"{prefix}E"] = uniform(-1, 1, rows, hidden_size).sign()
    if init == "fan_in":
        synapses = torch.zeros(hidden_size, device=device, dtype=dtype)
        for mask, all_rows in zip(masks, (hidden_size, input_size), strict=True):
            synapses += all_rows if mask is None else mask.sum(0)
        for name in ("w", "input_w"):
            start[name] = start[name] * 4 / synapses.clamp(min=1)
    return start
