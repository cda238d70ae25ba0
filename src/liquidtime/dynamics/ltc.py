"""The liquid time-constant network."""

from torch import Tensor, nn

from liquidtime.dynamics.base import Tensors, inverse_positive, positive
from liquidtime.dynamics.network import NetworkDynamics


class LTCDynamics(NetworkDynamics):
    """The LTC: f drives the state towards A and shortens its time constant (Hasani et al. 2021, Eq. 1).

        dx/dt = f(x, u) ⊙ A − (1/τ + |f(x, u)|) ⊙ x,    τ_sys = 1 / (1/τ + |f|)

    For f ≥ 0 this is the published equation. With a signed f the published decay 1/τ + f can vanish; |f| keeps it
    at or above 1/τ, and the state in [−|A|, |A|].

    Args:
        input_size: I.
        hidden_size: H.
        f: the network.
        tau: resting time constants at the start, (H,), positive, in units of the time spans.
        A: potentials at the start, (H,).
    """

    def __init__(self, input_size: int, hidden_size: int, f: nn.Module, tau: Tensor, A: Tensor) -> None:
        super().__init__(input_size, hidden_size, f)
        self.raw_tau = nn.Parameter(inverse_positive(tau))
        self.A = nn.Parameter(A)

    @property
    def tau(self) -> Tensor:
        """τ (H,), positive."""
        return positive(self.raw_tau)

    own_coefficients = 2

    def read_coefficients(self) -> Tensors:
        """1/τ and A, then what f reads."""
        return (1 / self.tau, self.A, *self.f_coefficients())

    def drive_decay(self, x: Tensor, prepared: Tensors, coefficients: Tensors) -> tuple[Tensor, Tensor]:
        """Drive f ⊙ A and decay 1/τ + |f|."""
        f = self.evaluate_f(x, prepared, coefficients)
        rate, A = coefficients[:2]
        return f * A, rate + (f if self.f_lower_bound >= 0 else f.abs())
