"""The whole page of a run: one file that needs no network."""

from pathlib import Path

from liquidtime.data import Task
from liquidtime.report.curves import curves
from liquidtime.report.document import document
from liquidtime.report.errors import errors
from liquidtime.report.influence import influence
from liquidtime.report.learning import learning
from liquidtime.report.liquid import liquid, slowest_first
from liquidtime.report.predictions import predictions
from liquidtime.report.replay import replay
from liquidtime.report.reproducibility import reproducibility
from liquidtime.report.residuals import residuals
from liquidtime.report.summary import headline, summary
from liquidtime.training import Run, load_model, write_aside


def write(run: Run, task: Task, name: str = "report") -> Path:
    """Write `report.html` into the run folder, beside its place first, and return its path.

    Args:
        run: a finished run.
        task: what it was trained on, or rescored on.
        name: of the page, without its ending.

    Raises:
        RunFolderError: the weights are damaged, or the page cannot be written.
        ValueError: the task has no recordings to show.

    Example:
        >>> from liquidtime.data import occupancy
        >>> from liquidtime.training import open_run
        >>> write(open_run("runs/occupancy-ltc-1"), occupancy.paper())  # doctest: +SKIP
        PosixPath('runs/occupancy-ltc-1/report.html')
    """
    path = run.path / f"{name}.html"
    write_aside(path, render(run, task).encode())
    return path


def render(run: Run, task: Task) -> str:
    """The page as text.

    Raises:
        RunFolderError: the weights are damaged.
        ValueError: the task has no recordings to show.
    """
    if not task.recordings:
        raise ValueError(f"task {task.name!r} has no recordings: there is nothing to show")
    model = load_model(run)
    replays = [replay(model, recording, task.train.last) for recording in task.recordings]
    body = [
        summary(run, task, model, replays),
        learning(run),
        curves(run, replays, task.seen) if task.regression else predictions(replays, task.classes, task.seen),
        liquid(replays, model),
        influence(task, model, slowest_first(replays)),
        residuals(run, replays, task.seen) if task.regression else errors(run, replays, task.seen),
        reproducibility(run, task),
    ]
    return document(headline(run, task.trained_on), body)
