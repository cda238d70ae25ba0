"""The top of the page: the result in a sentence."""

from collections.abc import Sequence

import numpy as np

from liquidtime.data import Task, Windows
from liquidtime.report.markup import Html, facts, tag
from liquidtime.report.replay import Replay
from liquidtime.report.reproducibility import command
from liquidtime.report.wording import (
    METRICS,
    count,
    listed,
    model_line,
    model_title,
    moment,
    percent,
    recordings_of,
    score,
)
from liquidtime.training import Run, SequenceModel


def summary(run: Run, task: Task, model: SequenceModel, replays: Sequence[Replay]) -> Html:
    """Result, data, model and command."""
    rows = sum(map(len, replays))
    time = [one.time for one in replays if one.time is not None]
    period = f", {moment(time[0][0])} → {moment(time[-1][-1])}" if len(time) == len(replays) else ""
    outputs = listed(run.config["targets"]) if run.config["targets"] else " or ".join(run.config["classes"])
    shown = "shown" if task.seen else "tested"
    recordings = count(len(replays), "recording")
    described = (
        f"{run.config['data']} · {listed(run.config['features'])} → {outputs} · {shown} on {recordings}, "
        f"{count(rows, 'row')}{period}"
    )
    return tag(
        "header",
        tag("p", "liquidtime", class_="brand"),
        tag("h1", headline(run, task.trained_on)),
        tag(
            "p",
            tested(run, task),
            " ",
            f"Walked over the {count(rows, 'row')} of {recordings_of(task.seen)} once, from end to end "
            f"with the state carried on, {whole(replays)}.",
            class_="lead",
        ),
        facts(
            [
                ("Data", described),
                ("Model", model_line(run.recipe, model, run.config["parameters"])),
                ("Command", command(run)),
            ]
        ),
    )


def headline(run: Run, trained_on: float = 0.0) -> str:
    """The result in a sentence; the test steps are unseen where none of their rows was trained on."""
    model, data, results, metric = model_title(run.recipe.model), run.config["data"], run.results, run.metric
    tested = results[f"test_{metric}"]
    where, value = (
        ("validation", results[f"valid_{metric}"]) if tested is None else ("test" if trained_on else "unseen", tested)
    )
    if metric == "accuracy":
        return f"{model} on {data}: {percent(value)} of the {where} steps are right"
    return f"{model} on {data}: {METRICS[metric]} {score(metric, value)} on the {where} steps"


def tested(run: Run, task: Task) -> str:
    """What the headline's number is measured on."""
    results, classes = run.results, run.config["classes"]
    if results["test_loss"] is None:
        best, epochs = results["best_epoch"], results["epochs"]
        return f"No windows are set aside for a test; this is epoch {best}, the best of {epochs}."
    steps = count(labels(task.test), "last step" if task.test.last else "step")
    if not classes:
        return (
            f"Mean squared error {results['test_squared_error']:.4g} and absolute error "
            f"{results['test_absolute_error']:.4g} of {steps} in "
            f"{count(results['test_windows'], 'test window')}, each walked from a zero state"
            f"{', in units of the scaled targets' if task.target_std else ''}."
        )
    f1 = f"F1 of “{classes[1]}”" if len(classes) == 2 else "Mean F1 over classes"
    return (
        f"{percent(results['test_accuracy'], 2)} of {steps} in "
        f"{count(results['test_windows'], 'test window')}, each walked from a zero state. "
        f"{f1}: {results['test_f1']:.3f}."
    )


def whole(replays: Sequence[Replay]) -> str:
    """How well the model did on the recordings, walked from end to end."""
    if replays[0].regression:
        squared = np.concatenate([np.square(one.residual) for one in replays]).mean()
        return f"its squared error is {squared:.4g}"
    wrong = sum(int(one.wrong.sum()) for one in replays)
    if replays[0].last:
        return f"it is right at the end of {len(replays) - wrong} of {len(replays)}"
    return f"it is right on {percent(1 - wrong / sum(map(len, replays)), 2)}"


def labels(windows: Windows) -> int:
    """How many labels count in the windows."""
    return len(windows) * (1 if windows.last else windows.length)
