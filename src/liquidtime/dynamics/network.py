"""Dynamics whose nonlinearity is a network f(x, u) that the user may replace."""

import math

from torch import Tensor, nn
from torch.func import functional_call
from torch.nn.functional import linear

from liquidtime.dynamics.base import Dynamics, Tensors, run_pre_hooks
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

    own_coefficients = 0
    """How many coefficients of the equation stand before those of f."""

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
        """What f reads; stands last among the coefficients: W_rec, W_in and b, or all parameters of a user's f."""
        if not isinstance(self.f, Perceptron):
            return tuple(self.f.parameters())
        run_pre_hooks(self.f)
        bias = () if self.f.bias is None else (self.f.bias,)
        return (self.f.weight_recurrent, self.f.weight_input, *bias)

    def prepare(self, u: Tensor, coefficients: Tensors) -> Tensors:
        """The perceptron's input share W_in u + b (…, H), or u itself for any other f."""
        if not isinstance(self.f, Perceptron):
            return (u,)
        of_f = self._of_f(coefficients)
        return (linear(u, of_f[1], of_f[2] if len(of_f) > 2 else None),)

    def evaluate_f(self, x: Tensor, prepared: Tensors, coefficients: Tensors) -> Tensor:
        """The value of f at the state x."""
        of_f = self._of_f(coefficients)
        if isinstance(self.f, Perceptron):
            return self.f.activation(prepared[0] + linear(x, of_f[0]))
        names = [name for name, _ in self.f.named_parameters()]
        own = of_f[0].dtype if of_f else x.dtype
        arguments = (x.to(own), prepared[0].to(own))
        value: Tensor = functional_call(self.f, dict(zip(names, of_f, strict=True)), arguments)
        value = value.to(x.dtype)
        if value.shape != x.shape:
            raise ValueError(
                f"f returned shape {tuple(value.shape)} for a state of shape {tuple(x.shape)}: "
                "f(x, u) must return one value per neuron"
            )
        return value

    def _of_f(self, coefficients: Tensors) -> Tensors:
        return coefficients[self.own_coefficients :]
