"""The longest step at which each solver stays bounded, as networks grow stiffer."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from liquidtime.paper.engine import Axis, Case, Finding, Lines, Results, Series, Table, Value, either, holds_if
from liquidtime.paper.engine.parts import Part, given
from liquidtime.paper.parts.stability_update import FIXED, SLOW, Update
from liquidtime.solvers import ExponentialMidpoint, FixedStepSolver, ImplicitEuler

LIMITS = {"explicit Euler": 2.0, "RK4": 2.785}
"""h · decay beyond which the step diverges on dx/dt = −decay · x."""
FAR = 10.0
"""Widths of its box beyond which a state counts as gone."""


@dataclass(frozen=True)
class Region(Case):
    """Walks of many steps h with the input held, for h · decay from 0.2 to 200; `decay` of the fastest neuron at rest.

    Networks grow stiffer with their size, because every neuron gets more synapses. Larger conductances alone would
    change the unit of time and nothing else.

    Args:
        hidden: H.
        networks: how many, with C = 0.5.
        per_decade: values of h · decay per decade.
        steps: of each walk.
        newton: how many of the networks implicit Euler walks, for ten steps each.
    """

    hidden: int
    networks: int
    per_decade: int = 16
    steps: int = 100
    newton: int = 6

    def run(self) -> Value:
        """Per solver the largest h · decay up to which each network stays in its box, and up to which it stays near.

        None where that is the largest h tried. Per network `decay`, and `largest_decay`, which no neuron can exceed.
        """
        update = Update.draw(self.networks, SLOW, hidden=self.hidden)
        decay = at_rest(update)
        grid = 0.2 * 10 ** (torch.arange(3 * self.per_decade + 1, dtype=torch.float64) / self.per_decade)
        inside, near = {}, {}
        with torch.no_grad():
            for name, (solver, _) in FIXED.items():
                kept = _walk(solver(1), update, grid, decay, self.steps)
                inside[name], near[name] = ([_up_to(grid, row) for row in part] for part in kept)
            few = [_newton(update.one(n), grid[:: self.per_decade // 4], decay[n]) for n in range(self.newton)]
        inside["implicit Euler"] = near["implicit Euler"] = few
        largest = update.networks.fastest.amax(-1).tolist()
        return {
            "decay": decay.tolist(),
            "largest_decay": largest,
            "inside": inside,
            "near": near,
            "end": float(grid[-1]),
        }


def at_rest(update: Update) -> Tensor:
    """The decay of each network's fastest neuron where its state ends, (N,)."""
    slowest = float(update.networks.slowest.min())
    with torch.no_grad():
        end = ExponentialMidpoint(400).integrate(
            update.networks.field(update.u), update.x, torch.full((1, 1), 20 / slowest, dtype=torch.float64)
        )
        return update.networks.field(update.u)(end)[1].amax(-1)


