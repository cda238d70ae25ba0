"""Wall time of one update for a given error, and of one training step."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch

from liquidtime.paper.engine import Axis, Case, Finding, Lines, Results, Series, Table, Value, either
from liquidtime.paper.engine.parts import Part, given
from liquidtime.paper.parts.stability_settings import FUSED, SETTINGS
from liquidtime.paper.parts.stability_update import FAST, FIXED, SLOW, Update, errors, median_error
from liquidtime.solvers import RK4, Adaptive, ImplicitEuler, Solver
from liquidtime.training import Recipe, build_model

STEPS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
TOLERANCES = (1e-1, 3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5)


@dataclass(frozen=True)
class TimeForError(Case):
    """The least work with which each solver reaches a median error in one update of Δt = 1, and how long it takes.

    All solvers run the same plain PyTorch on the same batch of networks. Times are taken in rounds, every solver once
    per round, after one to warm up.

    Args:
        C: membrane capacitance.
        target: the error to reach.
        networks: how many in the batch.
        rounds: how many.
    """

    alone: ClassVar[bool] = True
    C: float
    target: float
    networks: int = 20
    rounds: int = 9

    def run(self) -> Value:
        """Per solver `work`, `error`, median `seconds`, and its median `ratio` to fused in the same round."""
        update = Update.draw(self.networks, self.C)
        exact, _ = update.after(RK4(1000))
        found = {name: _least(update, exact, self.target, ladder) for name, ladder in _ladders().items()}
        chosen = {name: found[name] for name in found if found[name] is not None}
        if "fused" not in chosen:
            raise ArithmeticError(f"fused does not reach an error of {self.target:g} with {STEPS[-1]} steps")
        seconds = rounds_of({name: _updater(update, pick[0]) for name, pick in chosen.items() if pick}, self.rounds)
        return {
            name: {
                "work": pick[1],
                "error": pick[2],
                "seconds": float(np.median(seconds[name])),
                "ratio": float(np.median(np.array(seconds[name]) / np.array(seconds["fused"]))),
            }
            for name, pick in chosen.items()
            if pick is not None
        }


def _ladders() -> dict[str, list[tuple[Solver, str]]]:
    """From little work to much."""
    ladders: dict[str, list[tuple[Solver, str]]] = {
        name: [(solver(n), f"{n} steps") for n in STEPS] for name, (solver, _) in FIXED.items()
    }
    ladders["implicit Euler"] = [(ImplicitEuler(n), f"{n} steps") for n in STEPS if n <= 256]
    ladders["RK45"] = [(Adaptive(rtol=rtol, atol=rtol / 100), f"rtol {rtol:g}") for rtol in TOLERANCES]
    return ladders


def _least(
    update: Update, exact: torch.Tensor, target: float, ladder: list[tuple[Solver, str]]
) -> tuple[Solver, str, float] | None:
    for solver, work in ladder:
        try:
            states, _ = update.after(solver)
        except ArithmeticError:
            continue
        error = median_error({"errors": errors(states, exact)})
        if error is not None and error <= target:
            return solver, work, error
    return None


def _updater(update: Update, solver: Solver) -> Callable[[], object]:
    return lambda: update.after(solver)


def rounds_of(jobs: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each job in each round, in the order of the rounds, which each start with another job."""
    names = list(jobs)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds + 1):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            start = time.perf_counter()
            jobs[name]()
            if number:
                seconds[name].append(time.perf_counter() - start)
    return seconds


