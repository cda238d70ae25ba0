"""What the layers that are differential equations share."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from liquidtime.dynamics import Dynamics, Perceptron
from liquidtime.gradients import GradientStrategy
from liquidtime.layers.cell import ODECell
from liquidtime.layers.recurrent import Recurrent
from liquidtime.solvers import Solver

Network = nn.Module | Callable[[int, int], nn.Module]
"""f itself, or a function of (input_size, hidden_size) that makes one per layer and direction."""


class ODELayer(Recurrent):
    """A recurrent layer whose cells are dynamics, solver and gradient strategy."""

    def __init__(
        self,
        build: Callable[[int], Dynamics],
        input_size: int,
        hidden_size: int,
        *args: Any,
        solver: Solver,
        gradient: GradientStrategy,
        **kwargs: Any,
    ) -> None:
        if not isinstance(solver, Solver):
            raise ValueError(f"solver={solver!r}: pass a solver object such as Fused(substeps=6)")
        check_gradient(gradient)
        gradient.check(solver)
        super().__init__(lambda size: ODECell(build(size), solver, gradient), input_size, hidden_size, *args, **kwargs)
        self.solver = solver
        self.gradient = gradient

    def dynamics(self, index: int = 0) -> Dynamics:
        """The equation of one layer and direction, counted as in `h_n`."""
        cell = self._cell(index)
        assert isinstance(cell, ODECell)
        return cell.dynamics

    def extra_repr(self) -> str:
        """Arguments that differ from their defaults, and the solver."""
        gradient = "" if type(self.gradient).__name__ == "BPTT" else f", gradient={self.gradient}"
        return f"{super().extra_repr()}, solver={self.solver}{gradient}"


def check_gradient(gradient: object) -> None:
    """Refuse what is no gradient strategy."""
    if not isinstance(gradient, GradientStrategy):
        raise ValueError(f"gradient={gradient!r}: pass a gradient strategy object such as BPTT()")


def network_factory(
    f: Network | None,
    activation: Callable[[Tensor], Tensor],
    hidden_size: int,
    cells: int,
    bias: bool,
    device: torch.device | str | None,
    dtype: torch.dtype | None,
) -> Callable[[int], nn.Module]:
    """From the user's f, or None, to a maker of one network per cell."""
    if f is None:
        return lambda size: Perceptron(size, hidden_size, activation, bias, device, dtype)
    if isinstance(f, nn.Module):
        if cells > 1:
            raise ValueError(
                f"f is one module but the layer has {cells} cells (layers × directions): pass a function "
                "f(input_size, hidden_size) that makes a module for each"
            )
        return lambda size: f
    if not callable(f):
        raise ValueError(f"f={f!r}: pass a module f(x, u), or a function of (input_size, hidden_size) that makes one")
    return lambda size: f(size, hidden_size)


def draw_tau(
    tau: tuple[float, float] | None,
    default: tuple[float, float],
    size: int,
    device: torch.device | str | None,
    dtype: torch.dtype | None,
) -> Tensor:
    """Resting time constants (H,), log-uniform between the two ends."""
    low, high = default if tau is None else tau
    if not (0 < low <= high < math.inf):
        raise ValueError(f"tau=({low}, {high}): pass (low, high) with 0 < low ≤ high, in units of the time spans")
    return torch.empty(size, device=device, dtype=dtype).uniform_(math.log(low), math.log(high)).exp()