def _walk(solver: FixedStepSolver, update: Update, grid: Tensor, decay: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """Whether each network at each h stays in its box, and whether it stays near, (N, grid) each."""
    N, G = len(decay), len(grid)
    rows = torch.arange(N).repeat_interleave(G)
    h = (grid / decay.unsqueeze(-1)).view(-1, 1)
    x, inside, near = update.x[rows], torch.ones(N * G, dtype=torch.bool), torch.ones(N * G, dtype=torch.bool)
    start = update.networks.excess(update.x)[rows]
    networks, u, left = update.networks.subset(rows), update.u[rows], torch.arange(N * G)
    field = networks.field(u)
    for _ in range(steps):
        x = solver.step(field, x, h)
        excess = networks.excess(x)
        # A start outside the box may only come nearer.
        inside[left] &= excess <= start[left] + 1e-9
        near[left] &= excess <= FAR
        going = near[left]
        if not bool(going.all()):
            index = going.nonzero().flatten()
            left, x, h, networks, u = left[index], x[index], h[index], networks.subset(index), u[index]
            field = networks.field(u)
    return (inside & near).view(N, G), near.view(N, G)


def _up_to(grid: Tensor, kept: Tensor) -> float | None:
    """The largest value up to which all were kept; None where that is the last, 0 where it is none."""
    lost = (~kept).nonzero().flatten()
    if len(lost) == 0:
        return None
    first = int(lost[0])
    return float(grid[first - 1]) if first else 0.0


def _newton(update: Update, grid: Tensor, decay: Tensor) -> float | None:
    kept = []
    for value in grid:
        try:
            states = ImplicitEuler(10).integrate(
                update.networks.field(update.u), update.x, (10 * value / decay).view(1, 1)
            )
        except ArithmeticError:
            kept.append(False)
            break
        kept.append(bool(update.networks.excess(states)[0] <= update.networks.excess(update.x)[0] + 1e-9))
    return _up_to(grid, torch.tensor([*kept, *[False] * (len(grid) - len(kept))]))


def cases(quick: bool) -> list[Region]:
    """Larger and larger."""
    if quick:
        return [Region(hidden, 6, 8, 60, newton=1) for hidden in (4, 16)]
    return [Region(hidden, 20) for hidden in (4, 8, 16, 32, 64)]


def tell(quick: bool, results: Results) -> Part:
    """How long a step may be."""
    region = [(case, results[case]) for case in cases(quick) if given([case], results)]
    if not region:
        return Part("")
    return Part(
        "Larger networks are stiffer, and show where explicit steps end.",
        _findings([value for _, value in region]),
        [_table(region)],
        [_picture(region)],
    )


def _limit(values: list[Value], solver: str, what: str) -> list[float]:
    """Limits of h · decay over all networks and stiffnesses, the largest h tried where there was none."""
    return [value["end"] if x is None else x for value in values for x in value[what][solver]]


def _unlimited(values: list[Value], solver: str) -> bool:
    return all(x is None for value in values for what in ("inside", "near") for x in value[what][solver])


def _findings(values: list[Value]) -> list[Finding]:
    findings = []
    for solver, limit in LIMITS.items():
        near, inside = _limit(values, solver, "near"), _limit(values, solver, "inside")
        bound = [
            (value["end"] if x is None else x) * largest / decay
            for value in values
            for x, largest, decay in zip(value["near"][solver], value["largest_decay"], value["decay"], strict=True)
        ]
        findings.append(
            Finding(
                f"{solver[0].upper()}{solver[1:]} is stable only for small steps",
                "needs extremely small steps",
                f"stays near its box up to h · decay = {np.median(near):.2g} (median; {min(near):.2g} to "
                f"{max(near):.2g}), inside it up to {np.median(inside):.2g}",
                either(max(near) < values[0]["end"]),
                "With the decay of the fastest neuron at rest. On dx/dt = −decay · x the limit is "
                f"{limit:.3g}; here a step that overshoots opens more synapses, which raises the decay. With the "
                f"largest decay that Theorem 1 allows in its place the limit is {np.median(bound):.2g}.",
            )
        )
    for solver, published in (
        ("fused", "stable like an implicit step"),
        ("exponential Euler", "—"),
        ("exponential midpoint", "—"),
    ):
        findings.append(
            Finding(
                f"The {solver} step is stable at every step size",
                published,
                f"no limit up to h · decay = {values[0]['end']:,.0f}"
                if _unlimited(values, solver)
                else f"left the box at h · decay = {min(_limit(values, solver, 'inside')):.2g}",
                either(_unlimited(values, solver)),
                "It is a convex combination of the state and the potentials.",
            )
        )
    newton = _limit(values, "implicit Euler", "near")
    lost = sum(x is not None for value in values for x in value["near"]["implicit Euler"])
    findings.append(
        Finding(
            "Implicit Euler is stable at every step size",
            "extremely stable, pulled to the equilibrium",
            f"on {len(newton) - lost} of {len(newton)} walks no limit up to h · decay = {values[0]['end']:,.0f}; on "
            f"{lost} Newton's iteration failed" + (f", first at {min(newton):.2g}" if lost else ""),
            either(True)
            if lost == 0
            else holds_if("its equation is solved, which Newton's iteration does not always do"),
            "Each step costs several evaluations and H × H solves.",
        )
    )
    return findings


def _table(region: list[tuple[Region, Value]]) -> Table:
    solvers = [*FIXED, "implicit Euler"]
    rows = []
    for case, value in region:
        for what, name in (("near", "stays near"), ("inside", "stays inside")):
            medians = [np.median(_limit([value], solver, what)) for solver in solvers]
            cells = [f"{m:.2g}" if m < value["end"] else f"> {m:,.0f}" for m in medians]
            decays = [f"{np.median(value[which]):.0f}" for which in ("decay", "largest_decay")]
            rows.append((f"{case.hidden}", *decays, name, *cells))
    return Table(
        "Largest h · decay of each solver",
        ("H", "decay at rest", "largest decay (Theorem 1)", "the state", *solvers),
        rows,
        f"Median over networks. Near: within {FAR:g} widths of the box for a whole walk; inside: in the box itself.",
    )


def _picture(region: list[tuple[Region, Value]]) -> Lines:
    decays = [float(np.median(value["decay"])) for _, value in region]
    series, free = [], []
    for solver in (*FIXED, "implicit Euler"):
        if all(x is None for _, value in region for x in value["near"][solver]):
            free.append(solver)
            continue
        steps = [float(np.median(_limit([v], solver, "near"))) / d for (_, v), d in zip(region, decays, strict=True)]
        series.append(Series(solver, decays, [step if step > 0 else None for step in steps]))
    series += [
        Series(f"{limit:.3g} / decay", decays, [limit / d for d in decays], dashed=True, markers=False)
        for limit in LIMITS.values()
    ]
    sizes = ", ".join(f"{case.hidden}" for case, _ in region)
    return Lines(
        "The longest step at which each solver stays bounded",
        f"Median over networks of {sizes} neurons, from left to right."
        + (f" Without a limit, up to h · decay = {region[0][1]['end']:,.0f}: {', '.join(free)}." if free else ""),
        Axis("stiffness: decay of the fastest neuron at rest, per unit of time", log=True),
        Axis("longest stable step h, units of time", log=True),
        series,
        {},
    )
