"""Which solver keeps the box of Theorem 2 at which Δt, over random networks far from how networks start."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from liquidtime.paper.engine import Axis, Case, Finding, Lines, Results, Series, Table, Value, either, holds_if
from liquidtime.paper.engine.parts import Part, given, written
from liquidtime.paper.parts.populations import Population, conductance_networks, ltc_networks
from liquidtime.solvers import (
    RK4,
    Adaptive,
    ExplicitEuler,
    ExponentialEuler,
    ExponentialMidpoint,
    Fused,
    ImplicitEuler,
    Solver,
)

HIDDEN, INPUTS = 8, 3
FORMS: dict[str, Callable[..., Population]] = {
    "LTC, f ≥ 0": ltc_networks,
    "LTC, signed f": partial(ltc_networks, signed=True),
    "conductance LTC": partial(conductance_networks, wild=True),
}
SOLVERS: dict[str, Solver] = {
    "explicit Euler": ExplicitEuler(1),
    "RK4": RK4(1),
    "RK45": Adaptive(rtol=1e-3, atol=1e-6, max_steps=200),
    "implicit Euler": ImplicitEuler(1),
    "fused": Fused(1),
    "exponential Euler": ExponentialEuler(1),
    "exponential midpoint": ExponentialMidpoint(1),
}
CONVEX = ("fused", "exponential Euler", "exponential midpoint")
TRIALS, QUICK = {"implicit Euler": 680, "RK45": 340}, {"implicit Euler": 17, "RK45": 17}
"""Networks of the solvers that can give up and take a thousand times longer; the others have 20,000, quick 2,000."""
TOLERANCE = 1e-9
"""An excess up to this share of the box's width counts as rounding."""
STEPS = tuple(10 ** (exponent / 2) for exponent in range(-8, 9))
"""Δt from 1e-4 to 1e4 in half decades."""


@dataclass(frozen=True)
class BoxTrials(Case):
    """Networks that walk samples of one step each, every sample with a new input of size 10^U(−3, 6).

    Each network has its own parameters, and one of 17 Δt from 1e-4 to 1e4; it starts inside its box, half of its
    neurons on a face.
    """

    form: str
    solver: str
    trials: int
    samples: int = 10
    seed: int = 0

    def run(self) -> Value:
        """Per Δt `trials`, `inside` and `gave_up`, and the largest `excess` in widths of a box, at most 1e300."""
        rng = torch.Generator().manual_seed(self.seed)
        networks = FORMS[self.form](self.trials, HIDDEN, INPUTS, rng)
        which = torch.arange(self.trials) % len(STEPS)
        x, excess = networks.states(rng), torch.zeros(self.trials, dtype=torch.float64)
        size = 10 ** (9 * torch.rand(self.samples, self.trials, 1, dtype=torch.float64, generator=rng) - 3)
        u = size * torch.randn(self.samples, self.trials, INPUTS, dtype=torch.float64, generator=rng)
        gave_up = torch.zeros(self.trials, dtype=torch.bool)
        with torch.no_grad():
            for k, step in enumerate(STEPS):
                rows = (which == k).nonzero().flatten()
                solver, chunk = SOLVERS[self.solver], _CHUNK.get(self.solver, len(rows))
                for part in rows.split(max(chunk, 1)):
                    excess[part], gave_up[part] = walk(solver, networks.subset(part), x[part], u[:, part], step)
        inside = ~gave_up & (excess <= TOLERANCE)
        finite = excess[excess.isfinite()]
        return {
            "trials": torch.bincount(which, minlength=len(STEPS)).tolist(),
            "inside": torch.bincount(which[inside], minlength=len(STEPS)).tolist(),
            "gave_up": torch.bincount(which[gave_up], minlength=len(STEPS)).tolist(),
            "excess": min(float(finite.max()) if bool(excess.isfinite().all()) else 1e300, 1e300),
        }


_CHUNK = {"RK45": 10, "implicit Euler": 32}
"""Networks that share a call. Those that share RK45's steps also share its giving up."""


def walk(solver: Solver, networks: Population, x: Tensor, u: Tensor, step: float) -> tuple[Tensor, Tensor]:
    """The largest excess of each network over its walk, in widths of its box, and whether its solver gave up.

    Args:
        solver: what crosses a sample.
        networks: N of them.
        x: states at the start (N, H).
        u: inputs (samples, N, I).
        step: Δt of every sample.
    """
    N = len(networks)
    excess, gave_up = torch.zeros(N, dtype=torch.float64), torch.zeros(N, dtype=torch.bool)
    for held in u:
        left = (~gave_up).nonzero().flatten()
        if len(left) == 0:
            break
        after, failed = _advance(solver, networks, x, held, step, left)
        x = x.index_copy(0, left, after)
        gave_up[left] = failed
        excess = torch.where(gave_up, excess, torch.maximum(excess, networks.excess(x)))
    return excess, gave_up


def _advance(
    solver: Solver, networks: Population, x: Tensor, u: Tensor, step: float, rows: Tensor
) -> tuple[Tensor, Tensor]:
    """The next states of some networks, and which of them the solver gave up on; those keep their state."""
    span = torch.full((len(rows), 1), step, dtype=torch.float64)
    field = (networks if len(rows) == len(networks) else networks.subset(rows)).field(u[rows])
    try:
        return solver.integrate(field, x[rows], span), torch.zeros(len(rows), dtype=torch.bool)
    except ArithmeticError:
        if len(rows) == 1 or not isinstance(solver, ImplicitEuler):
            return x[rows], torch.ones(len(rows), dtype=torch.bool)
    one_by_one = [_advance(solver, networks, x, u, step, row) for row in rows.split(1)]
    return torch.cat([after for after, _ in one_by_one]), torch.cat([failed for _, failed in one_by_one])


