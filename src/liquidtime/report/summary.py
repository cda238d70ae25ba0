"""The top of the page: the result in a sentence."""

from collections.abc import Sequence

from liquidtime.data import Task
from liquidtime.report.markup import Html, facts, tag
from liquidtime.report.replay import Replay
from liquidtime.report.reproducibility import command
from liquidtime.report.wording import count, model_line, model_title, moment, percent
from liquidtime.training import Run, SequenceModel


def summary(run: Run, task: Task, model: SequenceModel, replays: Sequence[Replay]) -> Html:
    """Result, data, model and command."""
    rows = sum(map(len, replays))
    whole = 1 - sum(int(one.wrong.sum()) for one in replays) / rows
    period = f"{moment(replays[0].time[0])} → {moment(replays[-1].time[-1])}"
    data = f"{run.config['data']} · {', '.join(run.config['features'])} → {' or '.join(run.config['classes'])}"
    described = f"{data} · tested on {count(rows, 'row')}, {period}"
    return tag(
        "header",
        tag("p", "liquidtime", class_="brand"),
        tag("h1", headline(run)),
        tag(
            "p",
            score(run),
            " ",
            f"Walked over the {count(rows, 'row')} of the test recordings once, from end to end "
            f"with the state carried on, it is right on {percent(whole, 2)}.",
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


def headline(run: Run) -> str:
    """The result in a sentence."""
    model, data, results = model_title(run.recipe.model), run.config["data"], run.results
    if results["test_accuracy"] is None:
        return f"{model} on {data}: {percent(results['valid_accuracy'])} of the validation steps are right"
    return f"{model} on {data}: {percent(results['test_accuracy'])} of the unseen steps are right"


def score(run: Run) -> str:
    """What the headline's number is measured on."""
    results, classes = run.results, run.config["classes"]
    if results["test_accuracy"] is None:
        best, epochs = results["best_epoch"], results["epochs"]
        return f"No windows are set aside for a test; this is epoch {best}, the best of {epochs}."
    steps = sum(map(sum, results["confusion"]))
    f1 = f"F1 of “{classes[1]}”" if len(classes) == 2 else "Mean F1 over classes"
    return (
        f"{percent(results['test_accuracy'], 2)} of {count(steps, 'step')} in "
        f"{count(results['test_windows'], 'test window')}, each walked from a zero state. "
        f"{f1}: {results['test_f1']:.3f}."
    )
