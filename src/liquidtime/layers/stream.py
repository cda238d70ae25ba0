"""Inference one sample at a time."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor

from liquidtime.layers.cell import Cell
from liquidtime.layers.checks import check_devices, check_state, check_tensor
from liquidtime.layers.sequence import check_number, check_span


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
            coefficients = [cell.coefficients() for cell in self._cells]
            self._steps = [cell.stepper(own) for cell, own in zip(self._cells, coefficients, strict=True)]
        self._like = next(iter(coefficients[0]), None)
        self._input_size, self._state_size = self._cells[0].input_size, self._cells[0].state_size
        self._batched = False
        self._states: list[Tensor] | None = None

    @property
    def state(self) -> Tensor | None:
        """(layers, B, S), or (layers, S) after unbatched samples; None before the first sample."""
        if self._states is None:
            return None
        states = torch.stack(self._states)
        return states if self._batched else states.squeeze(1)

    @state.setter
    def state(self, state: Tensor | None) -> None:
        if state is None:
            self._states = None
            return
        layers = len(self._cells)
        check_tensor("state", state)
        if state.dim() not in (2, 3) or (state.shape[0], state.shape[-1]) != (layers, self._state_size):
            raise ValueError(
                f"state has shape {tuple(state.shape)}: pass (layers, B, S) or (layers, S) with "
                f"layers={layers}, S={self._state_size}"
            )
        like = state if self._like is None else self._like
        state = check_state("state", state, tuple(state.shape), like).detach()
        self._batched = state.dim() == 3
        self._states = list(state.view(layers, -1, self._state_size).clone().unbind(0))

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
        check_tensor("x_t", x_t)
        if x_t.dim() not in (1, 2) or x_t.shape[-1] != self._input_size:
            raise ValueError(f"x_t has shape {tuple(x_t.shape)}: pass (I,) or (B, I) with I={self._input_size}")
        if self._like is not None and x_t.dtype != self._like.dtype:
            raise ValueError(
                f"x_t is {x_t.dtype} but the layer's parameters are {self._like.dtype}: pass x_t.to({self._like.dtype})"
            )
        if self._like is not None:
            check_devices(x_t, self._like)
        batched = x_t.dim() == 2
        u = x_t if batched else x_t.unsqueeze(0)
        if isinstance(timespan, float):
            check_number("timespan", timespan, x_t.dtype)
        else:
            timespan = check_span(timespan, u)
        if self._states is None:
            self._batched = batched
            self._states = list(u.new_zeros(len(self._cells), len(u), self._state_size).unbind(0))
        elif self._batched != batched or len(self._states[0]) != len(u):
            raise ValueError(
                f"x_t has shape {tuple(x_t.shape)} but the stream's state has {tuple(self.state.shape)}: "  # type: ignore[union-attr]
                "set stream.state = None to begin anew"
            )
        for n, step in enumerate(self._steps):
            after = step(u, timespan, self._states[n])
            self._states[n] = after
            u = self._cells[n].output(after)
        return u.clone() if batched else u[0].clone()
