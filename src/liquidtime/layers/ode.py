"""What the layers that are differential equations share."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from liquidtime.dynamics import Dynamics, Perceptron
from liquidtime.gradients import GradientStrategy
from liquidtime.kernels import check_setting
from liquidtime.layers.cell import ODECell
from liquidtime.layers.checks import check_flags, check_sizes, is_number
from liquidtime.layers.recurrent import Recurrent
from liquidtime.solvers import Solver

Network = nn.Module | Callable[[int, int], nn.Module]
"""f itself, or a function of (input_size, hidden_size) that makes one per layer and direction."""


class ODELayer(Recurrent):
    """A recurrent layer whose cells are dynamics, solver and gradient strategy.

    Args:
        build: makes the dynamics of one layer and direction from its input size.
        solver: how a span of time is crossed.
        gradient: how the loop over time is differentiated.
        kernel: what walks the sequence, one of `liquidtime.kernels.SETTINGS`.
        arguments: those of `Recurrent`.
    """

    def __init__(
        self,
        build: Callable[[int], Dynamics],
        *,
        solver: Solver,
        gradient: GradientStrategy,
        kernel: str = "auto",
        **arguments: Any,
    ) -> None:
        if not isinstance(solver, Solver):
            raise ValueError(f"solver={solver!r}: pass a solver object such as Fused(substeps=6)")
        check_gradient(gradient)
        gradient.check(solver)
        check_setting(kernel)
        super().__init__(lambda size: ODECell(build(size), solver, gradient, kernel), **arguments)

    @property
    def solver(self) -> Solver:
        """How a span of time is crossed."""
        cell = self._cell(0)
        assert isinstance(cell, ODECell)
        return cell.solver

    def dynamics(self, index: int = 0) -> Dynamics:
        """The equation of one layer and direction, counted as in `h_n`."""
        cell = self._cell(index)
        assert isinstance(cell, ODECell)
        return cell.dynamics

    def own_arguments(self) -> list[str]:
        """The solver first."""
        cell = self._cell(0)
        assert isinstance(cell, ODECell)
        return [f"solver={self.solver}", *super().own_arguments(), *kernel_argument(cell.kernel_setting)]


def kernel_argument(setting: str) -> list[str]:
    """What `repr` shows of the kernel that a layer was told."""
    return [] if setting == "auto" else [f"kernel={setting!r}"]


def check_gradient(gradient: object) -> None:
    """Refuse what is no gradient strategy."""
    if not isinstance(gradient, GradientStrategy):
        raise ValueError(f"gradient={gradient!r}: pass a gradient strategy object such as BPTT()")


def network_factory(
    f: Network | None,
    activation: Callable[[Tensor], Tensor],
    hidden_size: int,
    stack: tuple[int, bool],
    bias: bool,
    device: torch.device | str | None,
    dtype: torch.dtype | None,
) -> Callable[[int], nn.Module]:
    """From the user's f, or None, to a maker of one network per cell of a stack of (layers, both directions)."""
    check_sizes(hidden_size=hidden_size, num_layers=stack[0])
    check_flags(bidirectional=stack[1], bias=bias)
    if f is None:
        return lambda size: Perceptron(size, hidden_size, activation, bias, device, dtype)
    if isinstance(f, nn.Module):
        cells = stack[0] * (1 + stack[1])
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
    ends = default if tau is None else tau
    if not (isinstance(ends, tuple | list) and len(ends) == 2 and all(map(is_number, ends)) and 0 < ends[0] <= ends[1]):
        raise ValueError(f"tau={ends!r}: pass (low, high) with 0 < low ≤ high, in units of the time spans")
    low, high = ends
    least, most = 1e-5, 1e30
    if not (least <= low and high <= most):
        raise ValueError(f"tau={ends!r}: pass values between {least:g} and {most:g}, in units of the time spans")
    return torch.empty(size, device=device, dtype=dtype).uniform_(math.log(low), math.log(high)).exp()
