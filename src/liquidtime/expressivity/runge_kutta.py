"""Embedded Runge–Kutta methods over a batch in which every system has its own step size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import torch
from torch import Tensor


@dataclass(frozen=True)
class Tableau:
    """A pair of orders p and p − 1 whose last stage is the first of the next step.

    Args:
        nodes: c_i of the stages, (S,).
        weights: a_ij below the diagonal, the last row of order p.
        error: weights of the difference of the two orders, (S,).
        order: p.
        between: a polynomial in θ for each stage, powers 1 … P in the columns, that gives the solution inside a
            step: y(t + θ h) = y + h Σ_i k_i Σ_p between_ip θ^p. None where only ends of steps are put out.
        refine: output points per accepted step.
    """

    nodes: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]
    error: tuple[float, ...]
    order: int
    between: tuple[tuple[float, ...], ...] | None = None
    refine: int = 1


DORMAND_PRINCE = Tableau(
    nodes=(0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1),
    weights=(
        (),
        (1 / 5,),
        (3 / 40, 9 / 40),
        (44 / 45, -56 / 15, 32 / 9),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
        (35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    ),
    error=(71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40),
    order=5,
    between=(
        (1, -183 / 64, 37 / 12, -145 / 128),
        (0, 0, 0, 0),
        (0, 1500 / 371, -1000 / 159, 1000 / 371),
        (0, -125 / 32, 125 / 12, -375 / 64),
        (0, 9477 / 3392, -729 / 106, 25515 / 6784),
        (0, -11 / 7, 11 / 3, -55 / 28),
        (0, 3 / 2, -4, 5 / 2),
    ),
    refine=4,
)
"""Dormand & Prince 1980, with Shampine's interpolant of order 4 and four output points a step, as MATLAB's ode45."""

BOGACKI_SHAMPINE = Tableau(
    nodes=(0, 1 / 2, 3 / 4, 1),
    weights=((), (1 / 2,), (0, 3 / 4), (2 / 9, 1 / 3, 4 / 9)),
    error=(-5 / 72, 1 / 12, 1 / 9, -1 / 8),
    order=3,
)
"""Bogacki & Shampine 1989, one output point a step, as MATLAB's ode23."""


class System(Protocol):
    """N independent systems of D equations."""

    def __call__(self, t: Tensor, y: Tensor) -> Tensor:
        """dy/dt (N, D) at times t (N,) and states y (N, D)."""

    def subset(self, index: Tensor) -> Self:
        """Some of the systems."""


@dataclass(frozen=True)
class Solution:
    """What came out for each of N systems.

    Args:
        points: output points of each, (N_n, D), the start first; float32 if so asked.
        times: when, (N_n,).
        steps: accepted steps, (N,).
        evaluations: of the right-hand side, (N,), failed steps included.
    """

    points: list[Tensor]
    times: list[Tensor]
    steps: Tensor
    evaluations: Tensor


@torch.inference_mode()
def integrate(
    system: System,
    start: Tensor,
    end: float,
    *,
    method: Tableau = DORMAND_PRINCE,
    rtol: float = 1e-2,
    atol: float = 1e-4,
    max_step: float | None = None,
    keep: torch.dtype = torch.float64,
    on_step: Callable[[float], None] | None = None,
    max_steps: int = 2_000_000,
) -> Solution:
    """Solve N systems from t = 0, all at once, each with its own step-size control.

    The control is that of MATLAB's solvers (Shampine & Reichelt 1997): the largest component's error relative to
    max(|y|, |y⁺|, atol/rtol) is kept below `rtol`; after a step the size grows at most fivefold, after a failed one it
    falls at most tenfold, after a second failure it halves; no step is longer than a tenth of the interval.
    The defaults of the tolerances are those of the published analysis of trajectory lengths.

    Args:
        system: the right-hand sides.
        start: y(0), (N, D), float64.
        end: the time to reach.
        method: which pair.
        rtol: relative tolerance.
        atol: absolute tolerance.
        max_step: the longest step; a tenth of the interval if None.
        keep: type in which output points are kept.
        on_step: is told the time that the slowest system has reached.
        max_steps: rounds before giving up.

    Raises:
        ArithmeticError: a step size vanished, or `max_steps` was exceeded.
    """
    N, _ = start.shape
    power = 1 / method.order
    longest = end / 10 if max_step is None else max_step
    alive = torch.arange(N)
    t, y = torch.zeros(N, dtype=start.dtype), start
    slope = system(t, y)
    floor = atol / rtol
    h = _first_step(y, slope, floor, rtol, power, min(longest, end))
    failed = torch.zeros(N, dtype=torch.bool)
    record = _Record(method, start, keep)
    steps, evaluations = torch.zeros(N, dtype=torch.int64), torch.ones(N, dtype=torch.int64)
    for _ in range(max_steps):
        h = h.clamp(max=longest)
        h = torch.where(1.1 * h >= end - t, end - t, h)
        if bool((h < 16 * torch.finfo(t.dtype).eps * t).any()):
            raise ArithmeticError(f"the step size vanished at t = {float(t.min()):.6g}: the system is singular there")
        stages, after = _stages(system, method, t, y, slope, h)
        scale = torch.maximum(y.abs(), after.abs()).clamp_(min=floor)
        error = h * (_mix(method.error, stages).abs_() / scale).amax(-1)
        error = torch.where(error.isfinite(), error, torch.inf)
        accepted = error <= rtol
        evaluations[alive] += len(stages) - 1
        steps[alive[accepted]] += 1
        record.add(alive, accepted, t, y, h, stages, after)
        # After a failed try the step does not grow.
        grown = torch.where(failed, h, h / (1.25 * (error / rtol) ** power).clamp(min=0.2))
        shrunk = torch.where(failed, 0.5 * h, h * (0.8 * (rtol / error) ** power).clamp(min=0.1))
        t = torch.where(accepted, torch.where(h >= end - t, end, t + h), t)
        y = torch.where(accepted[:, None], after, y)
        slope = torch.where(accepted[:, None], stages[-1], slope)
        h = torch.where(accepted, grown, shrunk)
        failed = ~accepted
        running = t < end
        if not bool(running.all()):
            index = running.nonzero().flatten()
            alive, t, y, slope, h, failed = (part[index] for part in (alive, t, y, slope, h, failed))
            if len(alive) == 0:
                return record.solution(steps, evaluations)
            system = system.subset(index)
        if on_step is not None:
            on_step(float(t.min()))
    raise ArithmeticError(f"{max_steps} steps were not enough: the slowest system reached t = {float(t.min()):.6g}")


