"""The conductance form of the LTC."""

import torch
from torch import Tensor, nn

from liquidtime.dynamics.base import Dynamics, Tensors, inverse_positive, positive


class ConductanceDynamics(Dynamics):
    """Neurons joined by conductance synapses (Hasani et al. 2021, §2): the form that the paper's experiments ran.

        C_i dx_i/dt = g_leak,i (E_leak,i − x_i) + Σ_j w_ji σ_ji (E_ji − x_i)
        σ_ji = sigmoid(γ_ji (v_j − μ_ji))

    j runs over all presynaptic neurons (v_j = x_j) and inputs (v_j = a_j u_j + b_j, a learned affine map), so

        decay_i = (g_leak,i + Σ_j w_ji σ_ji) / C_i,    drive_i = (g_leak,i E_leak,i + Σ_j w_ji σ_ji E_ji) / C_i

    w, g_leak, C and γ are positive by construction (`raw_…` through a softplus). Synapse tensors have presynaptic rows.

    Args:
        start: values at the start by name: `C`, `g_leak`, `E_leak` (H,); `w`, `gamma`, `mu`, `E` (H, H); and
            `input_w`, `input_gamma`, `input_mu`, `input_E` (I, H).
        recurrent_mask: boolean (H, H) or None; False means that the synapse is absent.
        input_mask: boolean (I, H) or None, likewise.
        bias: whether the affine map of the inputs has an offset b.
    """

    recurrent_mask: Tensor | None
    input_mask: Tensor | None

    def __init__(
        self,
        start: dict[str, Tensor],
        recurrent_mask: Tensor | None = None,
        input_mask: Tensor | None = None,
        bias: bool = True,
    ) -> None:
        super().__init__(*start["input_w"].shape)
        self.raw_C = nn.Parameter(inverse_positive(start["C"]))
        self.raw_g_leak = nn.Parameter(inverse_positive(start["g_leak"]))
        self.E_leak = nn.Parameter(start["E_leak"])
        self.raw_w = nn.Parameter(inverse_positive(start["w"]))
        self.raw_gamma = nn.Parameter(inverse_positive(start["gamma"]))
        self.mu = nn.Parameter(start["mu"])
        self.E = nn.Parameter(start["E"])
        self.raw_input_w = nn.Parameter(inverse_positive(start["input_w"]))
        self.raw_input_gamma = nn.Parameter(inverse_positive(start["input_gamma"]))
        self.input_mu = nn.Parameter(start["input_mu"])
        self.input_E = nn.Parameter(start["input_E"])
        affine = start["input_w"][:, 0]
        self.input_scale = nn.Parameter(torch.ones_like(affine))
        self.input_offset = nn.Parameter(torch.zeros_like(affine)) if bias else None
        self.register_buffer("recurrent_mask", None if recurrent_mask is None else recurrent_mask.clone())
        self.register_buffer("input_mask", None if input_mask is None else input_mask.clone())

    @property
    def C(self) -> Tensor:
        """Membrane capacitance (H,), in units of the time spans."""
        return positive(self.raw_C)

    @property
    def g_leak(self) -> Tensor:
        """Leak conductance (H,)."""
        return positive(self.raw_g_leak)

    @property
    def w(self) -> Tensor:
        """Largest conductance of each recurrent synapse (H, H), 0 where absent."""
        w = positive(self.raw_w)
        return w if self.recurrent_mask is None else w * self.recurrent_mask

    @property
    def gamma(self) -> Tensor:
        """Steepness of each recurrent synapse (H, H)."""
        return positive(self.raw_gamma)

    @property
    def input_w(self) -> Tensor:
        """Largest conductance of each input synapse (I, H), 0 where absent."""
        w = positive(self.raw_input_w)
        return w if self.input_mask is None else w * self.input_mask

    @property
    def input_gamma(self) -> Tensor:
        """Steepness of each input synapse (I, H)."""
        return positive(self.raw_input_gamma)

    def read_coefficients(self) -> Tensors:
        """γ, −γμ, w/C, wE/C of recurrent and of input synapses, g_leak/C, g_leak E_leak/C.

        The inputs' affine map joins their synapses: γ (a u + b − μ) = γa u + γ (b − μ).
        """
        C, gamma, input_gamma = self.C, self.gamma, self.input_gamma
        g_leak = self.g_leak / C
        w, input_w = self.w / C, self.input_w / C
        offset = -self.input_mu if self.input_offset is None else self.input_offset.unsqueeze(-1) - self.input_mu
        recurrent = (gamma, -gamma * self.mu, w, w * self.E)
        sensory = (input_gamma * self.input_scale.unsqueeze(-1), input_gamma * offset, input_w, input_w * self.input_E)
        return (*recurrent, *sensory, g_leak, g_leak * self.E_leak)

    def leak_and_synapses(self, coefficients: Tensors) -> Tensors:
        """Drive and decay (H,) of the leak, then the synapses, those of the inputs (I, H) first."""
        return (coefficients[9], coefficients[8], *coefficients[4:8], *coefficients[:4])

    def prepare(self, u: Tensor, coefficients: Tensors) -> Tensors:
        """Drive and decay (…, H) of leak and inputs together."""
        drive, decay = _currents(u, *coefficients[4:8])
        return coefficients[9] + drive, coefficients[8] + decay

    def drive_decay(self, x: Tensor, prepared: Tensors, coefficients: Tensors) -> tuple[Tensor, Tensor]:
        """Drive and decay of all synapses."""
        drive, decay = _currents(x, *coefficients[:4])
        return prepared[0] + drive, prepared[1] + decay


def _currents(v: Tensor, gamma: Tensor, shift: Tensor, w: Tensor, wE: Tensor) -> tuple[Tensor, Tensor]:
    """Σ_j wE_ji σ_ji and Σ_j w_ji σ_ji for presynaptic values v (…, J)."""
    sigma = torch.sigmoid(torch.addcmul(shift, gamma, v.unsqueeze(-1)))
    return (sigma * wE).sum(-2), (sigma * w).sum(-2)
