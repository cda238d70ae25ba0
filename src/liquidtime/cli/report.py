"""`liquidtime report`."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def report(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print the page's path as JSON.")] = False,
) -> None:
    """Write a run's report page anew."""
    from liquidtime import training
    from liquidtime.cli.data import task_of
    from liquidtime.cli.train import print_json
    from liquidtime.report import write

    opened = training.open_run(run)
    page = write(opened, task_of(opened))
    if as_json:
        print_json({"run": str(run), "report": str(page)})
    else:
        sys.stdout.write(f"{page}\n")
