"""`liquidtime evaluate`."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as one JSON object.")] = False,
) -> None:
    """Score a run's model on the test part of the data it was trained for."""
    from liquidtime import training
    from liquidtime.cli.data import task_of
    from liquidtime.cli.train import print_json
    from liquidtime.cli.wording import scored, steps

    opened = training.open_run(run)
    task = task_of(opened)
    scores = training.evaluate(training.load_model(opened), task.test, training.objective_of(task))
    if as_json:
        print_json({"run": str(run), "data": task.name, **scores})
        return
    loss = "" if task.regression else f", loss {scores['loss']:.4f}"
    sys.stdout.write(
        f"{run} on {task.name}, test part: {', '.join(scored(task, scores))}{loss} over {steps(task.test)}\n"
    )
