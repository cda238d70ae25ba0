"""Section 4 of the report and table 1 of the paper: back-propagation through time against the adjoint method."""

from collections.abc import Sequence

import numpy as np

from liquidtime.paper.engine import (
    Axis,
    Case,
    Finding,
    Item,
    Lines,
    Outcome,
    Results,
    Scale,
    Series,
    Table,
    does_not_hold,
    either,
    holds,
    holds_if,
)
from liquidtime.paper.parts.gradient_cases import Duration, GradientError, Memory

CHUNK = 16
STORED = ("bptt", "truncated", "recompute")
NAMES = {"bptt": "BPTT", "truncated": "truncated", "recompute": "recompute", "adjoint": "adjoint"}
INITS = {"ncps": "C = 0.5", "published": "C = 0.5/6"}
MB = 1e6
LOW = 0.01
"""An error of the gradient beyond which its accuracy counts as low."""


def _samples(scale: Scale) -> tuple[int, ...]:
    return (16, 64) if scale.quick else (16, 32, 64, 128, 256)


def _substeps(scale: Scale) -> tuple[int, ...]:
    return (3, 12) if scale.quick else (2, 4, 8, 16, 32)


def _tolerances(scale: Scale) -> tuple[float, ...]:
    return (1e-2, 1e-4) if scale.quick else (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)


def _seeds(scale: Scale) -> range:
    return range(1 if scale.quick else 3)


def _by_samples(strategy: str, scale: Scale) -> list[Memory]:
    if strategy == "adjoint":
        return [Memory(strategy, T, 6, tolerance=1e-2) for T in _samples(scale)[: 2 if scale.quick else 3]]
    return [Memory(strategy, T, 6, CHUNK) for T in _samples(scale)]


def _by_substeps(strategy: str, scale: Scale) -> list[Memory]:
    return [Memory(strategy, 32, L, CHUNK) for L in _substeps(scale)]


def _by_solver_steps(strategy: str, scale: Scale) -> list[Memory]:
    return [Memory(strategy, 4, 6, tolerance=tolerance) for tolerance in _tolerances(scale)]


def _durations(scale: Scale) -> list[Duration]:
    return [Duration(T, 6, 8, 1e-3, 1 if scale.quick else 5) for T in ((8,) if scale.quick else (8, 16, 32))]


def _errors(init: str, scale: Scale) -> list[list[GradientError]]:
    return [
        [GradientError(init, "adjoint", tolerance=tolerance, seed=seed) for seed in _seeds(scale)]
        for tolerance in _tolerances(scale)[0 if scale.quick else 1 :]
    ]


def _others(init: str) -> dict[str, GradientError]:
    return {
        "BPTT in float32": GradientError(init, "bptt", "float32"),
        "recompute": GradientError(init, "recompute"),
        "truncated every 2 of 4 samples": GradientError(init, "truncated"),
    }


def cases(scale: Scale) -> list[Case]:
    """Memory, time and errors."""
    found: list[Case] = []
    for strategy in STORED:
        found += _by_samples(strategy, scale) + _by_substeps(strategy, scale)
    found += _by_samples("adjoint", scale)
    for strategy in ("bptt", "adjoint"):
        found += _by_solver_steps(strategy, scale)
    for init in INITS:
        found += [case for same in _errors(init, scale) for case in same] + list(_others(init).values())
    return [*found, *_durations(scale)]


