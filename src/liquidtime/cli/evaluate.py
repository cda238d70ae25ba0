"""`liquidtime evaluate`."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", show_default=False)],
    files: Annotated[
        list[str] | None, typer.Argument(help="New files with the same columns; all of their rows count.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores as one JSON object.")] = False,
) -> None:
    """Score a run's model on the test part of the data it was trained for, or on new files."""
    from liquidtime import training
    from liquidtime.cli.data import task_of
    from liquidtime.cli.own import remark
    from liquidtime.cli.train import print_json
    from liquidtime.cli.wording import scored, steps

    opened = training.open_run(run)
    task, notes = task_of(opened, files or ())
    _, scores = training.rescored(opened, task)
    if as_json:
        print_json({"run": str(run), "data": task.name, **scores, **({"notes": list(notes)} if files else {})})
        return
    remark(notes)
    loss = "" if task.regression else f", loss {scores['loss']:.4f}"
    part = "all rows" if files and len(task.train) == 0 else "test part"
    sys.stdout.write(f"{run} on {task.name}, {part}: {', '.join(scored(task, scores))}{loss} over {steps(task.test)}\n")
