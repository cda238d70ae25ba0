"""Stiffness: which solver is stable, which accurate, what each costs, and what the exponential midpoint step buys."""

from liquidtime.paper.engine import Case, Item, Outcome, Results, Scale, Verdict, does_not_hold, holds, unclear
from liquidtime.paper.engine.parts import missing_cases, together
from liquidtime.paper.parts import (
    stability_accuracy,
    stability_effort,
    stability_region,
    stability_scores,
    stability_time,
)

PARTS = (stability_accuracy, stability_region, stability_effort, stability_time, stability_scores)


def cases(scale: Scale) -> list[Case]:
    """Of accuracy, of regions of stability, of wall time, and of trained models."""
    return [case for part in PARTS for case in part.cases(scale.quick)]


def judge(scale: Scale, results: Results) -> Outcome:
    """The paper's statements on stability; what the midpoint step buys is found beside them and not part of them."""
    parts = [part.tell(scale.quick, results) for part in PARTS]
    stated = [finding for part in parts for finding in part.findings if finding.published != "—"]
    broken = [finding for finding in stated if finding.verdict == does_not_hold]
    verdict: Verdict = unclear
    if stated:
        verdict = does_not_hold if broken else holds
    return together(
        f"{len(stated) - len(broken)} of {len(stated)} statements of the paper on stability hold",
        verdict,
        parts,
        missing_cases(cases(scale), results),
    )


ITEM = Item(
    "stability",
    "Stiff networks: explicit, fused, exponential and implicit steps",
    "Eq. 3, Algorithm 1",
    "the fused step is stable where explicit solvers need extremely small steps",
    cases,
    judge,
)
