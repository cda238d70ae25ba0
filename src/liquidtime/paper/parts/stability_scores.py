"""What the exponential midpoint step buys a trained model, on gesture and half-cheetah."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from liquidtime.data import Task, cheetah, gesture
from liquidtime.paper.engine import (
    Axis,
    Boxes,
    Case,
    Finding,
    Group,
    Results,
    Table,
    Value,
    does_not_hold,
    either,
    holds,
    holds_if,
)
from liquidtime.paper.engine.parts import Part, given, written
from liquidtime.paper.parts.stability_settings import FUSED, INITS, MIDPOINT, SETTINGS
from liquidtime.paper.parts.stability_time import training_step
from liquidtime.training import Recipe, train


@dataclass(frozen=True)
class Score:
    """How a data set is scored.

    Args:
        read: makes the task.
        metric: name among the results.
        scale: from the stored number to the shown one.
        unit: what is shown.
        better: 1 if more is better, else −1.
    """

    read: Callable[[], Task]
    metric: str
    scale: float
    unit: str
    better: int


DATA = {
    "gesture": Score(gesture.paper, "test_accuracy", 100, "accuracy, %", 1),
    "cheetah": Score(cheetah.paper, "test_squared_error", 1, "squared error", -1),
}
Scores = dict[tuple[str, str], dict[str, list[float]]]
"""Per data set and initial values, per setting: one score per seed."""
EPOCHS = {"gesture": 100, "cheetah": 60}
QUICK_EPOCHS = {"gesture": 4, "cheetah": 1}


@dataclass(frozen=True)
class Trained(Case):
    """A conductance LTC trained on a data set cut as published: 32 neurons, batches of 16, Adam at 0.01.

    The best epoch by validation is scored on the test windows, with the solver it was trained with.

    Args:
        data: "gesture" or "cheetah".
        init: "published", C = 0.5/6, or "ncps", C = 0.5.
        solver: name in a recipe.
        substeps: of the solver.
        seed: of the weights and of the order of the windows.
        epochs: how many.
    """

    data: str
    init: str
    solver: str
    substeps: int
    seed: int
    epochs: int

    def run(self) -> Value:
        """`score` in the shown unit, and the epoch that it is of."""
        score = DATA[self.data]
        recipe = Recipe(
            "conductance-ltc",
            hidden_size=32,
            epochs=self.epochs,
            batch_size=16,
            learning_rate=0.01,
            solver=self.solver,
            substeps=self.substeps,
            init=self.init,
        )
        with tempfile.TemporaryDirectory() as folder:
            results = train(score.read(), recipe, self.seed, f"{folder}/run").results
        return {"score": score.scale * results[score.metric], "best_epoch": results["best_epoch"]}


def trainings(quick: bool, data: str, init: str, setting: str) -> list[Trained]:
    """The seeds of one setting."""
    solver, substeps, _ = SETTINGS[setting]
    epochs = (QUICK_EPOCHS if quick else EPOCHS)[data]
    return [Trained(data, init, solver, substeps, seed, epochs) for seed in range(1 if quick else 5)]


def cases(quick: bool) -> list[Case]:
    """All of them."""
    settings = tuple(SETTINGS)[: 2 if quick else None]
    runs = [(data, init, setting) for data in DATA for init in INITS for setting in settings]
    return [case for data, init, setting in runs for case in trainings(quick, data, init, setting)]


@dataclass(frozen=True)
class Comparison:
    """A setting against six fused steps, seed by seed.

    Args:
        gain: mean improvement, positive where it is better.
        low: lower end of its 95 % interval.
        high: upper end.
        p: of the paired t test; None with fewer than two seeds, or where all differences are equal.
    """

    gain: float
    low: float
    high: float
    p: float | None


def compare(ours: list[float], fused: list[float], better: int) -> Comparison:
    """Paired over seeds."""
    gains = better * (np.array(ours) - np.array(fused))
    mean, n = float(gains.mean()), len(gains)
    if n < 2 or np.ptp(gains) == 0:
        return Comparison(mean, mean, mean, None)
    test = stats.ttest_1samp(gains, 0.0)
    low, high = test.confidence_interval(0.95)
    return Comparison(mean, float(low), float(high), float(test.pvalue))


def tell(quick: bool, results: Results) -> Part:
    """Scores, paired differences, times."""
    scores: Scores = {}
    for data in DATA:
        for init in INITS:
            by_setting = {setting: trainings(quick, data, init, setting) for setting in SETTINGS}
            done = {name: [results[c]["score"] for c in of] for name, of in by_setting.items() if given(of, results)}
            if FUSED in done and len(done) > 1:
                scores[data, init] = done
    if not scores:
        return Part("")
    step = training_step(quick)
    ratios = {name: value["ratio"] for name, value in results[step].items()} if given([step], results) else {}
    seeds = len(next(iter(scores.values()))[FUSED])
    epochs = QUICK_EPOCHS if quick else EPOCHS
    lengths = " and ".join(f"{data}: {epochs[data]} epochs" for data in DATA)
    each = f"{seeds} seeds each" if seeds > 1 else "one seed each, from which nothing follows"
    return Part(
        f"Conductance LTCs were trained with fused and midpoint steps ({each}; {lengths}).",
        [*_findings(scores, ratios)],
        [_table(scores, ratios, epochs)],
        [_picture(data, scores) for data in DATA if any(of == data for of, _ in scores)],
    )


def _findings(scores: Scores, ratios: dict[str, float]) -> list[Finding]:
    return [
        finding
        for (data, init), of in scores.items()
        if len(of[FUSED]) > 1
        for finding in (
            *([_equal_work(data, init, of, ratios, len(scores))] if MIDPOINT in of else []),
            _less_work(data, init, of, ratios, 3 * len(scores)),
        )
    ]


def _equal_work(data: str, init: str, of: dict[str, list[float]], ratios: dict[str, float], tests: int) -> Finding:
    result = compare(of[MIDPOINT], of[FUSED], DATA[data].better)
    gained = result.p is not None and result.gain > 0
    verdict = does_not_hold
    if gained and result.p is not None and result.p < 0.05:
        verdict = (
            holds if result.p < 0.05 / tests else holds_if(f"it may be the one of {tests} tests that is by chance")
        )
    time = (
        f" Three midpoint steps take {ratios[MIDPOINT]:.2f} times the time of six fused." if MIDPOINT in ratios else ""
    )
    return Finding(
        f"At equal work midpoint steps train a better model than fused ones: {data}, C = {INITS[init]:.3g}",
        "—",
        f"{DATA[data].unit}: {_spread(of[MIDPOINT])} against {_spread(of[FUSED])}; {_told(result)}",
        verdict,
        f"Paired over seeds; held against 5 % divided by {tests}, the number of such tests.{time}",
    )


def _less_work(data: str, init: str, of: dict[str, list[float]], ratios: dict[str, float], tests: int) -> Finding:
    results = {
        setting: compare(values, of[FUSED], DATA[data].better)
        for setting, values in of.items()
        if SETTINGS[setting][2] < SETTINGS[FUSED][2]
    }
    worse = any(result.p is not None and result.p < 0.05 / tests and result.gain < 0 for result in results.values())
    times = ", ".join(f"{setting}: {ratios[setting]:.2f}" for setting in results if setting in ratios)
    return Finding(
        f"Fewer than six evaluations per sample cost score: {data}, C = {INITS[init]:.3g}",
        "—",
        "; ".join(f"{setting} {_spread(of[setting])}, {_told(result)}" for setting, result in results.items()),
        either(worse),
        f"{DATA[data].unit}, against {_spread(of[FUSED])} for six fused steps; held against 5 % divided by {tests}."
        + (f" Time of a training step, relative to those: {times}." if times else ""),
    )


def _spread(values: list[float]) -> str:
    deviation = f" ± {np.std(values, ddof=1):.2f}" if len(values) > 1 else ""
    return f"{np.mean(values):.2f}{deviation}"


def _told(result: Comparison) -> str:
    gain, low, high = (written(value, "+.2f") for value in (result.gain, result.low, result.high))
    return f"gain {gain}" + ("" if result.p is None else f" ({low} to {high}), p = {result.p:.2g}")


def _table(scores: Scores, ratios: dict[str, float], epochs: dict[str, int]) -> Table:
    rows = []
    for (data, init), of in scores.items():
        for setting, values in of.items():
            result = compare(values, of[FUSED], DATA[data].better)
            shown = setting != FUSED and result.p is not None
            rows.append(
                (
                    f"{data}, {DATA[data].unit}",
                    f"{INITS[init]:.3g}",
                    setting,
                    f"{SETTINGS[setting][2]}",
                    _spread(values),
                    written(result.gain, "+.2f") if setting != FUSED else "—",
                    f"{written(result.low, '+.2f')} to {written(result.high, '+.2f')}" if shown else "—",
                    f"{result.p:.2g}" if shown else "—",
                    f"{ratios[setting]:.2f}" if setting in ratios else "—",
                )
            )
    return Table(
        "Trained conductance LTCs by solver",
        (
            "data",
            "C",
            "solver",
            "evaluations per sample",
            "test score",
            "gain over six fused steps",
            "95 % interval",
            "p (paired t)",
            "time per training step",
        ),
        rows,
        "Published cut and settings: 32 neurons, batches of 16, Adam at 0.01; "
        f"{', '.join(f'{data} {n} epochs' for data, n in epochs.items())} where 200 were published. Mean ± deviation "
        "over seeds; a positive gain is an improvement. The values at the start are the released ones but for C. Times "
        "by the kernels on one thread, relative to six fused steps.",
    )


def _picture(data: str, scores: Scores) -> Boxes:
    groups = [
        Group(f"C = {INITS[init]:.3g}", dict(of.items()), {}) for (name, init), of in scores.items() if name == data
    ]
    return Boxes(
        f"Test scores by solver: {data}",
        "One value per seed. " + ("More is better." if DATA[data].better > 0 else "Less is better."),
        Axis("membrane capacitance"),
        Axis(f"test {DATA[data].unit}"),
        groups,
    )