def _slope(x: Sequence[float], y: Sequence[float]) -> float:
    """The exponent p of y ∝ x^p, by least squares in logarithms."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def _megabytes(found: Sequence[Memory], results: Results) -> list[float]:
    return [results[case]["bytes"] / MB for case in found]


def judge(scale: Scale, results: Results) -> Outcome:
    """Table 1, row by row."""
    T, L = _samples(scale), _substeps(scale)
    by_T = {strategy: _megabytes(_by_samples(strategy, scale), results) for strategy in (*STORED, "adjoint")}
    by_L = {strategy: _megabytes(_by_substeps(strategy, scale), results) for strategy in STORED}
    by_steps = {strategy: _megabytes(_by_solver_steps(strategy, scale), results) for strategy in ("bptt", "adjoint")}
    evaluations = [results[case]["evaluations"] for case in _by_solver_steps("bptt", scale)]
    errors = {
        init: [float(np.median([results[case]["error"] for case in same])) for same in _errors(init, scale)]
        for init in INITS
    }
    tolerances = list(_tolerances(scale)[0 if scale.quick else 1 :])
    seconds = [results[case] for case in _durations(scale)]
    exponents = {
        "T": _slope(T, by_T["bptt"]),
        "L": _slope(L, by_L["bptt"]),
        "adjoint T": _slope(T[: len(by_T["adjoint"])], by_T["adjoint"]),
        "bptt steps": _slope(evaluations, by_steps["bptt"]),
        "adjoint steps": _slope(evaluations, by_steps["adjoint"]),
    }
    worst = max(max(values) for values in errors.values())
    return Outcome(
        measured=f"BPTT memory ∝ T^{exponents['T']:.2f}; adjoint off by up to {_percent(worst)}",
        verdict=holds_if("the solver's steps are what is counted and Δt is many times τ_sys"),
        summary=(
            "A conductance LTC of 64 neurons, 16 series of 8 inputs: the most memory that the tensors of a training "
            "step take, and its time; for the gradient's error 32 neurons, 3 series of 4 samples, in float64 against "
            "back-propagation through the very same steps. BPTT keeps every step and is exact; the adjoint keeps none "
            "of the solver's steps, but reverses a system that contracts, so its error grows where Δt is many "
            "times τ_sys, which is where the released initialisation puts a network. Two things the table leaves out: "
            "recomputation is exact in the memory of one chunk, and a kernel that recomputes within the step makes "
            "BPTT itself cheap."
        ),
        findings=_findings(exponents, errors, tolerances, seconds, by_T, results, scale),
        tables=[
            _memory_table(scale, by_T, by_L),
            _error_table(scale, errors, tolerances, results),
            _time_table(scale, seconds),
        ],
        pictures=[
            _lines(
                "Peak memory by samples", "samples T", T, by_T, f"Fused, L = 6; chunks of {CHUNK}; adjoint adaptive."
            ),
            _lines("Peak memory by substeps", "substeps L", L, by_L, f"T = 32; chunks of {CHUNK} samples."),
            _lines(
                "Peak memory by solver steps",
                "evaluations of drive and decay in the forward pass",
                evaluations,
                by_steps,
                "Adaptive solver at tolerances from 1e-2 down, T = 4.",
            ),
            Lines(
                "Error of the adjoint's gradient",
                "Against BPTT in float64 through the same adaptive steps; median over seeds.",
                Axis("relative tolerance of the solver", log=True),
                Axis("relative error of the parameters' gradient", log=True),
                [Series(title, tolerances, errors[init]) for init, title in INITS.items()],
                {"100 %": 1.0, "1 %": 0.01},
            ),
        ],
    )


def _findings(
    exponents: dict[str, float],
    errors: dict[str, list[float]],
    tolerances: list[float],
    seconds: list[dict[str, float]],
    by_T: dict[str, list[float]],
    results: Results,
    scale: Scale,
) -> list[Finding]:
    others = {init: {name: results[case] for name, case in _others(init).items()} for init in INITS}
    recompute = max(values["recompute"]["error"] for values in others.values())
    rounding = max(values["BPTT in float32"]["error"] for values in others.values())
    biased = [values["truncated every 2 of 4 samples"]["error"] for values in others.values()]
    low = [values[0] > LOW for values in errors.values()]
    ratios = [values["recompute"]["ratio"] for values in others.values()]
    growth = [one["bptt"] for one in seconds]
    doubling = (growth[-1] / growth[0]) ** (1 / (len(growth) - 1)) if len(growth) > 1 else None
    adjoint = seconds[-1]["adjoint, adaptive"]
    constant = abs(exponents["adjoint steps"]) < 0.35 < exponents["bptt steps"]
    saved = by_T["bptt"][-1] / by_T["recompute"][-1]
    factor = np.median([one["bptt"] / one["bptt, kernel"] for one in seconds])
    return [
        Finding(
            "Memory of BPTT",
            "O(L · T)",
            f"∝ T^{exponents['T']:.2f}, ∝ L^{exponents['L']:.2f}",
            either(0.8 < exponents["T"] < 1.2 and 0.8 < exponents["L"] < 1.2),
            "Plain PyTorch steps, which keep what each operation needs.",
        ),
        Finding(
            "Memory of the adjoint",
            "O(1)",
            f"∝ (solver steps)^{exponents['adjoint steps']:.2f} against BPTT's {exponents['bptt steps']:.2f}; "
            f"∝ T^{exponents['adjoint T']:.2f}",
            holds_if("only the solver's steps are counted") if constant else does_not_hold,
            "Outputs, inputs and their gradients grow with T whatever the strategy.",
        ),
        Finding(
            "Backward accuracy of BPTT",
            "high",
            f"{rounding:.1e} in float32",
            either(rounding < 1e-3),
            "Relative to float64; exact but for rounding.",
        ),
        Finding(
            "Backward accuracy of the adjoint",
            "low",
            "; ".join(
                f"{INITS[init]}: " + ", ".join(f"{_percent(values[n])} at {tolerances[n]:.0e}" for n in (0, -1))
                for init, values in errors.items()
            ),
            holds if all(low) else holds_if("Δt is many times τ_sys") if any(low) else does_not_hold,
            f"Largest Δt/τ_sys here: {ratios[0]:.0f} and {ratios[1]:.0f}. Tight tolerances buy accuracy back.",
        ),
        Finding(
            "Time of BPTT",
            "O(L · T · 2)",
            " → ".join(f"{value:.3g} s" for value in growth) + (" as T doubles" if len(growth) > 1 else ""),
            either(doubling is None or 1.4 < doubling < 2.8),
            f"The adjoint, with a solver's steps of its own each way, took {adjoint / growth[-1]:.1f} times as long as "
            f"BPTT with six fused steps, and {adjoint / seconds[-1]['bptt, adaptive']:.1f} times as long as BPTT "
            "through the same solver.",
        ),
        Finding(
            "Recomputation is exact and saves memory",
            "not in the table",
            f"error {recompute:.1e}; {saved:.1f} times less memory at T = {_samples(scale)[-1]}",
            either(recompute < 1e-9 and saved > 1),
            f"Chunks of {CHUNK} samples.",
        ),
        Finding(
            "Truncated BPTT trades memory for a biased gradient",
            "said in the report",
            f"off by {_percent(biased[0])} ({INITS['ncps']}) and {_percent(biased[1])} ({INITS['published']})",
            either(min(biased) > 1e-6),
            "Cut once in the middle of four samples. The faster a network forgets, the less is lost.",
        ),
        Finding(
            "BPTT with a kernel that recomputes within the step",
            "not in the table",
            f"{factor:.0f} times faster than the plain steps",
            either(bool(factor > 1)),
            "Same gradient; see the notes on kernels.",
        ),
    ]


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:,.0f} %" if percent >= 10 else f"{percent:.2g} %"


def _lines(title: str, axis: str, x: Sequence[float], y: dict[str, list[float]], caption: str) -> Lines:
    series = [Series(NAMES[strategy], list(x)[: len(values)], values) for strategy, values in y.items()]
    return Lines(title, caption, Axis(axis, log=True), Axis("peak memory (MB)", log=True), series, {})


def _memory_table(scale: Scale, by_T: dict[str, list[float]], by_L: dict[str, list[float]]) -> Table:
    rows = [
        [f"T = {T}, L = 6", *(f"{values[n]:.0f}" if n < len(values) else "" for values in by_T.values())]
        for n, T in enumerate(_samples(scale))
    ]
    rows += [
        [f"T = 32, L = {L}", *(f"{values[n]:.0f}" for values in by_L.values()), ""]
        for n, L in enumerate(_substeps(scale))
    ]
    note = "The adjoint runs on the adaptive solver at 1e-2, the others on fused steps."
    return Table("Peak memory of a training step (MB)", ["", *(NAMES[name] for name in by_T)], rows, note)


def _error_table(scale: Scale, errors: dict[str, list[float]], tolerances: list[float], results: Results) -> Table:
    rows = [
        [f"adjoint, tolerance {tolerance:.0e}", *(_percent(errors[init][n]) for init in INITS)]
        for n, tolerance in enumerate(tolerances)
    ]
    rows += [[name, *(f"{results[_others(init)[name]]['error']:.1e}" for init in INITS)] for name in _others("ncps")]
    seeds = len(_seeds(scale))
    return Table("Error of the gradient", ["", *INITS.values()], rows, f"Adjoint: median over {seeds} seeds.")


def _time_table(scale: Scale, seconds: list[dict[str, float]]) -> Table:
    cases = _durations(scale)
    rows = [[name, *(f"{one[name]:.3g}" for one in seconds)] for name in seconds[0]]
    note = "One thread, median over rounds in turn; adaptive at 1e-3; chunks of 8 samples."
    return Table("Time of a training step (s)", ["", *(f"T = {case.T}" for case in cases)], rows, note)


ITEM = Item(
    "gradients",
    "Training strategies: memory, time, accuracy",
    "Section 4, Table 1",
    "memory O(L·T) / O(1), accuracy high / low",
    cases,
    judge,
)
