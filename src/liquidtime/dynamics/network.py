"""Dynamics whose nonlinearity is a network f(x, u) that the user may replace."""

import math

from torch import Tensor, nn

from liquidtime.dynamics.base import Dynamics, Tensors
from liquidtime.dynamics.perceptron import Perceptron


class NetworkDynamics(Dynamics):
    """A right-hand side built on f(x, u): a `Perceptron` or any module.

    A perceptron's input share is computed once per sample; any other module is called with the state (B, H) and
    the input (B, I) at each evaluation, and must return (B, H).

    Args:
        input_size: I.
        hidden_size: H.
        f: the network. It may declare `upper_bound`, a bound of |f|, and `lower_bound`, the least value of f.
    """

    def __init__(self, input_size: int, hidden_size: int, f: nn.Module) -> None:
        super().__init__(input_size, hidden_size)
        self.f = f

    @property
    def f_lower_bound(self) -> float:
        """The least value of f as it declares it, else −∞."""
        return float(getattr(self.f, "lower_bound", -math.inf))

    @property
    def f_upper_bound(self) -> float:
        """The bound of |f| as f declares it, else ∞."""
        return float(getattr(self.f, "upper_bound", math.inf))

    def f_coefficients(self) -> Tensors:
        """What f needs at each evaluation; stands first among the coefficients."""
        return (self.f.weight_recurrent,) if isinstance(self.f, Perceptron) else ()

    def prepare(self, u: Tensor, coefficients: Tensors) -> Tensors:
        """The perceptron's input share (…, H), or u itself for any other f."""
        return (self.f.prepare(u),) if isinstance(self.f, Perceptron) else (u,)

    def evaluate_f(self, x: Tensor, prepared: Tensors, coefficients: Tensors) -> Tensor:
        """The value of f at the state x."""
        if isinstance(self.f, Perceptron):
            return self.f.from_prepared(x, prepared[0], coefficients[0])
        value: Tensor = self.f(x, prepared[0])
        if value.shape != x.shape:
            raise ValueError(
                f"f returned shape {tuple(value.shape)} for a state of shape {tuple(x.shape)}: "
                "f(x, u) must return one value per neuron"
            )
        return value

    def extra_parameters(self) -> Tensors:
        """All parameters of a user's f."""
        return () if isinstance(self.f, Perceptron) else tuple(self.f.parameters())
