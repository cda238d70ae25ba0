"""Runs the cells of a comparison, many at a time; each is kept as soon as it is done."""

import platform
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from liquidtime.comparison.cell import Cell
from liquidtime.comparison.outcome import CellOutcome, file_of, read_outcome
from liquidtime.data import SOURCES
from liquidtime.grid import KilledError, each, kind_of
from liquidtime.training import RunFolderError, train, write_aside

TRIES = 2
"""How often a cell is begun before it counts as the one that kills its process."""

SHARED = "the machines of a cluster need one folder that all of them see under one path (--out)"
"""The way out where a worker writes elsewhere."""


class GridFollower(Protocol):
    """Who wants to follow."""

    def on_start(self, done: int, total: int) -> None:
        """So many of all cells were there already."""

    def on_cell(self, cell: Cell, failure: str | None) -> None:
        """A cell is done, or failed for a reason."""


@dataclass(frozen=True)
class _Job:
    cell: Cell
    folder: Path


@dataclass(frozen=True)
class _Done:
    cell: Cell
    failure: str | None


def run_cells(
    cells: Sequence[Cell], folder: str | Path, workers: int | None, follower: GridFollower, cluster: str | None = None
) -> tuple[list[CellOutcome], dict[Cell, str]]:
    """Train every cell that is not there yet.

    A run folder per cell stands in `folder/runs`, its outcome in `folder/cells`. Whoever interrupts it, or is killed,
    repeats no finished cell, and resumes unfinished ones after their last epoch; a cell that was trained by another
    recipe than it has now, or on part of a data set that is whole by now, is not finished. A cell that fails does not
    stop the others. When a process is killed, the cells that were at work are begun again one by one; the one whose
    process is killed then, too, counts as failed, and all do when processes are killed before they begin one.

    Args:
        cells: which.
        folder: of the results; it is made. With a cluster it is on a disk that all machines see under one path.
        workers: processes, each on one thread, with 1 this one, so that what kills it kills all; on a cluster, cells at
            a time. None for one per core, or all it has.
        follower: is told of each cell.
        cluster: the address of a running Dask or Ray cluster, as `liquidtime.grid.each` takes it; None for processes
            here.

    Returns:
        The outcomes, in the order of `cells`, and the reasons of those that failed.

    Raises:
        RunFolderError: the folder cannot be written.
        ValueError: `workers` is not positive, or `cluster` is no address.
        ClusterError: the cluster cannot be reached, or was lost; finished cells are kept.
    """
    folder = Path(folder)
    if cluster is not None:
        kind_of(cluster)  # before anything is written
    unique = list(dict.fromkeys(cells))
    todo = [cell for cell in unique if _kept(cell, folder) is None]
    failures: dict[Cell, str] = {}
    _prepare(todo, folder)
    follower.on_start(len(unique) - len(todo), len(unique))

    def end(cell: Cell, failure: str | None) -> None:
        todo.remove(cell)
        if failure is not None:
            failures[cell] = failure
        follower.on_cell(cell, failure)

    lost: Counter[Cell] = Counter()
    idle = 0
    while todo:
        before = len(todo), sum(_begun(cell, folder) for cell in todo)
        # Here, the processes beside one that is killed end with it, so each suspect has its second try alone.
        suspects = [cell for cell in todo if _begun(cell, folder)] if cluster is None else []
        chosen = suspects[:1] or todo
        try:
            jobs = [_Job(cell, folder.absolute()) for cell in chosen]
            with closing(each(_run, jobs, workers, cluster)) as results:
                for one in results:
                    end(one.cell, one.failure)
        except KilledError as error:
            if cluster is not None:
                # What is left over there are the cells whose own worker was lost.
                lost.update(todo)
            idle = idle + 1 if (len(todo), sum(_begun(cell, folder) for cell in todo)) == before else 0
            given_up = [cell for cell in todo if idle >= TRIES or max(_begun(cell, folder), lost[cell]) >= TRIES]
            for cell in given_up:
                end(cell, str(error))
    outcomes = []
    for cell in unique:
        outcome = _kept(cell, folder)
        if outcome is not None:
            outcomes.append(outcome)
        elif cell not in failures:
            found = f"{file_of(cell, folder)} lacks the score that counts"
            failures[cell] = f"{found}: {'name another folder (--out)' if cluster is None else SHARED}"
    return outcomes, failures


def _kept(cell: Cell, folder: Path) -> CellOutcome | None:
    """What a cell gave by the recipe that it has now, on as much of the data as there is."""
    outcome = read_outcome(file_of(cell, folder))
    if outcome is None or not outcome.by(cell):
        return None
    return None if outcome.variant and SOURCES[cell.data].state == "present" else outcome


def _run(job: _Job) -> _Done:
    cell, folder = job.cell, job.folder
    place = folder / "runs" / cell.place
    try:
        if not file_of(cell, folder).parent.is_dir():
            raise RunFolderError(f"{folder} is not there on {platform.node()}: {SHARED}")
        write_aside(_mark(cell, folder), str(_begun(cell, folder) + 1).encode())
        task = cell.task()
        if task.variant:  # the whole may come later, and its run is another one
            place = place.with_name(f"{place.name}, part of the data")
        place.parent.mkdir(parents=True, exist_ok=True)
        run = train(task, cell.recipe(), cell.seed, place, resume=place.exists())
        CellOutcome.of(cell, task, run).write(folder)
    except Exception as error:  # whatever it is, the other cells are done
        return _Done(cell, _reason(error, place))
    _mark(cell, folder).unlink(missing_ok=True)
    return _Done(cell, None)


def _reason(error: Exception, place: Path) -> str:
    """Why a cell gave nothing; of what nobody foresaw the kind, too."""
    text = " ".join(str(error).split())
    if isinstance(error, RunFolderError) and place.exists():
        return f"{text}; to train this cell anew, delete {place}"
    foreseen = (ValueError, OSError, ArithmeticError, MemoryError, RuntimeError)
    return text if text and isinstance(error, foreseen) else f"{type(error).__name__}: {text}".removesuffix(": ")


def _mark(cell: Cell, folder: Path) -> Path:
    """The file that says how often a cell was begun, while it is not done."""
    return file_of(cell, folder).with_name("begun")


def _begun(cell: Cell, folder: Path) -> int:
    try:
        return int(_mark(cell, folder).read_text())
    except (OSError, ValueError):
        return 0


def _prepare(todo: Sequence[Cell], folder: Path) -> None:
    """Make the folder before hours of work go into it, and forget what became of earlier processes."""
    try:
        (folder / "cells").mkdir(parents=True, exist_ok=True)
        for cell in todo:
            file_of(cell, folder).parent.mkdir(parents=True, exist_ok=True)
            _mark(cell, folder).unlink(missing_ok=True)
    except OSError as error:
        raise RunFolderError(f"{folder} cannot hold results ({error.strerror}): name another folder (--out)") from error
