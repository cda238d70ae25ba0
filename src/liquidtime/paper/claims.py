"""Every testable sentence of the paper, with its evidence and verdict."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from liquidtime.paper.engine import (
    Case,
    Finding,
    Item,
    Outcome,
    Results,
    Scale,
    Verdict,
    does_not_hold,
    either,
    holds,
    holds_if,
)
from liquidtime.paper.parts.claim_cases import (
    LARGE,
    DelayedRecall,
    Drift,
    ImplicitStep,
    InputGrowth,
    StepStability,
    SynapseForm,
)
from liquidtime.paper.parts.figure2 import longest
from liquidtime.paper.parts.gradient_cases import GradientError, Memory
from liquidtime.paper.parts.trajectories import MODELS, Setting, Trajectories

TIMES = (1.0, 10.0, 100.0)
SCALES = (1.0, 1e3, 1e6)
SPANS = (0.01, 1.0, 100.0, 1e6)
DELAY = 24


def _seeds(scale: Scale) -> int:
    return 20 if scale.quick else 200


def _lengths(setting: Setting, model: str, activation: str, scale: Scale) -> Trajectories:
    return Trajectories(setting, model, activation, 2.0, 100, 1, len(scale.networks))


def _compared(setting: Setting, kind: str, scale: Scale, results: Results) -> tuple[bool, str, str]:
    values = {model: np.array(results[_lengths(setting, model, "tanh", scale)][kind])[:, 0] for model in MODELS}
    medians = "/".join(f"{np.median(values[model]):.3g}" for model in MODELS)
    sure, words = longest([values])
    return sure, medians, words


@dataclass(frozen=True)
class Claim:
    """A sentence, what has to be computed for it, and what follows."""

    cases: Callable[[Scale], list[Case]]
    judge: Callable[[Scale, Results], Finding]


def _longer_cases(scale: Scale) -> list[Case]:
    return [_lengths(setting, model, "tanh", scale) for setting in ("published", "stated") for model in MODELS]


def _longer(scale: Scale, results: Results) -> Finding:
    raw, raw_medians, words = _compared("published", "lengths", scale, results)
    stated, stated_medians, _ = _compared("stated", "lengths", scale, results)
    free, free_medians, _ = _compared("stated", "rms", scale, results)
    verdict: Verdict = does_not_hold
    if raw and stated:
        verdict = holds
    elif raw:
        verdict = holds_if(
            "each A_i is a sum of k Gaussians" + (" or the length is taken free of scale" if free else "")
        )
    return Finding(
        "LTC's trajectories are longer than those of CT-RNN and neural ODE",
        "yes",
        f"{raw_medians} as published; {stated_medians} at equal scale; {free_medians} over the RMS radius",
        verdict,
        f"Medians N-ODE/CT-RNN/LTC, tanh, width 100. As published: {words} Items fig2a to fig3 have the rest.",
    )


def _hard_cases(scale: Scale) -> list[Case]:
    names = ("hard tanh", "released hard tanh", "ReLU", "tanh")
    return [_lengths("published", "ltc", name, scale) for name in names]


def _hard(scale: Scale, results: Results) -> Finding:
    medians = {
        case.activation: float(np.median(results[case]["lengths"]))
        for case in _hard_cases(scale)
        if isinstance(case, Trajectories)
    }
    true_one = medians["hard tanh"] > 1.5 * max(medians["ReLU"], medians["tanh"])
    identity = holds_if("the hard tanh is the identity of the released code")
    released = medians["released hard tanh"] > 1.5 * max(medians["ReLU"], medians["tanh"])
    return Finding(
        "Hard tanh gives the LTC far longer trajectories than ReLU and tanh",
        "yes",
        ", ".join(f"{name} {median:,.0f}" for name, median in medians.items()),
        holds if true_one else identity if released else does_not_hold,
        "Median lengths, width 100, σ 2. The released hard tanh appears to return its argument unchanged.",
    )


def _bounded_cases(scale: Scale) -> list[Case]:
    kinds = (("LTC", "sigmoid"), ("LTC", "ReLU"), ("conductance LTC", ""))
    return [InputGrowth(kind, activation, SCALES, _seeds(scale)) for kind, activation in kinds]


def _bounded(scale: Scale, results: Results) -> Finding:
    found = [results[case] for case in _bounded_cases(scale)]
    excess = max(max(one["excess"]) for one in found)
    largest = max(one["largest"][-1] for one in found)
    return Finding(
        "States stay bounded when inputs grow without limit",
        "yes",
        f"{excess:.1g} outside the box at inputs up to 1e6; largest |x| {largest:.3g}",
        either(excess < 1e-9),
        f"{_seeds(scale)} networks each: LTC with sigmoid, LTC with ReLU, conductance form; fused steps.",
    )


def _liquid_cases(scale: Scale) -> list[Case]:
    return [InputGrowth(kind, "sigmoid", SCALES, _seeds(scale)) for kind in ("LTC", "CT-RNN")]


def _liquid(scale: Scale, results: Results) -> Finding:
    ltc, ctrnn = (results[case]["liquid"] for case in _liquid_cases(scale))
    return Finding(
        "The time constant moves with input and state, a CT-RNN's does not",
        "yes",
        f"by a factor of {ltc:.2f} (LTC), {ctrnn:.2f} (CT-RNN)",
        either(ltc > 1.05 and abs(ctrnn - 1) < 1e-9),
        "Largest over smallest τ_sys of a neuron on inputs of size 1, median over neurons and untrained networks.",
    )


def _others_cases(scale: Scale) -> list[Case]:
    kinds = (("N-ODE", "tanh"), ("CT-RNN", "tanh"), ("CT-RNN", "ReLU"), ("LTC", "ReLU"))
    return [Drift(kind, activation, TIMES, min(50, _seeds(scale))) for kind, activation in kinds]


def _drifts(scale: Scale, results: Results) -> dict[str, list[float]]:
    return {
        f"{case.kind} {case.activation}": results[case]["largest"]
        for case in _others_cases(scale)
        if isinstance(case, Drift)
    }


def _said(values: list[float]) -> str:
    return " → ".join("beyond all measure" if value >= LARGE else f"{value:.3g}" for value in values)


def _leak(scale: Scale, results: Results) -> Finding:
    found = _drifts(scale, results)
    tame, drifts = found["CT-RNN tanh"][-1] < 20, found["N-ODE tanh"][-1] > 5 * found["N-ODE tanh"][1]
    wild = found["CT-RNN ReLU"][-1] > 1e6
    return Finding(
        "CT-RNN's leak keeps it from exploding where the neural ODE drifts",
        "yes",
        f"CT-RNN {_said(found['CT-RNN tanh'])}; N-ODE {_said(found['N-ODE tanh'])} with tanh; "
        f"CT-RNN with ReLU {_said(found['CT-RNN ReLU'])}",
        (holds_if("f is bounded") if wild else holds) if tame and drifts else does_not_hold,
        "Largest |x| at t = 1, 10, 100 under an input that stays, recurrent weights of spread 3, median over networks.",
    )


def _comparison(scale: Scale, results: Results) -> Finding:
    found = _drifts(scale, results)
    return Finding(
        "The comparison models are proved stable too",
        "yes",
        f"N-ODE {_said(found['N-ODE tanh'])}; CT-RNN with ReLU {_said(found['CT-RNN ReLU'])}; "
        f"LTC with ReLU {_said(found['LTC ReLU'])}",
        either(found["N-ODE tanh"][-1] < 20 and found["CT-RNN ReLU"][-1] < 20),
        "A neural ODE has no box: it moves at speed |f| for as long as it likes. A CT-RNN's box is τ times the range "
        "of f, so it has one where f is bounded, and none with ReLU.",
    )


SOLVERS = ("explicit Euler, 6 steps", "RK4, 6 steps", "fused, 6 steps", "exponential midpoint, 3 steps")


def _stable_cases(scale: Scale) -> list[Case]:
    return [StepStability(solver, span, _seeds(scale)) for solver in SOLVERS for span in (0.1, 1.0)]


def _stable(scale: Scale, results: Results) -> Finding:
    inside = {
        (case.solver, case.span): results[case]["inside"]
        for case in _stable_cases(scale)
        if isinstance(case, StepStability)
    }
    bounded = all(inside[solver, span] == 1 for solver in SOLVERS[2:] for span in (0.1, 1.0))
    explicit = max(inside[solver, 1.0] for solver in SOLVERS[:2])
    return Finding(
        "The fused step is stable where explicit ones are not",
        "yes",
        ", ".join(f"{solver}: {100 * inside[solver, 1.0]:.0f} %" for solver in SOLVERS),
        either(bounded and explicit < 0.5),
        "Share of conductance LTCs of 32 neurons as released that keep the box of Theorem 2 at Δt = 1. At Δt = 0.1: "
        + ", ".join(f"{100 * inside[solver, 0.1]:.0f} %" for solver in SOLVERS)
        + ".",
    )


def _implicit_cases(scale: Scale) -> list[Case]:
    return [ImplicitStep(span, _seeds(scale)) for span in SPANS]


def _implicit(scale: Scale, results: Results) -> Finding:
    found = [results[case] for case in _implicit_cases(scale)]
    residuals = [one["residual"] for one in found]
    falling = all(r is not None for r in residuals) and residuals[-1] < 1e-4 < residuals[0] < 1
    share = min(one["converged"] for one in found)
    return Finding(
        "Implicit Euler is pulled to the equilibrium however large the step",
        "yes",
        "|dx/dt| left: "
        + ", ".join(f"{residual:.1g} at Δt = {span:g}" for residual, span in zip(residuals, SPANS, strict=True)),
        (holds if share == 1 else holds_if("the iteration converges")) if falling else does_not_hold,
        f"One step from a corner of the box; Newton converged in at least {100 * share:.0f} % of networks. Explicit "
        "Euler's step ends " + ", ".join(f"{one['overshoot']:.2g}" for one in found) + " times the largest potential.",
    )


def _synapse_cases(scale: Scale) -> list[Case]:
    return [SynapseForm(1000 if scale.quick else 100_000)]


def _synapse(scale: Scale, results: Results) -> Finding:
    difference = results[_synapse_cases(scale)[0]]["difference"]
    return Finding(
        "Putting S = f (A − v) into the neuron's equation gives Eq. 2",
        "yes",
        f"largest relative difference {difference:.0e}",
        either(difference < 1e-12),
        "−x/τ + f (A − x) = −(1/τ + f) x + f A: drive and decay of the layer, beside the sum written out.",
    )


ADJOINT = {tolerance: Memory("adjoint", 4, 6, tolerance=tolerance) for tolerance in (1e-2, 1e-4)}
STEPPED = {tolerance: Memory("bptt", 4, 6, tolerance=tolerance) for tolerance in (1e-2, 1e-4)}
INEXACT = GradientError("ncps", "adjoint", tolerance=1e-4)


def _adjoint(scale: Scale, results: Results) -> Finding:
    adjoint = [results[case]["bytes"] / 1e6 for case in ADJOINT.values()]
    stepped = [results[case]["bytes"] / 1e6 for case in STEPPED.values()]
    error = results[INEXACT]["error"]
    constant = adjoint[1] / adjoint[0] < 1.1 < stepped[1] / stepped[0]
    return Finding(
        "The adjoint's memory is constant and its gradient inexact",
        "yes",
        f"{adjoint[0]:.1f} → {adjoint[1]:.1f} MB where BPTT goes {stepped[0]:.0f} → {stepped[1]:.0f} MB; "
        f"error {100 * error:.2g} % (C = 0.5, 1e-4)",
        holds_if("only the solver's steps are counted") if constant and error > 1e-6 else does_not_hold,
        "From tolerance 1e-2 to 1e-4, four samples. Outputs grow with T whatever the strategy; see item gradients.",
    )


def _recall_cases(scale: Scale) -> list[Case]:
    return [
        DelayedRecall(every, DELAY, seed)
        for every in (DELAY, DELAY // 2, DELAY // 4)
        for seed in range(1 if scale.quick else 5)
    ]


def _recall(scale: Scale, results: Results) -> Finding:
    by_k: dict[int, list[float]] = {}
    for case in _recall_cases(scale):
        assert isinstance(case, DelayedRecall)
        by_k.setdefault(case.every, []).append(results[case]["accuracy"])
    means = {every: float(np.mean(values)) for every, values in by_k.items()}
    whole, *cut = means.values()
    return Finding(
        "Truncated BPTT trades memory for long dependencies",
        "yes",
        ", ".join(f"k = {every}: {100 * mean:.0f} %" for every, mean in means.items()),
        either(whole > 0.95 and max(cut) - 0.5 < (whole - 0.5) / 2),
        f"Accuracy in naming, at sample {DELAY}, the sign of sample 1, after 500 steps of training; 50 % is chance. "
        f"With k < {DELAY} no gradient reaches the cue, and what is above chance is what untrained neurons carry on. "
        "It holds where the whole learns it and truncation loses more than half of what that gained over chance.",
    )


def _adjoint_cases(scale: Scale) -> list[Case]:
    return [*ADJOINT.values(), *STEPPED.values(), INEXACT]


def _stiff_cases(scale: Scale) -> list[Case]:
    return [_lengths("published", model, "tanh", scale) for model in MODELS]


def _stiff(scale: Scale, results: Results) -> Finding:
    steps = [float(np.median(results[case]["points"])) / 4 for case in _stiff_cases(scale)]
    return Finding(
        "LTC's equation is stiff: a standard explicit solver needs extremely small steps",
        "yes",
        "median steps of ode45 over 2π: "
        + ", ".join(f"{t} {s:.0f}" for t, s in zip(MODELS.values(), steps, strict=True)),
        either(steps[2] > 5 * steps[0]),
        "As published, tanh, width 100. Much of it is the smallest τ of a hundred, which the CT-RNN shares.",
    )


CLAIMS = (
    Claim(_synapse_cases, _synapse),
    Claim(_liquid_cases, _liquid),
    Claim(_others_cases, _leak),
    Claim(_stiff_cases, _stiff),
    Claim(_stable_cases, _stable),
    Claim(_implicit_cases, _implicit),
    Claim(_adjoint_cases, _adjoint),
    Claim(_recall_cases, _recall),
    Claim(_bounded_cases, _bounded),
    Claim(_others_cases, _comparison),
    Claim(_longer_cases, _longer),
    Claim(_hard_cases, _hard),
)


def cases(scale: Scale) -> list[Case]:
    """What all claims need."""
    return [case for claim in CLAIMS for case in claim.cases(scale)]


def judge(scale: Scale, results: Results) -> Outcome:
    """The table of claims."""
    findings = [claim.judge(scale, results) for claim in CLAIMS]
    kinds = Counter(finding.verdict.kind for finding in findings)
    conditional, wrong = kinds["holds if"], kinds["does not hold"]
    told = f"{kinds['holds']} hold, {conditional} under a condition, {wrong} {'does' if wrong == 1 else 'do'} not"
    terms = [(conditional, "read under conditions"), (wrong, "left out")]
    condition = " and ".join(f"{n} of the claims {'is' if n == 1 else 'are'} {what}" for n, what in terms if n)
    return Outcome(
        measured=told,
        verdict=holds_if(condition) if len(kinds) > 1 else findings[0].verdict,
        summary=(
            f"{len(findings)} sentences that can be tested, each computed on its own: {told}. Where the released "
            "analysis code is mentioned, what it does was inferred from its text and not confirmed by its authors. "
            "Most of what the paper says about dynamics and solvers stands; what it says about expressivity depends on "
            "scale and on an activation that seems not to have been what its name says."
        ),
        findings=findings,
    )


ITEM = Item("claims", "Every testable sentence", "whole paper", "12 claims", cases, judge)