@dataclass(frozen=True)
class TrainingStep(Case):
    """How long a training step of a conductance LTC takes with each solver: forward, backward, Adam; by the kernels.

    Args:
        features: I.
        outputs: of the read-out.
        rounds: of ten steps each.
        hidden: H.
        batch: B.
        length: T.
    """

    alone: ClassVar[bool] = True
    features: int
    outputs: int
    rounds: int
    hidden: int = 32
    batch: int = 16
    length: int = 32

    def run(self) -> Value:
        """Per setting, median `seconds` of a step, and its median `ratio` to six fused steps in the same round."""
        seconds = rounds_of({name: self._steps(*setting) for name, setting in SETTINGS.items()}, self.rounds)
        return {
            name: {
                "seconds": float(np.median(taken)) / 10,
                "ratio": float(np.median(np.array(taken) / np.array(seconds[FUSED]))),
            }
            for name, taken in seconds.items()
        }

    def _steps(self, solver: str, substeps: int, evaluations: int) -> Callable[[], None]:
        recipe = Recipe("conductance-ltc", self.hidden, solver=solver, substeps=substeps)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            model = build_model(recipe, self.features, self.outputs)
            x = torch.randn(self.batch, self.length, self.features)
        optimizer = torch.optim.AdamW(model.parameters(), 1e-4, weight_decay=0.0, fused=True)

        def steps() -> None:
            for _ in range(10):
                optimizer.zero_grad()
                model(x)[0].square().mean().backward()
                optimizer.step()

        return steps


def times(quick: bool) -> list[TimeForError]:
    """Both capacitances, two errors."""
    if quick:
        return [TimeForError(C, 1e-2, networks=6, rounds=3) for C in (SLOW, FAST)]
    return [TimeForError(C, target) for C in (SLOW, FAST) for target in (3e-2, 1e-2, 3e-3, 1e-3)]


def training_step(quick: bool) -> TrainingStep:
    """Of the size of the gesture data."""
    return TrainingStep(32, 5, rounds=3 if quick else 15)


def cases(quick: bool) -> list[Case]:
    """Updates and a training step."""
    return [*times(quick), training_step(quick)]


def tell(quick: bool, results: Results) -> Part:
    """Ratios to fused."""
    told = [(case, results[case]) for case in times(quick) if given([case], results)]
    if not told:
        return Part("")
    return Part(
        "Wall times for a given error were taken on one thread in plain PyTorch, as ratios to fused in the same run.",
        [finding for case, value in told for finding in _findings(case, value)],
        [_table(told)],
        [_picture(C, of) for C in (SLOW, FAST) if len(of := [pair for pair in told if pair[0].C == C]) > 1],
    )


def _findings(case: TimeForError, value: Value) -> list[Finding]:
    if case.target != 1e-2 or "exponential midpoint" not in value:
        return []
    ratio = value["exponential midpoint"]["ratio"]
    return [
        Finding(
            f"The midpoint step reaches an error of {case.target:g} sooner than the fused one, C = {case.C:.3g}",
            "—",
            f"{ratio:.2f} times the fused step's time ({value['exponential midpoint']['work']} against "
            f"{value['fused']['work']})",
            either(ratio < 1),
            "One update in plain PyTorch, median over rounds.",
        )
    ]


def _table(told: list[tuple[TimeForError, Value]]) -> Table:
    solvers = [*FIXED, "implicit Euler", "RK45"]
    rows = []
    for case, value in told:
        cells = [
            f"{value[solver]['ratio']:.2f} ({value[solver]['work']})" if solver in value else "not reached"
            for solver in solvers
        ]
        rows.append((f"{case.C:.3g}", f"{case.target:g}", f"{1000 * value['fused']['seconds']:.1f} ms", *cells))
    return Table(
        "Wall time of one update for a given error, relative to fused",
        ("C", "error", "fused", *solvers),
        rows,
        "In brackets the least work that reaches the error, on a ladder of steps and tolerances. RK45 takes the "
        "networks of the batch together, with the steps of the worst.",
    )


def _picture(C: float, told: list[tuple[TimeForError, Value]]) -> Lines:
    told = sorted(told, key=lambda pair: pair[0].target)
    targets = [case.target for case, _ in told]
    series = [
        Series(solver, targets, [1000 * v[solver]["seconds"] if solver in v else None for _, v in told])
        for solver in (*FIXED, "implicit Euler", "RK45")
    ]
    return Lines(
        f"Wall time of one update for a given error, C = {C:.3g}",
        "A batch of networks in plain PyTorch on one thread.",
        Axis("error of the state", log=True),
        Axis("time, ms", log=True),
        series,
        {},
    )
