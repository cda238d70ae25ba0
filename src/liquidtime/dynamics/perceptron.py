"""The default f: one layer of input and state."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import hardsigmoid, linear, relu, softplus

_RANGES: dict[Callable[[Tensor], Tensor], tuple[float, float]] = {
    torch.sigmoid: (0.0, 1.0),
    hardsigmoid: (0.0, 1.0),
    torch.tanh: (-1.0, 1.0),
    relu: (0.0, math.inf),
    torch.relu: (0.0, math.inf),
    softplus: (0.0, math.inf),
}


class Perceptron(nn.Module):
    """A perceptron of input and state.

        f(x, u) = activation(W_in u + W_rec x + b)

    Weights start from U(−1/√H, 1/√H), as those of `torch.nn.GRU` do.

    Args:
        input_size: I.
        hidden_size: H.
        activation: elementwise; `torch.sigmoid` by default.
        bias: whether b is there.
        device: where the parameters live.
        dtype: their type.

    Shapes:
        x (B, H), u (B, I) → (B, H).

    Attributes:
        lower_bound: the least value of f, −∞ if unknown.
        upper_bound: a bound of |f|, ∞ if unknown.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        activation: Callable[[Tensor], Tensor] = torch.sigmoid,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__()
        self.activation = activation
        low, high = _RANGES.get(activation, (-math.inf, math.inf))
        self.lower_bound, self.upper_bound = low, max(-low, high)
        self.weight_input = nn.Parameter(torch.empty(hidden_size, input_size, device=device, dtype=dtype))
        self.weight_recurrent = nn.Parameter(torch.empty(hidden_size, hidden_size, device=device, dtype=dtype))
        self.bias = nn.Parameter(torch.empty(hidden_size, device=device, dtype=dtype)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw every parameter anew."""
        bound = 1 / math.sqrt(self.weight_recurrent.shape[0])
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def forward(self, x: Tensor, u: Tensor) -> Tensor:
        """The value of f."""
        share = linear(u, self.weight_input, self.bias)
        return self.activation(share + linear(x, self.weight_recurrent))
