"""What RK45 pays for one update as networks grow stiffer, beside six evaluations of bounded steps."""

from dataclasses import dataclass

import numpy as np

from liquidtime.paper.engine import Axis, Case, Finding, Lines, Results, Series, Table, Value, either
from liquidtime.paper.engine.parts import Part, given, written
from liquidtime.paper.parts.stability_region import at_rest
from liquidtime.paper.parts.stability_update import SLOW, Update, errors
from liquidtime.solvers import RK4, Adaptive, ExponentialMidpoint, Fused


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


def cases(quick: bool) -> list[Effort]:
    """Stiffer and stiffer."""
    if quick:
        return [Effort(stiffness, 3) for stiffness in (1.0, 8.0, 64.0)]
    return [Effort(stiffness, 10) for stiffness in (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)]


def tell(quick: bool, results: Results) -> Part:
    """Evaluations against stiffness."""
    effort = [(case, results[case]) for case in cases(quick) if given([case], results)]
    if not effort:
        return Part("")
    return Part(
        "What RK45 pays for stiffness was counted on networks with larger and larger conductances.",
        _findings(effort),
        [_table(effort)],
        [_picture(effort)],
    )


def _findings(effort: list[tuple[Effort, Value]]) -> list[Finding]:
    if len(effort) < 2:
        return []
    first, last = effort[0][1], effort[-1][1]
    (few, many), (low, high) = ([float(np.median(v[name])) for v in (first, last)] for name in ("evaluations", "decay"))
    names = ("fused, six steps", "exponential midpoint, three steps")
    errors_at = [[written(_middle(v["errors"][name]), ".1g") for name in names] for v in (first, last)]
    return [
        Finding(
            "RK45 takes the more evaluations the stiffer the network",
            "explicit methods such as RK45 need extremely small steps",
            f"{few:,.0f} evaluations per update at a decay of {low:.0f}, {many:,.0f} at {high:,.0f}; fused takes 6",
            either(many > 3 * few),
            f"About {many / high:.1f} evaluations per decay and unit of time: its step is held at the limit of "
            f"stability. The error of six fused steps goes from {errors_at[0][0]} to {errors_at[1][0]}, that of three "
            f"midpoint steps from {errors_at[0][1]} to {errors_at[1][1]}: in the end either takes x to drive/decay six "
            "times over.",
        )
    ]


def _middle(found: list[float | None]) -> float:
    return float(np.median([np.inf if error is None else error for error in found]))


def _table(effort: list[tuple[Effort, Value]]) -> Table:
    rows = []
    for case, value in effort:
        medians = [_middle(found) for found in value["errors"].values()]
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


def _picture(effort: list[tuple[Effort, Value]]) -> Lines:
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
