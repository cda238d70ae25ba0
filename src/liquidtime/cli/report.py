"""`liquidtime report`."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def report(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", show_default=False)],
    files: Annotated[
        list[str] | None, typer.Argument(help="New files with the same columns, for a page of their own.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the page's path as JSON.")] = False,
) -> None:
    """Write a run's report page anew, or a page on new files."""
    from liquidtime import training
    from liquidtime.cli.data import task_of
    from liquidtime.cli.own import remark
    from liquidtime.cli.train import file_name, print_json
    from liquidtime.report import write

    opened = training.open_run(run)
    task, notes = task_of(opened, files or ())
    if files and len(task.train) == 0:
        opened, _ = training.rescored(opened, task)
        page = write(opened, task, f"report-{file_name(task.name)}")
    else:
        page = write(opened, task)
    if as_json:
        print_json({"run": str(run), "report": str(page), **({"notes": list(notes)} if files else {})})
    else:
        remark(notes)
        sys.stdout.write(f"{page}\n")
