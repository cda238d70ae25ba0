"""One layer in one direction, as the loop over time needs it."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from liquidtime.dynamics import Dynamics, Field
from liquidtime.dynamics.base import Tensors
from liquidtime.gradients import GradientStrategy
from liquidtime.kernels import SequenceKernel, Step, choose, kernel_for, loop
from liquidtime.layers.checks import check_devices
from liquidtime.layers.sequence import Series
from liquidtime.solvers import Solver
from liquidtime.solvers.base import FixedStepSolver


class Cell(nn.Module, ABC):
    """What the loop over time asks of a model.

    Args:
        input_size: I.
        hidden_size: H, the width of the output.
        state_size: S, the width of the state.
        gradient: the strategy that walks the loop.
    """

    def __init__(self, input_size: int, hidden_size: int, state_size: int, gradient: GradientStrategy) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.state_size = state_size
        self.gradient = gradient

    @abstractmethod
    def coefficients(self) -> Tensors:
        """The parameters as the equations use them, once per call."""

    @abstractmethod
    def prepare(self, u: Tensor, coefficients: Tensors) -> Tensors:
        """The input's share, once per sample: (…, I) → tensors (…, ·)."""

    @abstractmethod
    def trace(self, x: Tensor, prepared: Tensors, span: Tensor, coefficients: Tensors) -> list[Tensor]:
        """The states (B, S) at the start and at the end of each substep of one sample."""

    def advance(self, x: Tensor, prepared: Tensors, span: Tensor, coefficients: Tensors) -> Tensor:
        """The state (B, S) at the end of one sample."""
        return self.trace(x, prepared, span, coefficients)[-1]

    def run(self, series: Series, x: Tensor, coefficients: Tensors) -> Tensor:
        """The states (T, B, S) that follow x (B, S). Past a series' length its state stays."""
        return self.run_reference(series, x, coefficients)

    def run_reference(self, series: Series, x: Tensor, coefficients: Tensors) -> Tensor:
        """The same, sample by sample in plain PyTorch."""

        def advance(x: Tensor, held: Tensors, span: Tensor) -> Tensor:
            return self.advance(x, held, span, coefficients)

        return loop(advance, self.prepare(series.u, coefficients), series.spans, series.mask, x)

    def output(self, state: Tensor) -> Tensor:
        """What the layer shows of its state: (…, S) → (…, H)."""
        return state

    def stepper(self, coefficients: Tensors) -> Step:
        """One sample after another with fixed coefficients, for inference."""

        def step(u: Tensor, span: Tensor | float, x: Tensor) -> Tensor:
            span = span if isinstance(span, Tensor) else x.new_full((1, 1), span)
            return self.advance(x, self.prepare(u, coefficients), span, coefficients)

        return step

    def kernel(self, state: Tensor) -> str:
        """The name of what `run` runs for a state of this type on this device."""
        return "reference"


class ODECell(Cell):
    """Dynamics joined with a solver and a gradient strategy.

    Args:
        dynamics: the equation.
        solver: how a span is crossed.
        gradient: how the loop is differentiated.
        kernel: one of `liquidtime.kernels.SETTINGS`.
    """

    def __init__(self, dynamics: Dynamics, solver: Solver, gradient: GradientStrategy, kernel: str) -> None:
        super().__init__(dynamics.input_size, dynamics.hidden_size, dynamics.hidden_size, gradient)
        self.dynamics = dynamics
        self.solver = solver
        self.kernel_setting = kernel

    def coefficients(self) -> Tensors:
        """Those of the dynamics."""
        return self.dynamics.coefficients()

    def prepare(self, u: Tensor, coefficients: Tensors) -> Tensors:
        """The dynamics' share of the input."""
        return self.dynamics.prepare(u, coefficients)

    def trace(self, x: Tensor, prepared: Tensors, span: Tensor, coefficients: Tensors) -> list[Tensor]:
        """The states that the solver passes through."""
        field = Field(self.dynamics, coefficients, prepared)
        if not self.solver.full_precision:
            return self.solver.trace(field, x, span)
        with torch.autocast(x.device.type, enabled=False):
            return [state.to(x.dtype) for state in self.solver.trace(*_full_precision(field, x, span))]

    def advance(self, x: Tensor, prepared: Tensors, span: Tensor, coefficients: Tensors) -> Tensor:
        """The state at the end of the span, differentiated as the gradient strategy has it."""
        field = Field(self.dynamics, coefficients, prepared)
        if not self.solver.full_precision:
            return self.gradient.integrate(self.solver, field, x, span)
        with torch.autocast(x.device.type, enabled=False):
            return self.gradient.integrate(self.solver, *_full_precision(field, x, span)).to(x.dtype)

    def run(self, series: Series, x: Tensor, coefficients: Tensors) -> Tensor:
        """The states, by a kernel where one covers the case; it keeps the state's own precision under autocast."""
        _, kernel = self._choose((x, *coefficients))
        check_devices(series.u, x, *coefficients)
        if kernel is None:
            return self.run_reference(series, x, coefficients)
        assert isinstance(self.solver, FixedStepSolver)
        return kernel.run(self.dynamics, self.solver, *series.for_kernel(x.dtype), x.resolve_neg(), coefficients)

    def stepper(self, coefficients: Tensors) -> Step:
        """By a kernel where one covers the case."""
        name, kernel = self._choose(coefficients or (torch.empty(0),))
        if kernel is None or name != "numba":
            return super().stepper(coefficients)
        assert isinstance(self.solver, FixedStepSolver)
        return kernel.stepper(self.dynamics, self.solver, coefficients)

    def kernel(self, state: Tensor) -> str:
        """The name of what `run` runs for a state of this type on this device."""
        return self._choose((state,))[0]

    def _choose(self, tensors: Tensors) -> tuple[str, SequenceKernel | None]:
        kernel = kernel_for(self.dynamics, self.solver, self.gradient)
        return choose(self.kernel_setting, kernel, self._case, tensors)

    def _case(self) -> str:
        return f"{type(self.dynamics).__name__} with this f, solver={self.solver} and gradient={self.gradient}"

    def time_constants(self, x: Tensor, prepared: Tensors, coefficients: Tensors) -> Tensor:
        """τ_sys = 1/decay at the state x (N, H)."""
        _, decay = self.dynamics.drive_decay(x, prepared, coefficients)
        return 1 / decay


def _full_precision(field: Field, x: Tensor, span: Tensor) -> tuple[Field, Tensor, Tensor]:
    dtype = torch.float32 if x.dtype in (torch.bfloat16, torch.float16) else x.dtype
    coefficients = tuple(c.to(dtype) for c in field.coefficients)
    prepared = tuple(p.to(dtype) for p in field.prepared)
    return Field(field.dynamics, coefficients, prepared), x.to(dtype), span.to(dtype)
