"""Small computations behind the table of claims."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from liquidtime import (
    CTRNN,
    LTC,
    RK4,
    ConductanceLTC,
    ConvergenceError,
    ExplicitEuler,
    ExponentialMidpoint,
    Fused,
    ImplicitEuler,
    NeuralODE,
    Truncated,
)
from liquidtime.dynamics import Perceptron
from liquidtime.paper.engine import Case, Value
from liquidtime.theory import state_bounds

LARGE = 1e30
"""Stands for all that is larger, and for what is no number any more."""


def _largest(x: Tensor) -> float:
    return float(x.abs().nan_to_num(nan=LARGE, posinf=LARGE).max().clamp(max=LARGE))


@dataclass(frozen=True)
class SynapseForm(Case):
    """dx/dt = −x/τ + S with S = f (A − x), beside drive and decay of the layer."""

    trials: int

    def run(self) -> Value:
        """`difference`, the largest, relative to the largest derivative."""
        torch.manual_seed(0)
        rnn = LTC(4, 16, dtype=torch.float64)
        dynamics: Any = rnn.dynamics()
        x, u = (torch.randn(self.trials, size, dtype=torch.float64) for size in (16, 4))
        with torch.no_grad():
            coefficients = dynamics.read_coefficients()
            drive, decay = dynamics.drive_decay(x, dynamics.prepare(u, coefficients), coefficients)
            synapse = dynamics.f(x, u) * (dynamics.A - x)
            direct = -x / dynamics.tau + synapse
            return {"difference": float(((drive - decay * x) - direct).abs().max() / direct.abs().max())}


@dataclass(frozen=True)
class ImplicitStep(Case):
    """One step of implicit Euler from the far corner of the box, over a span."""

    span: float
    networks: int

    def run(self) -> Value:
        """`residual`, |dx/dt| behind the step over |dx/dt| before it (median); `converged`, share; `explicit` likewise.

        `overshoot`: explicit Euler's |x| behind the step, over the largest potential (median).
        """
        residuals, overshoots, converged = [], [], 0
        for seed in range(self.networks):
            torch.manual_seed(seed)
            rnn = ConductanceLTC(3, 8, solver=ImplicitEuler(1), dtype=torch.float64)
            u = torch.rand(1, 1, 3, dtype=torch.float64)
            box = state_bounds(rnn)
            start = box.upper[:, None]
            with torch.no_grad():
                explicit = ConductanceLTC(3, 8, solver=ExplicitEuler(1), dtype=torch.float64)
                explicit.load_state_dict(rnn.state_dict())
                over = explicit(u, start, timespans=self.span)[0]
                overshoots.append(_largest(over) / float(box.upper.abs().max()))
                try:
                    after = rnn(u, start, timespans=self.span)[0][0]
                except ConvergenceError:
                    continue
                converged += 1
                residuals.append(_speed(rnn, after, u[0]) / _speed(rnn, start[0], u[0]))
        return {
            "residual": float(torch.tensor(residuals).median()) if residuals else None,
            "converged": converged / self.networks,
            "overshoot": float(torch.tensor(overshoots).median()),
        }


def _speed(rnn: Any, x: Tensor, u: Tensor) -> float:
    dynamics = rnn.dynamics()
    coefficients = dynamics.read_coefficients()
    drive, decay = dynamics.drive_decay(x, dynamics.prepare(u, coefficients), coefficients)
    return float((drive - decay * x).abs().max())


LAYERS: dict[str, Any] = {"LTC": LTC, "conductance LTC": ConductanceLTC, "CT-RNN": CTRNN, "N-ODE": NeuralODE}
ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "ReLU": torch.relu}


def _layer(kind: str, activation: str, size: int, solver: Any, spread: float) -> Any:
    if kind == "conductance LTC":
        return ConductanceLTC(3, size, solver=solver, dtype=torch.float64)

    def make_f(inputs: int, neurons: int) -> Perceptron:
        return Perceptron(inputs, neurons, ACTIVATIONS[activation], dtype=torch.float64)

    rnn = LAYERS[kind](3, size, f=make_f, solver=solver, dtype=torch.float64)
    with torch.no_grad():
        rnn.dynamics().f.weight_recurrent.normal_(0, spread / size**0.5)
    return rnn


@dataclass(frozen=True)
class Drift(Case):
    """The largest state of random networks under an input that stays; recurrent weights of spread 3."""

    kind: str
    activation: str
    times: tuple[float, ...]
    networks: int

    def run(self) -> Value:
        """`largest` |x| at each time, median over networks."""
        found = []
        for seed in range(self.networks):
            torch.manual_seed(seed)
            rnn = _layer(self.kind, self.activation, 16, ExponentialMidpoint(1), spread=3.0)
            u, state, reached, row = torch.randn(1, 1, 3, dtype=torch.float64), None, 0.0, []
            with torch.no_grad():
                for until in self.times:
                    steps = max(1, round((until - reached) / 0.05))
                    spans = torch.full((steps, 1), (until - reached) / steps, dtype=torch.float64)
                    _, state = rnn(u.expand(steps, 1, 3), state, timespans=spans)
                    row.append(_largest(state))
                    reached = until
            found.append(row)
        return {"largest": torch.tensor(found, dtype=torch.float64).median(0).values.tolist()}


@dataclass(frozen=True)
class InputGrowth(Case):
    """States and time constants of random layers as their inputs grow."""

    kind: str
    activation: str
    scales: tuple[float, ...]
    networks: int

    def run(self) -> Value:
        """`excess` outside the box of Theorem 2, `largest` |x|, per scale; `liquid`, how far τ_sys moves (median)."""
        excess, largest, factors = [], [], []
        for scale in self.scales:
            worst, most = 0.0, 0.0
            for seed in range(self.networks):
                torch.manual_seed(seed)
                rnn = _layer(self.kind, self.activation, 16, Fused(6), spread=1.0)
                u = scale * torch.randn(20, 4, 3, dtype=torch.float64)
                with torch.no_grad():
                    x = rnn(u)[0]
                    tau = rnn.time_constants(u)
                box = state_bounds(rnn)
                outside = torch.maximum(x - box.upper.clamp(min=0), box.lower.clamp(max=0) - x).clamp(min=0)
                worst, most = max(worst, _largest(outside)), max(most, _largest(x))
                if scale == self.scales[0] and bool(tau.isfinite().all()):
                    factors.append(float((tau.amax((0, 1, 2)) / tau.amin((0, 1, 2))).median()))
            excess.append(worst)
            largest.append(most)
        liquid = float(torch.tensor(factors).median()) if factors else None
        return {"excess": excess, "largest": largest, "liquid": liquid}


@dataclass(frozen=True)
class StepStability(Case):
    """Random conductance LTCs of 32 neurons over 50 samples: does a solver keep the box?"""

    solver: str
    span: float
    networks: int

    def run(self) -> Value:
        """`inside`, the share of networks that keep the box of Theorem 2."""
        solvers: dict[str, Any] = {
            "explicit Euler, 6 steps": ExplicitEuler(6),
            "RK4, 6 steps": RK4(6),
            "fused, 6 steps": Fused(6),
            "exponential midpoint, 3 steps": ExponentialMidpoint(3),
        }
        inside = 0
        for seed in range(self.networks):
            torch.manual_seed(seed)
            rnn = ConductanceLTC(4, 32, solver=solvers[self.solver], dtype=torch.float64)
            box = state_bounds(rnn)
            with torch.no_grad():
                x = rnn(torch.rand(50, 1, 4, dtype=torch.float64), timespans=self.span)[0]
            held = (x <= box.upper.clamp(min=0) + 1e-9) & (x >= box.lower.clamp(max=0) - 1e-9)
            inside += int(bool(held.all()))
        return {"inside": inside / self.networks}


@dataclass(frozen=True)
class DelayedRecall(Case):
    """Learning to say at the last of T samples what sign the first one had, by BPTT truncated every k samples."""

    every: int
    T: int
    seed: int
    steps: int = 500

    def run(self) -> Value:
        """`accuracy` on new series."""
        torch.manual_seed(self.seed)
        rnn = LTC(1, 16, tau=(10.0, 100.0), gradient=Truncated(self.every))
        head = nn.Linear(16, 1)
        optimizer = torch.optim.Adam([*rnn.parameters(), *head.parameters()], 0.02)
        for _ in range(self.steps):
            x, y = self._series(64)
            optimizer.zero_grad()
            binary_cross_entropy_with_logits(head(rnn(x)[0][-1])[:, 0], y).backward()
            optimizer.step()
        x, y = self._series(1000)
        with torch.no_grad():
            said = head(rnn(x)[0][-1])[:, 0] > 0
        return {"accuracy": float((said == (y > 0.5)).float().mean())}

    def _series(self, count: int) -> tuple[Tensor, Tensor]:
        y = torch.randint(0, 2, (count,)).float()
        x = 0.1 * torch.randn(self.T, count, 1)
        x[0, :, 0] += 2 * (2 * y - 1)
        return x, y
