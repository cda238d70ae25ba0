"""Theorems 1 and 2: time constants and states stay within bounds, whatever the input."""

from liquidtime.paper.engine import Case, Item, Outcome, Results, Scale, Verdict, does_not_hold, holds_if, unclear
from liquidtime.paper.engine.parts import missing_cases, together
from liquidtime.paper.parts import bounds_limits, bounds_others, bounds_steps, bounds_trained

PARTS = (bounds_trained, bounds_steps, bounds_limits, bounds_others)


def cases(scale: Scale) -> list[Case]:
    """Of the trained models, of the steps of solvers, and of where the theorems end."""
    return [case for part in PARTS for case in part.cases(scale.quick)]


def judge(scale: Scale, results: Results) -> Outcome:
    """Whether anything left its bounds, and where the bounds themselves end."""
    parts = [part.tell(scale.quick, results) for part in PARTS]
    trained, steps = parts[:2]
    claims = [*trained.findings, *(finding for finding in steps.findings if "keeps the box" in finding.what)]
    broken = [finding for finding in claims if finding.verdict == does_not_hold]
    verdict: Verdict = holds_if("f is not negative, and in the conductance form E_leak takes the place of 0")
    if broken or not claims:
        verdict = does_not_hold if broken else unclear
    return together(
        f"{len(claims) - len(broken)} of {len(claims)} statements about trained models and bounded steps hold",
        verdict,
        parts,
        missing_cases(cases(scale), results),
    )


ITEM = Item(
    "bounds",
    "Time constants and states stay bounded",
    "Theorems 1 and 2",
    "τ/(1 + τW) ≤ τ_sys ≤ τ; min(0, A) ≤ x ≤ max(0, A)",
    cases,
    judge,
)
