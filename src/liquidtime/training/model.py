"""A recurrent layer with a linear read-out."""

from typing import Any

import torch
from torch import Tensor, nn

from liquidtime.data import Batch, lookup
from liquidtime.training.choices import GRADIENTS, MODELS, SOLVERS
from liquidtime.training.recipe import Recipe

State = Tensor | tuple[Tensor, Tensor]


class SequenceModel(nn.Module):
    """A read-out at every step: logits of classes, or predicted numbers, W · output_t + b.

    Args:
        rnn: a layer of this library, `nn.LSTM` or `nn.GRU`, with `batch_first=True`.
        outputs: how many classes or numbers there are.
        timespan: how much of the layer's time one unit of elapsed time is.

    Shapes:
        x (B, T, I) → (B, T, outputs) and the layer's last state.

    Raises:
        ValueError: the layer has its time axis first.
    """

    def __init__(self, rnn: nn.Module, outputs: int, timespan: float = 1.0) -> None:
        super().__init__()
        layer: Any = rnn
        if not layer.batch_first:
            raise ValueError(f"rnn={rnn}: build it with batch_first=True")
        self.rnn = rnn
        self.head = nn.Linear(layer.hidden_size * (2 if layer.bidirectional else 1), outputs)
        self.timespan = timespan

    @property
    def takes_time(self) -> bool:
        """Whether elapsed times mean anything to the layer."""
        return not isinstance(self.rnn, nn.RNNBase)

    def forward(
        self,
        x: Tensor,
        hx: State | None = None,
        timespans: Tensor | float | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, State]:
        """What the read-out says, and the last state.

        Args:
            x: inputs (B, T, I).
            hx: the state to start from; zero if None.
            timespans: elapsed time before each sample, as the layer takes it; None where every step counts as 1.
            lengths: samples of each series (B,), or None for T of all; past its length a series is not looked at.

        Raises:
            ValueError: `timespans` or `lengths` for a layer that knows no time.
        """
        output, state = self.walk(x, hx, timespans, lengths)
        return self.head(output), state

    def walk(
        self,
        x: Tensor,
        hx: State | None = None,
        timespans: Tensor | float | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, State]:
        """What the layer itself puts out (B, T, H), and its last state; arguments as of `forward`."""
        if self.takes_time:
            output, state = self.rnn(x, hx, self.layer_time(timespans), lengths)
            return output, state
        for name, value in {"timespans": timespans, "lengths": lengths}.items():
            if value is not None:
                raise ValueError(f"{name} for {type(self.rnn).__name__}: it knows no time, leave them out")
        output, state = self.rnn(x, hx)
        return output, state

    def layer_time(self, timespans: Tensor | float | None = None) -> Tensor | float:
        """Elapsed times, or that of every step where none are told, in the layer's units."""
        return self.timespan if timespans is None else self.timespan * timespans


def read(
    model: SequenceModel, batch: Batch, hx: State | None = None, start: int = 0, stop: int | None = None
) -> tuple[Tensor, State]:
    """What a model says of the samples `start` to `stop` of a batch (B, k, outputs), and the state after them.

    Elapsed times and lengths go to the layers that know what they mean; the others walk on into the padding, which
    cannot reach what they said before it.
    """
    x, spans, lengths = batch.x[:, start:stop], batch.timespans, batch.lengths
    said: tuple[Tensor, State] = model(
        x,
        hx,
        spans[:, start:stop] if spans is not None and model.takes_time else None,
        (lengths - start).clamp(0, x.shape[1]) if lengths is not None and model.takes_time else None,
    )
    return said


def build_model(recipe: Recipe, input_size: int, outputs: int) -> SequenceModel:
    """The untrained model of a recipe, drawn from torch's random numbers.

    Raises:
        ValueError: the recipe's options do not go together.
    """
    options: dict[str, Any] = {}
    if recipe.solver is not None:
        substeps = {} if recipe.substeps is None else {"substeps": recipe.substeps}
        options["solver"] = lookup("solver", recipe.solver, SOLVERS)(**substeps)
    if recipe.gradient != "bptt":
        every = {} if recipe.every is None else {"every": recipe.every}
        options["gradient"] = lookup("gradient strategy", recipe.gradient, GRADIENTS)(**every)
    if recipe.init is not None:
        options["init"] = recipe.init
    if recipe.tau is not None:
        options["tau"] = recipe.tau
    layer = lookup("model", recipe.model, MODELS).layer
    return SequenceModel(layer(input_size, recipe.hidden_size, batch_first=True, **options), outputs, recipe.timespan)


def draw_model(recipe: Recipe, input_size: int, outputs: int, seed: int) -> SequenceModel:
    """The untrained model that a seed gives; torch's own random numbers stay where they were."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            return build_model(recipe, input_size, outputs)
        except RuntimeError as error:
            raise ValueError(
                f"hidden_size={recipe.hidden_size}: the model cannot be made ({error}): pass fewer"
            ) from error


def count_parameters(model: nn.Module) -> int:
    """How many numbers are learned."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
