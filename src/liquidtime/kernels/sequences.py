"""Which equations have a kernel, and how a layer's tensors become an operator's."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from liquidtime.dynamics import (
    ConductanceDynamics,
    CTRNNDynamics,
    Dynamics,
    LTCDynamics,
    NetworkDynamics,
    NeuralODEDynamics,
    Perceptron,
)
from liquidtime.dynamics.base import Tensors
from liquidtime.gradients import GradientStrategy
from liquidtime.kernels.methods import METHODS
from liquidtime.kernels.operators import conductance_forward, ctgru_forward, perceptron_forward
from liquidtime.solvers import Solver
from liquidtime.solvers.base import FixedStepSolver

Step = Callable[[Tensor, Tensor | float, Tensor], Tensor]
"""(u (B, I), span, state (B, S)) → the state after that sample."""


class SequenceKernel(ABC):
    """One kind of equation, over whole sequences."""

    @abstractmethod
    def covers(self, dynamics: Dynamics) -> bool:
        """Whether this is the equation."""

    @abstractmethod
    def run(
        self,
        dynamics: Dynamics,
        solver: FixedStepSolver,
        u: Tensor,
        spans: Tensor,
        lengths: Tensor,
        start: Tensor,
        coefficients: Tensors,
    ) -> Tensor:
        """The states (T, B, H) of inputs u (T, B, I), spans (T, B), lengths (B,), from the state (B, H)."""

    @abstractmethod
    def stepper(self, dynamics: Dynamics, solver: FixedStepSolver, coefficients: Tensors) -> Step:
        """The fast way on the CPU to one sample after another, nothing differentiated."""


class ConductanceKernel(SequenceKernel):
    """The conductance form; the input's synapses too."""

    def covers(self, dynamics: Dynamics) -> bool:
        """`ConductanceDynamics` itself."""
        return type(dynamics) is ConductanceDynamics

    def run(
        self,
        dynamics: Dynamics,
        solver: FixedStepSolver,
        u: Tensor,
        spans: Tensor,
        lengths: Tensor,
        start: Tensor,
        coefficients: Tensors,
    ) -> Tensor:
        """The states."""
        assert isinstance(dynamics, ConductanceDynamics)
        parameters = dynamics.leak_and_synapses(coefficients)
        given = (u, spans, lengths, start, *parameters)
        states: Tensor = conductance_forward(*given, METHODS[type(solver)], solver.substeps, _is_trained(given))[0]
        return states

    def stepper(self, dynamics: Dynamics, solver: FixedStepSolver, coefficients: Tensors) -> Step:
        """The same, sample by sample."""
        from liquidtime.kernels.cpu.stepper import conductance_stepper

        assert isinstance(dynamics, ConductanceDynamics)
        return conductance_stepper(dynamics.leak_and_synapses(coefficients), METHODS[type(solver)], solver.substeps)


class PerceptronKernel(SequenceKernel):
    """LTC, CT-RNN and neural ODE on a perceptron."""

    def covers(self, dynamics: Dynamics) -> bool:
        """The three themselves, on a `Perceptron` with a sigmoid or a hyperbolic tangent."""
        known = type(dynamics) in (LTCDynamics, CTRNNDynamics, NeuralODEDynamics)
        return known and type(dynamics.f) is Perceptron and dynamics.f.activation in ACTIVATIONS

    def run(
        self,
        dynamics: Dynamics,
        solver: FixedStepSolver,
        u: Tensor,
        spans: Tensor,
        lengths: Tensor,
        start: Tensor,
        coefficients: Tensors,
    ) -> Tensor:
        """The states."""
        parameters, setting = self._arguments(dynamics, coefficients)
        given = (u, spans, lengths, start, *parameters)
        method = METHODS[type(solver)], solver.substeps
        states: Tensor = perceptron_forward(*given, *setting, *method, _is_trained(given))[0]
        return states

    def stepper(self, dynamics: Dynamics, solver: FixedStepSolver, coefficients: Tensors) -> Step:
        """The same, sample by sample."""
        from liquidtime.kernels.cpu.stepper import perceptron_stepper

        parameters, setting = self._arguments(dynamics, coefficients)
        return perceptron_stepper(parameters, *setting, METHODS[type(solver)], solver.substeps)

    def _arguments(self, dynamics: Dynamics, coefficients: Tensors) -> tuple[Tensors, tuple[str, bool]]:
        """Input weight, weight, bias, A and rate; the activation, and whether |f| joins the decay."""
        assert isinstance(dynamics, NetworkDynamics)
        assert isinstance(dynamics.f, Perceptron)
        own, of_f = coefficients[: dynamics.own_coefficients], coefficients[dynamics.own_coefficients :]
        weight, weight_input, bias = of_f if len(of_f) == 3 else (*of_f, of_f[0].new_zeros(dynamics.hidden_size))
        liquid = isinstance(dynamics, LTCDynamics)
        rate = own[0] if own else torch.zeros_like(bias)
        A = own[1] if liquid else torch.ones_like(bias)
        return (weight_input, weight, bias, A, rate), (ACTIVATIONS[dynamics.f.activation], liquid)


ACTIVATIONS: dict[Callable[[Tensor], Tensor], str] = {torch.sigmoid: "sigmoid", torch.tanh: "tanh"}
KERNELS = (ConductanceKernel(), PerceptronKernel())


def _is_trained(tensors: Tensors) -> bool:
    """Whether a backward pass is to be expected, for which the forward pass keeps more. If it comes all the same, it
    walks forward once more.
    """
    if torch.compiler.is_exporting() or not torch.is_grad_enabled():
        return False
    return torch._C._are_functorch_transforms_active() or any(tensor.requires_grad for tensor in tensors)


def kernel_for(dynamics: Dynamics, solver: Solver, gradient: GradientStrategy) -> SequenceKernel | None:
    """The kernel of an equation with a solver, or None; a strategy with its own way across a span is not bypassed."""
    if type(solver) not in METHODS or type(gradient).integrate is not GradientStrategy.integrate:
        return None
    return next((kernel for kernel in KERNELS if kernel.covers(dynamics)), None)


def ctgru_states(u: Tensor, spans: Tensor, lengths: Tensor, start: Tensor, coefficients: Tensors) -> Tensor:
    """The states (T, B, 8H) of a CT-GRU on the CPU, for inputs as `SequenceKernel.run` takes them.

    Args:
        u: (T, B, I).
        spans: (T, B).
        lengths: (B,).
        start: (B, 8H).
        coefficients: weights of the scales (2H, H) and the candidate (H, H), ln τ̃ (8,), weight of the input (3H, I),
            and the bias (3H,) if there is one.
    """
    given = (u, spans, lengths, start, *_ctgru_arguments(coefficients))
    states: Tensor = ctgru_forward(*given, _is_trained(given))[0]
    return states


def ctgru_step(coefficients: Tensors) -> Step:
    """The same sample by sample, nothing differentiated."""
    from liquidtime.kernels.cpu.stepper import ctgru_stepper

    return ctgru_stepper(_ctgru_arguments(coefficients))


def _ctgru_arguments(coefficients: Tensors) -> Tensors:
    """Weights of input, scales and candidate, bias, ln τ̃."""
    weight_scales, weight_candidate, log_tau, weight_input, *given = coefficients
    bias = given[0] if given else weight_input.new_zeros(weight_input.shape[0])
    return weight_input, weight_scales, weight_candidate, bias, log_tau
