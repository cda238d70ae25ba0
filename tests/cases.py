"""What the conformance suite runs over: a new layer or solver joins by one line."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from liquidtime import (
    CTGRU,
    CTRNN,
    LTC,
    RK4,
    Adaptive,
    ConductanceLTC,
    ExplicitEuler,
    ExponentialEuler,
    ExponentialMidpoint,
    Fused,
    ImplicitEuler,
    NeuralODE,
)
from liquidtime.layers import Recurrent
from liquidtime.solvers import Solver

SOLVERS: list[Solver] = [
    ExplicitEuler(2),
    Fused(2),
    ExponentialEuler(2),
    ExponentialMidpoint(2),
    ImplicitEuler(2),
    RK4(2),
    Adaptive(rtol=1e-9, atol=1e-9),
]
LAYERS: dict[str, Callable[..., Recurrent]] = {
    "LTC": LTC,
    "signed-LTC": lambda *a, **k: LTC(*a, f=lambda i, h: SignedNetwork(i, h, k.get("dtype")), **k),
    "ConductanceLTC": lambda *a, **k: ConductanceLTC(*a, init="ncps", **k),
    "masked-ConductanceLTC": lambda I, H, *a, **k: ConductanceLTC(
        I, H, *a, init="fan_in", recurrent_mask=torch.eye(H).roll(1, 0) > 0, input_mask=checkered(I, H), **k
    ),
    "CTRNN": CTRNN,
    "NeuralODE": NeuralODE,
}
CLOSED_FORM: dict[str, Callable[..., Recurrent]] = {"CTGRU": CTGRU}


def checkered(rows: int, columns: int) -> Tensor:
    """A mask that leaves every second synapse out."""
    return (torch.arange(rows).unsqueeze(1) + torch.arange(columns)) % 2 == 0


class SignedNetwork(torch.nn.Module):
    """A user's own f with both signs."""

    def __init__(self, input_size: int, hidden_size: int, dtype: torch.dtype | None) -> None:
        super().__init__()
        self.state = torch.nn.Linear(hidden_size, hidden_size, dtype=dtype)
        self.input = torch.nn.Linear(input_size, hidden_size, dtype=dtype)

    def forward(self, x: Tensor, u: Tensor) -> Tensor:
        return torch.tanh(2 * self.state(x) + torch.sin(3 * self.input(u)))


@dataclass(frozen=True)
class Case:
    """One layer with one solver, or a layer with a closed-form update."""

    name: str
    solver: Solver | None

    def build(self, *args: object, **kwargs: object) -> Recurrent:
        torch.manual_seed(0)
        if self.solver is None:
            return CLOSED_FORM[self.name](*args, **kwargs)
        return LAYERS[self.name](*args, solver=self.solver, **kwargs)

    @property
    def iterates(self) -> bool:
        """Whether values decide the control flow, so that no transform of torch can trace it."""
        return self.solver is not None and self.solver.full_precision

    def __str__(self) -> str:
        return self.name if self.solver is None else f"{self.name}-{type(self.solver).__name__}"


CASES = [Case(name, solver) for name in LAYERS for solver in SOLVERS] + [Case(name, None) for name in CLOSED_FORM]
ODE_CASES = [case for case in CASES if case.solver is not None]
TRACEABLE = [case for case in CASES if not case.iterates]
COVERING = [case for case in CASES if case.name == "LTC" or case.solver in (None, SOLVERS[1])]
