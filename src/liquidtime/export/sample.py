"""One sample of a trained run as one function, from features in their own units to what is said about them."""

from typing import Any

import torch
from torch import Tensor, nn

from liquidtime.data.timing import log_timespans
from liquidtime.layers.cell import Cell
from liquidtime.training import Trained
from liquidtime.training.inference.gated import gated_state_size, gated_step


def parts_of(values: tuple[float, ...]) -> tuple[Tensor, Tensor]:
    """Numbers as float32, and what that rounding leaves of them."""
    exact = torch.tensor(values, dtype=torch.float64)
    return exact.float(), (exact - exact.float().double()).float()


class Scaled(nn.Module):
    """The model's inputs from a row of features: (x − mean) / std, and log Δt where it is an input.

    The mean is subtracted in two parts, so that a feature far from zero loses nothing that its float32 still has.

    Args:
        trained: the model.
    """

    mean: Tensor
    mean_rest: Tensor
    std: Tensor

    def __init__(self, trained: Trained) -> None:
        super().__init__()
        self.logs_time = trained.logs_time
        mean, rest = parts_of(trained.scaling.mean)
        self.register_buffer("mean", mean)
        self.register_buffer("mean_rest", rest)
        self.register_buffer("std", parts_of(trained.scaling.std)[0])

    def forward(self, features: Tensor, timespan: Tensor | None) -> Tensor:
        """Features (B, F) and Δt (B,) → (B, I)."""
        u = (features - self.mean - self.mean_rest) / self.std
        if not self.logs_time:
            return u
        assert timespan is not None
        return torch.cat([u, log_timespans(timespan)], -1)


class ReadOut(nn.Module):
    """Probabilities, or numbers in their own units, from the layer's output (B, H).

    Args:
        trained: the model.
    """

    target_mean: Tensor
    target_std: Tensor

    def __init__(self, trained: Trained) -> None:
        super().__init__()
        self.regression = trained.regression
        self.head = trained.model.head
        self.register_buffer("target_mean", torch.tensor(trained.target_scaling.mean))
        self.register_buffer("target_std", torch.tensor(trained.target_scaling.std))

    def forward(self, output: Tensor) -> Tensor:
        """(B, H) → (B, O)."""
        value: Tensor = self.head(output)
        return value * self.target_std + self.target_mean if self.regression else value.softmax(-1)


class Sample(nn.Module):
    """One sample on the plain PyTorch path, its coefficients constants.

    Args:
        trained: the model.
    """

    def __init__(self, trained: Trained) -> None:
        super().__init__()
        layer: Any = trained.model.rnn
        self.trained = trained
        self.scaled, self.read_out = Scaled(trained), ReadOut(trained)
        self.layer = layer if isinstance(layer, nn.RNNBase) else layer.cells[0]
        self.coefficients: list[Tensor] = []
        if isinstance(self.layer, Cell):
            with torch.no_grad():
                self.coefficients = [tensor.detach().clone() for tensor in self.layer.coefficients()]

    @property
    def state_size(self) -> int:
        """S, the numbers carried from sample to sample."""
        return self.layer.state_size if isinstance(self.layer, Cell) else gated_state_size(self.layer)

    def forward(self, features: Tensor, state: Tensor, timespan: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """What the model says, and the next state.

        Args:
            features: (B, F), in their own units.
            state: (B, S).
            timespan: (B,), where the model takes time.

        Returns:
            (B, O) and (B, S).
        """
        u = self.scaled(features, timespan)
        if not isinstance(self.layer, Cell):
            output, after = gated_step(self.layer, u, state)
            return self.read_out(output), after
        assert timespan is not None
        coefficients = tuple(self.coefficients)
        span = (timespan * self.trained.model.timespan).unsqueeze(-1)
        after = self.layer.advance(state, self.layer.prepare(u, coefficients), span, coefficients)
        return self.read_out(self.layer.output(after)), after
