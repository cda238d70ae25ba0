"""What a cell gave, in one small file that lasts longer than the run folder."""

import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from liquidtime import __version__
from liquidtime.comparison.cell import KINDS, Cell
from liquidtime.comparison.published import MEASURES
from liquidtime.data import TASKS, Task
from liquidtime.training import MODELS, Recipe, Run, RunFolderError, encode_json, read_json, write_aside
from liquidtime.training.recipe import is_number

FORMAT = "liquidtime-cell"
VERSION = 1
_FIELDS: dict[str, type | tuple[type, ...]] = {
    "cell": dict,
    "recipe": dict,
    "scores": dict,
    "windows": list,
    "variant": str,
    "log_timespans": bool,
    "checksum": dict,
    "created": str,
    "versions": dict,
    "machine": str,
}


@dataclass(frozen=True)
class CellOutcome:
    """A finished cell.

    Args:
        cell: which.
        recipe: how it was trained, as JSON.
        scores: `results.json` of the run, without its confusion matrix.
        windows: how many there were to train, validate and test.
        variant: what of the data set was there, where it was not all of it.
        log_timespans: whether log Δt was an input.
        checksum: SHA-256 of the files that the data came from.
        created: when.
        versions: of the software.
        machine: what it ran on.
    """

    cell: Cell
    recipe: dict[str, Any]
    scores: dict[str, Any]
    windows: tuple[int, int, int]
    variant: str
    log_timespans: bool
    checksum: dict[str, str]
    created: str
    versions: dict[str, str]
    machine: str

    @classmethod
    def of(cls, cell: Cell, task: Task, run: Run) -> "CellOutcome":
        """What is kept of a run."""
        return cls(
            cell=cell,
            recipe=run.config["recipe"],
            scores={name: value for name, value in run.results.items() if name != "confusion"},
            windows=(len(task.train), len(task.valid), len(task.test)),
            variant=task.variant,
            log_timespans=task.log_timespans,
            checksum=task.checksum,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            versions={
                "liquidtime": __version__,
                "torch": str(torch.__version__),
                "python": platform.python_version(),
            },
            machine=f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        )

    def by(self, cell: Cell) -> bool:
        """Whether it was trained by a cell's recipe; settings that a recipe lacks count as left out."""
        try:
            wanted = cell.recipe().to_dict()
        except ValueError:
            return False
        return _given(self.recipe) == _given(wanted)

    def write(self, folder: Path) -> None:
        """Keep it in a folder of results.

        Raises:
            RunFolderError: it cannot be written.
        """
        path = file_of(self.cell, folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_aside(path, encode_json({"format": FORMAT, "format_version": VERSION, **asdict(self)}))


def file_of(cell: Cell, folder: Path) -> Path:
    """The file of a cell in a folder of results."""
    return folder / "cells" / cell.place / "results.json"


def read_outcome(path: Path) -> CellOutcome | None:
    """A cell that was kept; None if the file is missing, damaged or foreign."""
    try:
        stored = read_json(path)
        found = {name: stored[name] for name in _FIELDS}
        if (stored.get("format"), stored.get("format_version")) != (FORMAT, VERSION):
            return None
        if not all(isinstance(value, _FIELDS[name]) for name, value in found.items()):
            return None
        cell = Cell(**found["cell"])
        train, valid, test = found["windows"]
        outcome = CellOutcome(**{**found, "cell": cell, "windows": (int(train), int(valid), int(test))})
        return outcome if _sound(outcome) else None
    except (RunFolderError, KeyError, TypeError, ValueError):
        return None


def _given(recipe: dict[str, Any]) -> dict[str, Any]:
    """What a recipe says; None is nothing."""
    return {name: value for name, value in {**Recipe().to_dict(), **recipe}.items() if value is not None}


def _sound(outcome: CellOutcome) -> bool:
    """Whether it is a cell that can be, with the score that counts.

    Raises:
        KeyError: the data set or a score is unknown.
    """
    cell, measure = outcome.cell, MEASURES[outcome.cell.data]
    names = (cell.data, cell.protocol) in TASKS and cell.kind in KINDS and cell.model in MODELS
    counts = [cell.seed, outcome.recipe["epochs"], *([] if cell.epochs is None else [cell.epochs])]
    return names and all(type(one) is int for one in counts) and is_number(outcome.scores[f"test_{measure.metric}"])


def kept_cells(folder: str | Path) -> Iterator[CellOutcome]:
    """All finished cells of a folder of results, by the recipes that they have now, in the order of their places."""
    return (outcome for outcome in _all(Path(folder)) if outcome.by(outcome.cell))


def stale_cells(folder: str | Path) -> Iterator[CellOutcome]:
    """The cells of a folder of results that were trained by another recipe than they have now."""
    return (outcome for outcome in _all(Path(folder)) if not outcome.by(outcome.cell))


def _all(folder: Path) -> Iterator[CellOutcome]:
    for path in sorted((folder / "cells").rglob("results.json")):
        outcome = read_outcome(path)
        if outcome is not None and file_of(outcome.cell, folder) == path:
            yield outcome