def cases(quick: bool) -> list[BoxTrials]:
    """Every form with every solver."""
    few, trials = (QUICK, 2_000) if quick else (TRIALS, 20_000)
    return [
        BoxTrials(form, solver, few.get(solver, trials), samples=3 if solver == "RK45" else 10)
        for form in FORMS
        for solver in SOLVERS
    ]


def tell(quick: bool, results: Results) -> Part:
    """Shares inside the box against Δt."""
    told = [case for case in cases(quick) if given([case], results)]
    if not told:
        return Part("")
    values = {(case.form, case.solver): results[case] for case in told}
    trials = sum(sum(value["trials"]) for value in values.values())
    return Part(
        f"For the steps of solvers, {trials:,} random networks of {HIDDEN} neurons with parameters over decades walked "
        "ten samples with inputs up to 1e6 and beyond, one step of Δt each.",
        _findings(values),
        [_table(values)],
        [_picture(form, values) for form in FORMS if any(of == form for of, _ in values)],
    )


def _findings(values: dict[tuple[str, str], Value]) -> list[Finding]:
    findings = []
    for solver, published, note in (
        (
            "fused",
            "the stability of an implicit step",
            "The step is a mean of x and the potentials with weights that are not negative.",
        ),
        ("exponential Euler", "—", "The step is a mean of x and drive/decay."),
        ("exponential midpoint", "—", "Two such steps, the second with the weights of the middle."),
    ):
        of = [value for (_, name), value in values.items() if name == solver]
        if of:
            inside, trials = (sum(sum(value[name]) for value in of) for name in ("inside", "trials"))
            excess = written(max(value["excess"] for value in of), ".0e")
            findings.append(
                Finding(
                    f"The {solver} step keeps the box of Theorem 2 at every Δt",
                    published,
                    f"{inside:,} of {trials:,} networks; largest excess {excess} of a width",
                    either(inside == trials),
                    note,
                )
            )
    of = [value for (_, name), value in values.items() if name == "implicit Euler"]
    if of:
        inside, gave_up, trials = (sum(sum(value[name]) for value in of) for name in ("inside", "gave_up", "trials"))
        findings.append(
            Finding(
                "Implicit Euler keeps the box at every Δt",
                "pulled to the equilibrium however large the step",
                f"{inside:,} of {trials:,} networks; Newton's iteration failed for {gave_up:,}, "
                f"{trials - inside - gave_up:,} left the box",
                holds_if("Newton's iteration converges") if inside + gave_up == trials else either(False),
                "Every solution of its equation lies in the box, but at long steps damped Newton does not always find "
                "one. Then the solver raises; it returns no state outside.",
            )
        )
    for solver in ("explicit Euler", "RK4"):
        of = [value for (_, name), value in values.items() if name == solver]
        if of:
            share = _share(of)
            kept = [step for step, here in zip(STEPS, share, strict=True) if here == 1]
            findings.append(
                Finding(
                    f"{solver[0].upper()}{solver[1:]} needs very small steps",
                    "explicit methods need extremely small steps",
                    (f"all networks inside up to Δt = {max(kept):.2g}; " if kept else "")
                    + f"{100 * share[len(STEPS) // 2]:.0f} % at Δt = 1, {100 * share[-1]:.0f} % at 1e4",
                    either(share[-1] < 0.5),
                    "Its weights turn negative once h · decay is large.",
                )
            )
    return findings


def _share(values: Sequence[Value]) -> list[float]:
    columns = zip(*(zip(value["inside"], value["trials"], strict=True) for value in values), strict=True)
    return [sum(inside for inside, _ in column) / max(sum(n for _, n in column), 1) for column in columns]


def _table(values: dict[tuple[str, str], Value]) -> Table:
    shown = [k for k, step in enumerate(STEPS) if math.isclose(math.log10(step) % 2, 0, abs_tol=1e-9)]
    rows = [
        (
            form,
            solver,
            f"{sum(value['trials']):,}",
            *(f"{100 * _share([value])[k]:.1f}" for k in shown),
            f"{100 * sum(value['gave_up']) / max(sum(value['trials']), 1):.1f}",
            written(value["excess"], ".0e") if value["excess"] < 1e300 else "overflow",
        )
        for (form, solver), value in values.items()
    ]
    return Table(
        "Networks that stay in the box of Theorem 2",
        (
            "form",
            "solver",
            "networks",
            *(f"Δt = {STEPS[k]:g}, %" for k in shown),
            "gave up, %",
            "largest excess, box widths",
        ),
        rows,
        "One step per sample, ten samples (RK45: three). Networks on which the solver gave up count as not inside: "
        "implicit Euler where Newton's iteration does not converge, RK45 (rtol 1e-3, atol 1e-6, ten networks to a "
        "batch) beyond 200 steps per sample.",
    )


def _picture(form: str, values: dict[tuple[str, str], Value]) -> Lines:
    shares = {solver: _share([value]) for (of, solver), value in values.items() if of == form}
    convex = [shares.pop(solver) for solver in CONVEX if solver in shares]
    if convex:
        shares["fused and exponential steps"] = [min(column) for column in zip(*convex, strict=True)]
    return Lines(
        f"Networks that stay in their box: {form}",
        "Samples of one step each, inputs up to 1e6 and beyond. Fused, exponential Euler and exponential midpoint "
        "share a line, that of the least. Implicit Euler and RK45, which was given 200 steps per sample, count as "
        "outside where they give up.",
        Axis("Δt of a step, units of time", log=True),
        Axis("networks inside the box of Theorem 2, %"),
        [Series(solver, list(STEPS), [100 * here for here in share]) for solver, share in shares.items()],
        {},
    )
