"""`metrics.jsonl` and `results.json`: what a run measured."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

from liquidtime.training.files import RESTORE, RunFolderError, parse_json, read_json, read_text, write_aside
from liquidtime.training.progress import EpochRecord
from liquidtime.training.recipe import is_number

_TEST = ("test_loss", "test_accuracy", "test_f1")
_NUMBERS = ("valid_loss", "valid_accuracy", "last_valid_loss", "last_valid_accuracy", "seconds")
_COUNTS = ("best_epoch", "epochs", "parameters", "test_windows")


def write_metrics(folder: Path, records: list[EpochRecord]) -> None:
    """Write one line per epoch."""
    lines = (json.dumps(record.to_dict(), allow_nan=False) + "\n" for record in records)
    write_aside(folder / "metrics.jsonl", "".join(lines).encode())


def read_metrics(folder: Path) -> list[dict[str, Any]]:
    """One object per epoch.

    Raises:
        RunFolderError: the file is missing, cut off or damaged; the message names the line.
    """
    path = folder / "metrics.jsonl"
    text = read_text(path)
    if not text.endswith("\n"):
        raise RunFolderError(f"{path} is cut off: its last line has no end: {RESTORE}")
    places = ((f"{path}, line {number}", line) for number, line in enumerate(text.splitlines(), 1))
    records = [record_from_dict(parse_json(line, place), place) for place, line in places]
    return [record.to_dict() for record in records]


def read_results(folder: Path, classes: int) -> dict[str, Any]:
    """The scores of a finished run.

    Raises:
        RunFolderError: the file is cut off or damaged.
    """
    path = folder / "results.json"
    results = read_json(path)
    scored = results.get("confusion") is not None
    numbers = (*_NUMBERS, *(_TEST if scored else ()))
    wrong = [name for name in numbers if not _is_measure(name, results.get(name))]
    wrong += [] if scored else [name for name in _TEST if results.get(name) is not None]
    wrong += [name for name in _COUNTS if not _is_count(results.get(name))]
    if scored and not _is_square(results["confusion"], classes):
        wrong.append("confusion")
    if wrong:
        raise RunFolderError(f"{path}: {wrong[0]} is missing or makes no sense: {RESTORE}")
    return results


def record_from_dict(stored: object, place: str) -> EpochRecord:
    """What `EpochRecord.to_dict` gave.

    Raises:
        RunFolderError: a field is missing, unknown or of the wrong type.
    """
    names = [field.name for field in fields(EpochRecord)]
    if not isinstance(stored, dict) or sorted(stored) != sorted(names):
        raise RunFolderError(f"{place}: expected the fields {', '.join(names)}: {RESTORE}")
    numbers = ("train_loss", "valid_loss", "valid_accuracy", "seconds")
    measured = all(_is_measure(name, stored[name]) for name in numbers)
    if not (_is_count(stored["epoch"]) and isinstance(stored["best"], bool) and measured):
        raise RunFolderError(f"{place}: a value makes no sense: {RESTORE}")
    return EpochRecord(**stored)


def _is_measure(name: str, value: Any) -> bool:
    """Whether a value can be a loss, a share or a time."""
    share = name.endswith(("accuracy", "f1"))
    return is_number(value) and 0 <= value <= (1 if share else float("inf"))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_square(value: object, size: int) -> bool:
    if not isinstance(value, list) or len(value) != size:
        return False
    return all(isinstance(row, list) and len(row) == size and all(map(_is_count, row)) for row in value)
