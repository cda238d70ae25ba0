"""The loop over time, and the contract of `torch.nn.GRU` around it."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from liquidtime.gradients import BPTT, GradientStrategy
from liquidtime.layers.cell import Cell, ODECell
from liquidtime.layers.checks import check_flags, check_probability, check_sizes, check_state, check_tensor
from liquidtime.layers.sequence import Layout, Lengths, Series, Timespans, normalise
from liquidtime.layers.stream import Stream


def walk(cell: Cell, series: Series, x: Tensor) -> tuple[Tensor, Tensor]:
    """Walk a batch of series from state x: states (T, B, S) and the last one (B, S).

    Past a series' length its state stays. Under `torch.export` the whole series is one chunk, so that T can be dynamic.
    """
    coefficients, T = cell.coefficients(), series.u.shape[0]

    def chunk(x: Tensor, start: int, stop: int) -> tuple[Tensor, Tensor]:
        states = cell.run(series if stop - start == T else series.part(start, stop), x, coefficients)
        return states, states[-1]

    if torch.compiler.is_exporting():
        return chunk(x, 0, T)
    return cell.gradient.run(chunk, x, T)


@dataclass(frozen=True)
class Walked:
    """What one cell did: the series as it saw it, its states in that order, its output in the series' own order."""

    cell: Cell
    seen: Series
    backwards: bool
    start: Tensor
    states: Tensor
    last: Tensor
    output: Tensor

    @property
    def states_before(self) -> Tensor:
        """The state before each sample (T, B, S)."""
        return torch.cat([self.start.unsqueeze(0), self.states[:-1]])


def in_order(seen: Series, values: Tensor, backwards: bool) -> Tensor:
    """Values (T, B, …) in the order of `seen` → in the series' own order, 0 past each length."""
    if seen.mask is not None:
        values = torch.where(seen.mask.view(*seen.mask.shape[:2], *[1] * (values.dim() - 2)), values, 0)
    return seen.backwards(values) if backwards else values


def join(outputs: list[Tensor]) -> Tensor:
    """The outputs of one layer's directions side by side."""
    return outputs[0] if len(outputs) == 1 else torch.cat(outputs, -1)


