"""Inference one sample at a time."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor

from liquidtime.layers.cell import Cell
from liquidtime.layers.checks import check_state, check_tensor
from liquidtime.layers.sequence import check_span


class Stream:
    """A frozen layer that answers sample by sample and keeps its own state.

    Parameters are read and transformed once, when the stream is made: training the layer afterwards does not change
    it. Nothing is differentiated.

    Args:
        cells: one per layer.

    Example:
        >>> import torch
        >>> from liquidtime import LTC
        >>> stream = LTC(input_size=3, hidden_size=5).stream()
        >>> stream(torch.zeros(3), timespan=0.5).shape
        torch.Size([5])
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        with torch.no_grad():
            for cell in cells:
                cell.coefficients()  # renews what pruning computes, so that it can be copied
            self._cells = tuple(copy.deepcopy(cell).requires_grad_(False).eval() for cell in cells)
            self._coefficients = tuple(cell.coefficients() for cell in self._cells)
        self._state: Tensor | None = None

    @property
    def state(self) -> Tensor | None:
        """(layers, B, S), or (layers, S) after unbatched samples; None before the first sample."""
        return self._state

    @state.setter
    def state(self, state: Tensor | None) -> None:
        if state is None:
            self._state = None
            return
        cell = self._cells[0]
        check_tensor("state", state)
        if state.dim() not in (2, 3) or (state.shape[0], state.shape[-1]) != (len(self._cells), cell.state_size):
            raise ValueError(
                f"state has shape {tuple(state.shape)}: pass (layers, B, S) or (layers, S) with "
                f"layers={len(self._cells)}, S={cell.state_size}"
            )
        like = next(iter(self._coefficients[0]), state)
        self._state = check_state("state", state, tuple(state.shape), like).detach().clone()

    @torch.no_grad()
    def __call__(self, x_t: Tensor, timespan: Tensor | float = 1.0) -> Tensor:
        """The output after one more sample.

        Args:
            x_t: (I,) or (B, I), the same B each time.
            timespan: time elapsed since the sample before: one number or (B,).

        Returns:
            (H,) or (B, H).

        Raises:
            ValueError: a shape or a span makes no sense.
        """
        first = self._cells[0]
        check_tensor("x_t", x_t)
        if x_t.dim() not in (1, 2) or x_t.shape[-1] != first.input_size:
            raise ValueError(f"x_t has shape {tuple(x_t.shape)}: pass (I,) or (B, I) with I={first.input_size}")
        like = next(iter(self._coefficients[0]), x_t)
        if x_t.dtype != like.dtype:
            raise ValueError(
                f"x_t is {x_t.dtype} but the layer's parameters are {like.dtype}: pass x_t.to({like.dtype})"
            )
        u = x_t if x_t.dim() == 2 else x_t.unsqueeze(0)
        span = check_span(timespan, u)
        before = self._state
        if before is None:
            before = u.new_zeros(len(self._cells), *x_t.shape[:-1], first.state_size)
        if before.shape[1:-1] != x_t.shape[:-1]:
            raise ValueError(
                f"x_t has shape {tuple(x_t.shape)} but the stream's state has {tuple(before.shape)}: "
                "set stream.state = None to begin anew"
            )
        states = []
        for cell, coefficients, x in zip(self._cells, self._coefficients, before.unbind(0), strict=True):
            x = x if x_t.dim() == 2 else x.unsqueeze(0)
            after = cell.advance(x, cell.prepare(u, coefficients), span, coefficients)
            states.append(after.view(before.shape[1:]))
            u = cell.output(after)
        self._state = torch.stack(states)
        return u if x_t.dim() == 2 else u.squeeze(0)