def _first_step(y: Tensor, slope: Tensor, floor: float, rtol: float, power: float, longest: float) -> Tensor:
    rate = (slope / y.abs().clamp(min=floor)).abs().amax(-1) / (0.8 * rtol**power)
    return torch.where(longest * rate > 1, 1 / rate, longest)


def _stages(system: System, method: Tableau, t: Tensor, y: Tensor, slope: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    """The slopes of all stages (S, N, D), and the state of the last one, which is the step's end."""
    stages = y.new_empty(len(method.nodes), *y.shape)
    stages[0], at = slope, y
    for n in range(1, len(method.nodes)):
        at = torch.addcmul(y, h[:, None], _mix(method.weights[n], stages[:n]))
        stages[n] = system(t + method.nodes[n] * h, at)
    return stages, at


def _mix(weights: Sequence[float], stages: Tensor) -> Tensor:
    """Σ_i w_i k_i."""
    flat = torch.tensor(weights, dtype=stages.dtype) @ stages.view(len(stages), -1)
    return flat.view(stages.shape[1:])


class _Record:
    """Output points of all systems, in the order in which they came."""

    def __init__(self, method: Tableau, start: Tensor, keep: torch.dtype) -> None:
        self._count, self._keep = len(start), keep
        self._thetas = [n / method.refine for n in range(1, method.refine)]
        between = method.between or ()
        self._shares = [[sum(c * at**p for p, c in enumerate(row, 1)) for row in between] for at in self._thetas]
        self._owners = [torch.arange(len(start))]
        self._points, self._times = [start.to(keep)], [torch.zeros(len(start), dtype=start.dtype)]

    def add(
        self, alive: Tensor, accepted: Tensor, t: Tensor, y: Tensor, h: Tensor, stages: Tensor, after: Tensor
    ) -> None:
        """The points of the steps that were accepted."""
        index = accepted.nonzero().flatten()
        everything = len(index) == len(alive)
        for theta, share in zip(self._thetas, self._shares, strict=True):
            self._put(alive, index, everything, torch.addcmul(y, h[:, None], _mix(share, stages)), t + theta * h)
        self._put(alive, index, everything, after, t + h)

    def _put(self, alive: Tensor, index: Tensor, everything: bool, points: Tensor, times: Tensor) -> None:
        self._owners.append(alive if everything else alive[index])
        self._points.append((points if everything else points[index]).to(self._keep))
        self._times.append(times if everything else times[index])

    def solution(self, steps: Tensor, evaluations: Tensor) -> Solution:
        """Sorted by system."""
        order = torch.cat(self._owners)
        counts = torch.bincount(order, minlength=self._count).tolist()
        order = order.argsort(stable=True)
        points, self._points = torch.cat(self._points), []
        times = torch.cat(self._times)[order].split(counts)
        each = [points[rows] for rows in order.split(counts)]
        return Solution(each, list(times), steps, evaluations)
