"""One sample at a time: the forward kernels with everything that stays the same laid out beforehand."""

import ctypes
import threading
from typing import Any

import torch
from torch import Tensor

from liquidtime.kernels.cpu import backend, conductance, ctgru, perceptron
from liquidtime.kernels.cpu.entry import Entry, groups_of, run_on, threads_for
from liquidtime.kernels.cpu.steps import CODES
from liquidtime.kernels.methods import padded

_FLOATS = {torch.float32: ctypes.c_float, torch.float64: ctypes.c_double}


class Stepper:
    """The state after one more sample. Holds its parameters; what it returns is new memory each time.

    Args:
        entry: a forward kernel.
        tile: batch rows that share a pass over its parameters.
        parameters: its arrays between `bounds` and `u`, as the kernel takes them.
        settings: its numbers after H.
        evaluations: passes over the parameters per sample.
        input_size: I as the kernel takes it.
        hidden_size: H.
    """

    def __init__(
        self,
        entry: Entry,
        tile: int,
        parameters: tuple[Tensor, ...],
        settings: tuple[int, ...],
        evaluations: int,
        input_size: int,
        hidden_size: int,
    ) -> None:
        self.entry, self.tile, self.parameters, self.settings = entry, tile, parameters, settings
        self.evaluations, self.input_size, self.hidden_size = evaluations, input_size, hidden_size
        self.dtype = parameters[0].dtype
        self._lay_out(-1)

    def __call__(self, u: Tensor, span: Tensor | float, x: Tensor) -> Tensor:
        """From u (B, I), the span (one number, (1, 1) or (B, 1)) and the state (B, S) to the state (B, S)."""
        B, S = u.shape[0], x.shape[1]
        u = backend.widen(u.resolve_neg()) if u.shape[1] != self.input_size else u.resolve_neg().contiguous()
        x = backend.widen_state(x, self.hidden_size)
        after = torch.empty_like(x)
        with self._lock:  # the table is one for all threads
            if B != self._B:
                self._lay_out(B)
            if isinstance(span, Tensor):
                given = span.flatten().tolist()
                self._spans[:] = given if len(given) == B else given * B
            else:
                self._spans[:] = [span] * B
            table, n = self._table, self._u
            table[0], table[n], table[n + 3], table[n + 4] = 0, u.data_ptr(), x.data_ptr(), after.data_ptr()
            threads = threads_for(self._groups.count, self._work)
            run_on(threads, self.entry.kernel(self.dtype), ctypes.addressof(table))
        return after if after.shape[1] == S else after[:, :S]

    def __getstate__(self) -> dict[str, Any]:
        """Without addresses."""
        kept = ("entry", "tile", "parameters", "settings", "evaluations", "input_size", "hidden_size", "dtype")
        return {name: getattr(self, name) for name in kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Addresses anew at the next call."""
        self.__dict__.update(state)
        self._lay_out(-1)

    def _lay_out(self, B: int) -> None:
        """Fill the table for a batch of B; −1 for none yet."""
        if B < 0:
            self._lock = threading.Lock()
        self._B = B
        P, rows = padded(self.hidden_size), max(B, 0)
        self._groups = groups_of(rows, self.tile, P * P)
        self._spans, self._lengths = (_FLOATS[self.dtype] * rows)(), (ctypes.c_int64 * rows)(*[1] * rows)
        self._work = 8 * rows * P * P * self.evaluations
        numbers = (1, rows, self.input_size, P, *self.settings)
        fixed = (self._groups.address, *(tensor.data_ptr() for tensor in self.parameters))
        spans_and_lengths = (ctypes.addressof(self._spans), ctypes.addressof(self._lengths))
        values = [0, self._groups.count, *numbers, *fixed, 0, *spans_and_lengths, 0, 0, 0, 0]
        self._u = 2 + len(numbers) + len(fixed)
        self._table: Any = self.entry.table(values)


def conductance_stepper(parameters: tuple[Tensor, ...], method: str, substeps: int) -> Stepper:
    """For the parameters of `conductance_forward`, the leak and the synapses."""
    laid_out = backend.conductance_parameters(*parameters)
    settings = (CODES[method], substeps, 0)
    order = (laid_out[1], laid_out[2], laid_out[0])
    return Stepper(conductance.sequence_forward, conductance.TILE, order, settings, substeps, *parameters[2].shape)


def perceptron_stepper(
    parameters: tuple[Tensor, ...], activation: str, liquid: bool, method: str, substeps: int
) -> Stepper:
    """For the parameters of `perceptron_forward`."""
    weight_input, weight, *vectors = parameters
    laid_out = backend.perceptron_parameters(weight_input.T, weight.T, *vectors)
    settings = (CODES[method], substeps, backend.ACTIVATIONS[activation], liquid, 0)
    I, H = padded(weight_input.shape[1]), len(weight)
    return Stepper(perceptron.sequence_forward, perceptron.TILE, laid_out, settings, substeps, I, H)


def ctgru_stepper(parameters: tuple[Tensor, ...]) -> Stepper:
    """For the parameters of `ctgru_forward`."""
    weight_input, _, weight_candidate, *_ = parameters
    laid_out = backend.ctgru_forward_parameters(*parameters)
    I, H = padded(weight_input.shape[1]), len(weight_candidate)
    return Stepper(ctgru.sequence_forward, ctgru.TILE, laid_out, (0,), 1, I, H)
