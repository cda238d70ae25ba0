"""The longest step at which each solver stays bounded, and what RK45 pays, as networks grow stiffer."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from liquidtime.paper.engine import Axis, Case, Finding, Lines, Results, Series, Table, Value, either, holds_if
from liquidtime.paper.parts import Part, given
from liquidtime.paper.stability_accuracy import FIXED, SLOW, Update, errors
from liquidtime.solvers import RK4, Adaptive, ExponentialMidpoint, FixedStepSolver, Fused, ImplicitEuler

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


@dataclass(frozen=True)
class Effort(Case):
    """What RK45 pays for one update of Δt = 1 at MATLAB's default tolerances, rtol 1e-3 and atol 1e-6.

    Args:
        stiffness: factor on all conductances of networks with C = 0.5.
        networks: how many.
    """

    stiffness: float
    networks: int

    def run(self) -> Value:
        """`evaluations` and `decay` per network; `errors` of RK45, of six fused steps and of three midpoint steps."""
        update = Update.draw(self.networks, SLOW / self.stiffness)
        decay = at_rest(update)
        exact, _ = update.after(RK4(max(200, int(10 * decay.max()))))
        counts, found = [], []
        for n in range(self.networks):
            states, calls = update.one(n).after(Adaptive(rtol=1e-3, atol=1e-6))
            counts.append(calls)
            found += errors(states, exact[n : n + 1])
        return {
            "evaluations": counts,
            "decay": decay.tolist(),
            "errors": {
                "RK45": found,
                "fused, six steps": errors(update.after(Fused(6))[0], exact),
                "exponential midpoint, three steps": errors(update.after(ExponentialMidpoint(3))[0], exact),
            },
        }


def regions(quick: bool) -> list[Region]:
    """Larger and larger."""
    if quick:
        return [Region(hidden, 6, 8, 60, newton=1) for hidden in (4, 16)]
    return [Region(hidden, 20) for hidden in (4, 8, 16, 32, 64)]


def efforts(quick: bool) -> list[Effort]:
    """Stiffer and stiffer."""
    if quick:
        return [Effort(stiffness, 3) for stiffness in (1.0, 8.0, 64.0)]
    return [Effort(stiffness, 10) for stiffness in (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)]


def cases(quick: bool) -> list[Case]:
    """Both."""
    return [*regions(quick), *efforts(quick)]


def tell(quick: bool, results: Results) -> Part:
    """Regions of stability, and evaluations against stiffness."""
    region = [(case, results[case]) for case in regions(quick) if given([case], results)]
    effort = [(case, results[case]) for case in efforts(quick) if given([case], results)]
    return Part(
        "Larger networks and larger conductances are stiffer: they show where explicit steps end and what RK45 pays."
        if region or effort
        else "",
        [*(_region_findings([value for _, value in region]) if region else []), *_effort_findings(effort)],
        [*([_region_table(region)] if region else []), *([_effort_table(effort)] if effort else [])],
        [*([_region_picture(region)] if region else []), *([_effort_picture(effort)] if effort else [])],
    )


def _limit(values: list[Value], solver: str, what: str) -> list[float]:
    """Limits of h · decay over all networks and stiffnesses, the largest h tried where there was none."""
    return [value["end"] if x is None else x for value in values for x in value[what][solver]]


def _unlimited(values: list[Value], solver: str) -> bool:
    return all(x is None for value in values for what in ("inside", "near") for x in value[what][solver])


def _region_findings(values: list[Value]) -> list[Finding]:
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


def _region_table(region: list[tuple[Region, Value]]) -> Table:
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


def _region_picture(region: list[tuple[Region, Value]]) -> Lines:
    decays = [float(np.median(value["decay"])) for _, value in region]
    series = []
    for solver in (*FIXED, "implicit Euler"):
        steps = [float(np.median(_limit([v], solver, "near"))) / d for (_, v), d in zip(region, decays, strict=True)]
        series.append(Series(solver, decays, [step if step > 0 else None for step in steps]))
    series += [
        Series(f"{limit:.3g} / decay", decays, [limit / d for d in decays], dashed=True, markers=False)
        for limit in LIMITS.values()
    ]
    return Lines(
        "The longest step at which each solver stays bounded",
        "Median over networks. The bounded steps lie on one line, the longest step tried: they have no limit.",
        Axis("stiffness: decay of the fastest neuron at rest, per unit of time", log=True),
        Axis("longest stable step h, units of time", log=True),
        series,
        {},
    )


def _effort_findings(effort: list[tuple[Effort, Value]]) -> list[Finding]:
    if len(effort) < 2:
        return []
    first, last = effort[0][1], effort[-1][1]
    (few, many), (low, high) = ([float(np.median(v[name])) for v in (first, last)] for name in ("evaluations", "decay"))
    worst = max(float(np.median([e or 0.0 for e in v["errors"]["fused, six steps"]])) for _, v in effort)
    end = float(np.median([e or 0.0 for e in last["errors"]["fused, six steps"]]))
    return [
        Finding(
            "RK45 takes the more evaluations the stiffer the network",
            "explicit methods such as RK45 need extremely small steps",
            f"{few:,.0f} evaluations per update at a decay of {low:.0f}, {many:,.0f} at {high:,.0f}; fused takes 6",
            either(many > 3 * few),
            f"About {many / high:.1f} evaluations per decay and unit of time: its step is held at the limit of "
            f"stability. The fused step's error meanwhile falls, from {worst:.2g} to {end:.1g}, because the state "
            "settles.",
        )
    ]


def _effort_table(effort: list[tuple[Effort, Value]]) -> Table:
    rows = []
    for case, value in effort:
        medians = [np.median([e if e is not None else np.inf for e in found]) for found in value["errors"].values()]
        rows.append(
            (
                f"{case.stiffness:g}",
                f"{np.median(value['decay']):,.0f}",
                f"{np.median(value['evaluations']):,.0f}",
                *(f"{median:.1g}" for median in medians),
            )
        )
    names = effort[0][1]["errors"]
    return Table(
        "One update of Δt = 1 as networks grow stiffer",
        ("conductances ×", "decay", "evaluations of RK45", *(f"error of {name}" for name in names)),
        rows,
        "Medians over networks; RK45 with rtol 1e-3 and atol 1e-6. Six fused steps and three midpoint steps take 6.",
    )


def _effort_picture(effort: list[tuple[Effort, Value]]) -> Lines:
    decays = [float(np.median(value["decay"])) for _, value in effort]
    counts = np.array([np.quantile(value["evaluations"], [0.5, 0, 1]) for _, value in effort]).T.tolist()
    return Lines(
        "Evaluations that RK45 needs for one update",
        "Median over networks, from least to most. Six fused or three midpoint steps take six at any stiffness.",
        Axis("stiffness: decay of the fastest neuron at rest, per unit of time", log=True),
        Axis("evaluations of the right-hand side", log=True),
        [Series("RK45", decays, counts[0], counts[1], counts[2])],
        {"fused, six steps": 6.0},
    )
