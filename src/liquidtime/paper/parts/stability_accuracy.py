"""How far one update of a stiff LTC is from the solution, by solver and by work."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from liquidtime.paper.engine import Axis, Case, Finding, Lines, Results, Series, Table, Value, either
from liquidtime.paper.engine.parts import Part, given
from liquidtime.paper.parts.stability_update import (
    FAST,
    FIXED,
    HIDDEN,
    INPUTS,
    ORDERS,
    SLOW,
    Update,
    errors,
    median_error,
)
from liquidtime.solvers import RK4, Adaptive, FixedStepSolver, ImplicitEuler


@dataclass(frozen=True)
class Accuracy(Case):
    """Errors of one update of Δt = 1 against RK4 with many steps, which the adaptive solver at 1e-10 confirms.

    Args:
        C: membrane capacitance.
        networks: how many.
        reference: steps of RK4.
        evaluations: the work at which fixed steps are taken.
        newton: numbers of steps of implicit Euler.
        tolerances: rtol of RK45; its atol is a hundredth.
    """

    C: float
    networks: int
    reference: int = 4000
    evaluations: tuple[int, ...] = (1, 2, 4, 6, 12, 24, 48, 96, 192, 384)
    newton: tuple[int, ...] = (1, 2, 3, 6, 12, 24, 48)
    tolerances: tuple[float, ...] = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)

    def run(self) -> Value:
        """`runs` per solver: steps, evaluations, errors of all networks; what the reference is worth; decays."""
        update = Update.draw(self.networks, self.C)
        exact, _ = update.after(RK4(self.reference))
        confirmed, _ = update.after(Adaptive(rtol=1e-10, atol=1e-12, max_steps=100_000))
        runs: dict[str, list[Value]] = {}
        for name, (solver, each) in FIXED.items():
            steps = [work // each for work in self.evaluations if work % each == 0]
            runs[name] = [_run(update, exact, solver(n), n) for n in steps]
        runs["implicit Euler"] = [_run(update, exact, ImplicitEuler(n), n) for n in self.newton]
        runs["RK45"] = [self._adaptive(update, exact, rtol) for rtol in self.tolerances]
        with torch.no_grad():
            decay = update.networks.field(update.u)(exact)[1]
        return {
            "runs": runs,
            "reference_difference": float((exact - confirmed).abs().max()),
            "decay": float(decay.median()),
            "fastest": float(decay.amax(-1).median()),
        }

    def _adaptive(self, update: Update, exact: Tensor, rtol: float) -> Value:
        """One network at a time, so that each has its own steps."""
        solver = Adaptive(rtol=rtol, atol=rtol / 100)
        counts, found = [], []
        for n in range(self.networks):
            states, calls = update.one(n).after(solver)
            counts.append(calls)
            found += errors(states, exact[n : n + 1])
        return {"steps": rtol, "evaluations": float(np.median(counts)), "errors": found}


def _run(update: Update, exact: Tensor, solver: FixedStepSolver, steps: int) -> Value:
    try:
        states, calls = update.after(solver)
    except ArithmeticError:
        return {"steps": steps, "evaluations": None, "errors": [None] * len(update.x)}
    return {"steps": steps, "evaluations": calls, "errors": errors(states, exact)}


def order(runs: Sequence[Value]) -> float:
    """The slope of the error over the step size, between the finest step and one twice as long, median of networks.

    Errors below 1e-11, where rounding and the reference count, are left out; 0 if there is no such pair.
    """
    by_steps = {run["steps"]: run["errors"] for run in runs}
    for fine in sorted(by_steps, reverse=True):
        pairs = list(zip(by_steps.get(fine / 2, []), by_steps[fine], strict=False))
        slopes = [math.log2(a / b) for a, b in pairs if a is not None and b is not None and b > 1e-11]
        if slopes and len(slopes) == len(pairs):
            return float(np.median(slopes))
    return 0.0


def cases(quick: bool) -> list[Accuracy]:
    """Both capacitances."""
    if quick:
        return [Accuracy(C, 6, 1000, newton=(1, 6, 12), tolerances=(1e-1, 1e-4)) for C in (SLOW, FAST)]
    return [Accuracy(C, 40) for C in (SLOW, FAST)]


def tell(quick: bool, results: Results) -> Part:
    """Errors by work, and orders."""
    told = {case.C: results[case] for case in cases(quick) if given([case], results)}
    if not told:
        return Part("")
    networks = cases(quick)[0].networks
    worst = max(value["reference_difference"] for value in told.values())
    return Part(
        f"One update of Δt = 1 was computed on {networks} random conductance LTCs of {HIDDEN} neurons and {INPUTS} "
        f"inputs with every solver, against RK4 with {cases(quick)[0].reference:,} steps (which an adaptive solver at "
        f"1e-10 confirms to {worst:.0e}).",
        _findings(told),
        [_table(told), *([_orders(told[SLOW])] if SLOW in told else [])],
        [_picture(C, value, networks) for C, value in told.items()],
    )


def at_work(value: Value, solver: str, evaluations: int) -> float | None:
    """The median error at so many evaluations."""
    return next((median_error(run) for run in value["runs"][solver] if run["evaluations"] == evaluations), None)


def _findings(told: dict[float, Value]) -> list[Finding]:
    findings = []
    for C, value in told.items():
        fused, midpoint = at_work(value, "fused", 6), at_work(value, "exponential midpoint", 6)
        if fused is None or midpoint is None:
            continue
        pairs = _pairs_at_six(value)
        findings.append(
            Finding(
                f"At six evaluations the exponential midpoint step is more accurate than the fused one, C = {C:.3g}",
                "—",
                f"median error {midpoint:.2g} against {fused:.2g}, {fused / midpoint:.1f} times less; "
                f"less on {sum(b < a for a, b in pairs)} of {len(pairs)} networks",
                either(midpoint < fused),
                f"The median decay is {value['decay']:.0f}, so a sixth of the span is {value['decay'] / 6:.1f} time "
                "constants. The gain shrinks as steps outlast the time constant: any such step takes x to drive/decay, "
                "and six evaluations are six such iterations.",
            )
        )
    if SLOW in told:
        slope = order(told[SLOW]["runs"]["exponential midpoint"])
        first = order(told[SLOW]["runs"]["fused"])
        findings.append(
            Finding(
                "The exponential midpoint step is of second order, the fused step of first",
                "—",
                f"measured orders {slope:.2f} and {first:.2f}",
                either(abs(slope - 2) < 0.2 and abs(first - 1) < 0.2),
                "Slope of the error over the step size between the two finest steps.",
            )
        )
    return findings


def _pairs_at_six(value: Value) -> list[tuple[float, float]]:
    """Errors of fused and midpoint at six evaluations, network by network."""
    at_six = [
        next(run["errors"] for run in value["runs"][solver] if run["evaluations"] == 6)
        for solver in ("fused", "exponential midpoint")
    ]
    return [(a, b) for a, b in zip(*at_six, strict=True) if a is not None and b is not None]


def _table(told: dict[float, Value]) -> Table:
    works = [2, 4, 6, 12, 24, 48, 96]
    rows = []
    for C, value in told.items():
        for solver in FIXED:
            cells = [at_work(value, solver, work) for work in works]
            known = {run["evaluations"] for run in value["runs"][solver]}
            shown = [
                "—" if work not in known else "diverged" if cell is None else f"{cell:.2g}"
                for work, cell in zip(works, cells, strict=True)
            ]
            rows.append((f"{C:.3g}", solver, *shown))
    return Table(
        "Error of one update by evaluations of drive and decay",
        ("C", "solver", *(f"{work} evaluations" for work in works)),
        rows,
        "Median over networks of the largest error of any state. RK4 takes four evaluations per step, exponential "
        "midpoint two, the others one.",
    )


def _orders(value: Value) -> Table:
    rows = [(solver, f"{expected}", f"{order(value['runs'][solver]):.2f}") for solver, expected in ORDERS.items()]
    return Table(
        "Order of convergence",
        ("solver", "order", f"measured, C = {SLOW:g}"),
        rows,
        "Slope of the error over the step size between the two finest steps, median over networks.",
    )


def _picture(C: float, value: Value, networks: int) -> Lines:
    series = []
    for solver, runs in value["runs"].items():
        points = sorted((run["evaluations"], median_error(run)) for run in runs if run["evaluations"] is not None)
        shown = [error if error is not None and error <= 1 else None for _, error in points]
        series.append(Series(solver, [work for work, _ in points], shown))
    return Lines(
        f"Error of one update against work, C = {C:.3g}",
        f"Median over {networks} networks of the largest error of any state at Δt = 1; median decay "
        f"{value['decay']:.0f}. Errors above 1 are left out. For implicit Euler the Jacobians are not counted.",
        Axis("evaluations of drive and decay", log=True),
        Axis("error of the state", log=True),
        series,
        {},
    )
