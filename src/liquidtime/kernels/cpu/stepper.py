"""One sample at a time: the forward kernels with everything that stays the same laid out beforehand."""

import ctypes
from typing import Any

import torch
from torch import Tensor

from liquidtime.kernels.cpu import backend, conductance, perceptron
from liquidtime.kernels.cpu.entry import Entry, run_on, threads_for
from liquidtime.kernels.methods import padded

_FLOATS = {torch.float32: ctypes.c_float, torch.float64: ctypes.c_double}


class Stepper:
    """The state after one more sample. Holds its parameters; what it returns is new memory each time.

    Args:
        entry: a forward kernel.
        tile: batch rows that share a pass over its parameters.
        parameters: its arrays between `bounds` and `u`, as the kernel takes them.
        settings: its numbers after H.
        input_size: I as the kernel takes it.
        hidden_size: H.
    """

    def __init__(
        self,
        entry: Entry,
        tile: int,
        parameters: tuple[Tensor, ...],
        settings: tuple[int, ...],
        input_size: int,
        hidden_size: int,
    ) -> None:
        self.entry, self.tile, self.parameters, self.settings = entry, tile, parameters, settings
        self.input_size, self.hidden_size = input_size, hidden_size
        self.dtype = parameters[0].dtype
        self.B = 0

    def __call__(self, u: Tensor, span: Tensor | float, x: Tensor) -> Tensor:
        """From u (B, I), the span (one number, (1, 1) or (B, 1)) and the state (B, H) to the state (B, H)."""
        if u.shape[0] != self.B:
            self._lay_out(u.shape[0])
        u = u.contiguous() if u.shape[1] == self.input_size else backend.widen(u)
        x = backend.widen(x)
        after = torch.empty_like(x)
        if isinstance(span, Tensor):
            self._spans.copy_(span.view(-1))
        elif self.B == 1:
            self._span_number.value = span
        else:
            self._spans.fill_(span)
        table, n = self._table, self._u
        table[0], table[n], table[n + 3], table[n + 4] = 0, u.data_ptr(), x.data_ptr(), after.data_ptr()
        run_on(self._threads, self._kernel, self._address)
        return after if after.shape[1] == self.hidden_size else after[:, : self.hidden_size]

    def _lay_out(self, B: int) -> None:
        P = padded(self.hidden_size)
        groups, starts = backend.bounds(B, self.tile, P * P)
        self._spans, self._lengths = torch.ones(B, dtype=self.dtype), torch.ones(B, dtype=torch.int64)
        self._span_number = _FLOATS[self.dtype].from_address(self._spans.data_ptr())
        self._starts = starts
        fixed = (starts, *self.parameters)
        numbers = (1, B, self.input_size, P, *self.settings)
        spans_and_lengths = (self._spans.data_ptr(), self._lengths.data_ptr())
        values = [0, groups, *numbers, *(a.data_ptr() for a in fixed), 0, *spans_and_lengths, 0, 0, 0, 0]
        self._u = 2 + len(numbers) + len(fixed)
        self._table: Any = self.entry.table(values)
        self._address = ctypes.addressof(self._table)
        self._kernel = self.entry.kernel(self.dtype)
        self._threads = threads_for(groups, 8 * B * P * P * self.settings[1])
        self.B = B


def conductance_stepper(parameters: tuple[Tensor, ...], method: str, substeps: int) -> Stepper:
    """For the parameters of `conductance_forward`, the leak and the synapses."""
    laid_out = backend.conductance_parameters(*parameters)
    settings = (backend.CODES[method], substeps, 0)
    order = (laid_out[1], laid_out[2], laid_out[0])
    return Stepper(conductance.sequence_forward, conductance.TILE, order, settings, *parameters[2].shape)


def perceptron_stepper(
    parameters: tuple[Tensor, ...], activation: str, liquid: bool, method: str, substeps: int
) -> Stepper:
    """For the parameters of `perceptron_forward`."""
    weight_input, weight, *vectors = parameters
    laid_out = backend.perceptron_parameters(weight_input.T, weight.T, *vectors)
    settings = (backend.CODES[method], substeps, backend.ACTIVATIONS[activation], liquid, 0)
    I, H = padded(weight_input.shape[1]), len(weight)
    return Stepper(perceptron.sequence_forward, perceptron.TILE, laid_out, settings, I, H)