class Recurrent(nn.Module):
    """A stack of cells with the arguments, shapes and defaults of `torch.nn.GRU`.

    The state is the x of the model's equation; `output`, `h_n` and traces all concern it. The input u_t holds
    during Δt_t, the time elapsed *before* sample t.

    Args:
        build: makes the cell of one layer and direction from its input size.
        input_size: I.
        hidden_size: H.
        num_layers: how many layers are stacked.
        batch_first: whether batches are (B, T, ·) rather than (T, B, ·).
        dropout: probability of dropping an output between two layers.
        bidirectional: whether a second set of cells walks each series backwards.
        bias: whether the cells have one.
        validate: whether values (spans, lengths) are checked also where that costs: under `torch.compile`, export
            and on a GPU. Eagerly on the CPU they always are.
    """

    def __init__(
        self,
        build: Callable[[int], Cell],
        input_size: int,
        hidden_size: int,
        num_layers: int,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        bias: bool,
        validate: bool,
    ) -> None:
        super().__init__()
        check_sizes(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        check_flags(bias=bias, batch_first=batch_first, bidirectional=bidirectional, validate=validate)
        check_probability("dropout", dropout)
        if dropout > 0 and num_layers == 1:
            warnings.warn("dropout acts between layers, so it does nothing with num_layers=1", stacklevel=3)
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.batch_first = batch_first
        self.dropout = dropout
        self.bidirectional = bidirectional
        self.bias = bias
        self.validate = validate
        directions = 2 if bidirectional else 1
        sizes = [input_size] + [directions * hidden_size] * (num_layers - 1)
        self.cells = nn.ModuleList(build(size) for size in sizes for _ in range(directions))

    @property
    def num_directions(self) -> int:
        """2 if bidirectional, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def kernel(self) -> str:
        """What walks the sequence for parameters as they are now: `reference`, `numba` or `triton`.

        It follows from the parameters' device and type, the equation, the solver, and what the layer was told.
        """
        like = next(self.parameters(), torch.empty(0))
        return self._cell(0).kernel(like)

    @property
    def state_size(self) -> int:
        """S, the width of the state: H except for `CTGRU`."""
        return self._cell(0).state_size

    def forward(
        self,
        input: Tensor | PackedSequence,
        hx: Tensor | None = None,
        timespans: Timespans = 1.0,
        lengths: Lengths | None = None,
    ) -> tuple[Tensor | PackedSequence, Tensor]:
        """Run the layer over a batch of series.

        Args:
            input: (T, B, I), (B, T, I) with `batch_first`, (T, I) unbatched, or packed.
            hx: the state at the start, (layers · directions, B, S), unbatched (layers · directions, S); zero if None.
            timespans: elapsed time before each sample: one number, (T,), or laid out as the input without its last
                axis; packed for a packed input. Zero leaves the state of an ODE layer exactly as it is.
            lengths: (B,) whole numbers up to T; what lies past them is never looked at.

        Returns:
            output: (T, B, directions · H) in the input's layout, 0 past a length; packed for a packed input.
            h_n: (layers · directions, B, S), each series' last state.

        Raises:
            ValueError: an argument makes no sense; the message names it, its value and the way out.
        """
        series, layout = self._normalise(input, timespans, lengths)
        walked = list(self._walk_layers(series, self._start(hx, series, layout.batched)))
        output = join([one.output for one in walked[-self.num_directions :]])
        h_n = torch.stack([one.last for one in walked])
        return layout.restore_output(output, series.lengths), h_n if layout.batched else h_n.squeeze(1)

    def step(self, x_t: Tensor, state: Tensor | None = None, timespan: Tensor | float = 1.0) -> tuple[Tensor, Tensor]:
        """One sample, differentiable: the same numbers as the whole sequence.

        Args:
            x_t: (B, I), or (I,) unbatched.
            state: (layers, B, S) or (layers, S) unbatched; zero if None.
            timespan: time elapsed before the sample: one number or (B,).

        Returns:
            The output (B, H) and the next state, shaped as `state`.

        Raises:
            ValueError: the layer is bidirectional, or an argument makes no sense.
        """
        if self.bidirectional:
            raise ValueError("step on a bidirectional layer: its second direction needs the whole series first")
        check_tensor("x_t", x_t)
        if x_t.dim() not in (1, 2):
            raise ValueError(f"x_t has {x_t.dim()} axes: pass (B, I) or (I,)")
        if isinstance(timespan, Tensor) and timespan.dim() > x_t.dim() - 1:
            raise ValueError(f"timespan has shape {tuple(timespan.shape)}: pass one number, or (B,) for x_t (B, I)")
        time_axis = 1 if self.batch_first and x_t.dim() == 2 else 0
        if isinstance(timespan, Tensor) and timespan.dim() == 1 and x_t.dim() == 2:
            timespan = timespan.unsqueeze(time_axis)
        output, h_n = self(x_t.unsqueeze(time_axis), state, timespan)
        return output.squeeze(time_axis), h_n

    def stream(self) -> Stream:
        """The way to `step` for inference: a frozen copy of the layer that keeps its own state.

        Raises:
            ValueError: the layer is bidirectional.
        """
        if self.bidirectional:
            raise ValueError("stream on a bidirectional layer: its second direction needs the whole series first")
        return Stream([self._cell(i) for i in range(self.num_layers)])

    def trace(
        self,
        input: Tensor | PackedSequence,
        hx: Tensor | None = None,
        timespans: Timespans = 1.0,
        lengths: Lengths | None = None,
    ) -> Tensor:
        """The states at every substep: (layers · directions, …the output's layout, L + 1, S).

        Index 0 of the substep axis is the state before the sample, index L the one after it. `Adaptive` shows start
        and end only (L = 1). A packed input gives the padded layout.
        """
        series, layout = self._normalise(input, timespans, lengths)
        traces = []
        for one in self._walk_layers(series, self._start(hx, series, layout.batched)):
            coefficients = one.cell.coefficients()
            prepared = zip(*(share.unbind(0) for share in one.cell.prepare(one.seen.u, coefficients)), strict=True)
            samples = zip(one.states_before.unbind(0), prepared, one.seen.spans.unbind(0), strict=True)
            substeps = [torch.stack(one.cell.trace(x, shares, span, coefficients), -2) for x, shares, span in samples]
            traces.append(in_order(one.seen, torch.stack(substeps), one.backwards))
        flat = torch.stack(traces).flatten(-2)
        restored = layout.restore(flat)
        return restored.reshape(*restored.shape[:-1], -1, self.state_size)

    def time_constants(
        self,
        input: Tensor | PackedSequence,
        hx: Tensor | None = None,
        timespans: Timespans = 1.0,
        lengths: Lengths | None = None,
    ) -> Tensor:
        """The liquid time constants τ_sys = 1/decay at each sample's end state, under that sample's input.

        Returns:
            (layers · directions, …the output's layout with H last), ∞ for the neural ODE, 0 past a length. A packed
            input gives the padded layout.
        """
        series, layout = self._normalise(input, timespans, lengths)
        taus = []
        for one in self._walk_layers(series, self._start(hx, series, layout.batched)):
            assert isinstance(one.cell, ODECell)
            coefficients = one.cell.coefficients()
            prepared = tuple(share.flatten(0, 1) for share in one.cell.prepare(one.seen.u, coefficients))
            tau = one.cell.time_constants(one.states.flatten(0, 1), prepared, coefficients)
            taus.append(in_order(one.seen, tau.view_as(one.states), one.backwards))
        return layout.restore(torch.stack(taus))

    def flatten_parameters(self) -> Self:
        """Nothing to do; there so that code written for `torch.nn.GRU` runs."""
        return self

    def __repr__(self) -> str:
        """The call that would build the layer."""
        return f"{type(self).__name__}({self.extra_repr()})"

    def extra_repr(self) -> str:
        """Arguments that differ from their defaults."""
        parts = [str(self.input_size), str(self.hidden_size)]
        defaults = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False}
        parts += [f"{name}={getattr(self, name)}" for name, usual in defaults.items() if getattr(self, name) != usual]
        return ", ".join(parts + self.own_arguments())

    def own_arguments(self) -> list[str]:
        """What `repr` shows behind the arguments that torch's layers have too."""
        return [] if isinstance(self.gradient, BPTT) else [f"gradient={self.gradient}"]

    @property
    def gradient(self) -> GradientStrategy:
        """How the loop over time is differentiated."""
        return self._cell(0).gradient

    def _cell(self, index: int) -> Cell:
        cell = self.cells[index]
        assert isinstance(cell, Cell)
        return cell

    def _normalise(
        self, input: Tensor | PackedSequence, timespans: Timespans, lengths: Lengths | None
    ) -> tuple[Series, Layout]:
        return normalise(
            input,
            timespans,
            lengths,
            input_size=self.input_size,
            batch_first=self.batch_first,
            dtype=next((p.dtype for p in self.parameters()), None),
            validate=self.validate,
        )

    def _start(self, hx: Tensor | None, series: Series, batched: bool) -> Tensor:
        count, B, S = len(self.cells), series.u.shape[1], self.state_size
        if hx is None:
            return torch.zeros(count, B, S, dtype=series.spans.dtype, device=series.u.device)
        hx = check_state("hx", hx, (count, B, S) if batched else (count, S), series.spans)
        return hx if batched else hx.unsqueeze(1)

    def _walk_layers(self, series: Series, start: Tensor) -> Iterator[Walked]:
        for layer in range(self.num_layers):
            outputs = []
            for direction in range(self.num_directions):
                index = layer * self.num_directions + direction
                cell = self._cell(index)
                seen = series.reversed() if direction else series
                states, last = walk(cell, seen, start[index])
                output = in_order(seen, cell.output(states), bool(direction))
                outputs.append(output)
                yield Walked(cell, seen, bool(direction), start[index], states, last, output)
            if layer == self.num_layers - 1:
                return
            output = join(outputs)
            if self.dropout > 0:
                output = nn.functional.dropout(output, self.dropout, self.training)
            series = series.with_input(output)
