"""`metrics.jsonl` and `results.json`: what a run measured."""

import json
from pathlib import Path
from typing import Any

from liquidtime.training.folder.files import RESTORE, RunFolderError, parse_json, read_json, read_text, write_aside
from liquidtime.training.progress import EpochRecord
from liquidtime.training.recipe import is_number

CLASSIFIED = ("loss", "accuracy", "f1", "confusion")
REGRESSED = ("loss", "squared_error", "absolute_error")
_COUNTS = ("best_epoch", "epochs", "parameters", "test_windows")


def result_name(score: str) -> str:
    """What a score of the test windows is called in `results.json`."""
    return score if score == "confusion" else f"test_{score}"


def write_metrics(folder: Path, records: list[EpochRecord]) -> None:
    """Write one line per epoch."""
    lines = (json.dumps(record.to_dict(), allow_nan=False) + "\n" for record in records)
    write_aside(folder / "metrics.jsonl", "".join(lines).encode())


def read_metrics(folder: Path, metric: str) -> list[dict[str, Any]]:
    """One object per epoch.

    Raises:
        RunFolderError: the file is missing, cut off or damaged; the message names the line.
    """
    path = folder / "metrics.jsonl"
    text = read_text(path)
    if not text.endswith("\n"):
        raise RunFolderError(f"{path} is cut off: its last line has no end: {RESTORE}")
    places = ((f"{path}, line {number}", line) for number, line in enumerate(text.splitlines(), 1))
    records = [record_from_dict(parse_json(line, place), place, metric) for place, line in places]
    return [record.to_dict() for record in records]


def read_results(folder: Path, classes: int, metric: str) -> dict[str, Any]:
    """The scores of a finished run.

    Args:
        folder: of the run.
        classes: how many there are; 0 for regression.
        metric: the score by which the best epoch was chosen.

    Raises:
        RunFolderError: the file is cut off or damaged.
    """
    path = folder / "results.json"
    results = read_json(path)
    tests = [result_name(score) for score in (CLASSIFIED if classes else REGRESSED)]
    scored = results.get(tests[-1]) is not None
    wrong = [name for name in ("valid_loss", "last_valid_loss", "seconds") if not _is_measure(name, results.get(name))]
    chosen = (f"valid_{metric}", f"last_valid_{metric}")
    wrong += [name for name in chosen if not _is_measure(name, results.get(name))]
    for name in tests:
        value = results.get(name)
        sound = _is_square(value, classes) if name == "confusion" else _is_measure(name, value)
        if not (sound if scored else value is None):
            wrong.append(name)
    wrong += [name for name in _COUNTS if not _is_count(results.get(name))]
    if not wrong and scored != (results["test_windows"] > 0):
        wrong.append("test_windows")
    if wrong:
        raise RunFolderError(f"{path}: {wrong[0]} is missing or makes no sense: {RESTORE}")
    return results


def record_from_dict(stored: object, place: str, metric: str) -> EpochRecord:
    """What `EpochRecord.to_dict` gave.

    Raises:
        RunFolderError: a field is missing, unknown or of the wrong type.
    """
    score = f"valid_{metric}"
    names = ["epoch", "train_loss", "valid_loss", score, "seconds", "best"]
    if not isinstance(stored, dict) or sorted(stored) != sorted(names):
        raise RunFolderError(f"{place}: expected the fields {', '.join(names)}: {RESTORE}")
    measured = all(_is_measure(name, stored[name]) for name in names[1:5])
    if not (_is_count(stored["epoch"]) and isinstance(stored["best"], bool) and measured):
        raise RunFolderError(f"{place}: a value makes no sense: {RESTORE}")
    values = {name: stored[name] for name in names if name != score}
    return EpochRecord(**values, valid_score=stored[score], metric=metric)


def _is_measure(name: str, value: Any) -> bool:
    """Whether a value can be a loss, an error, a share or a time."""
    share = name.endswith(("accuracy", "f1"))
    return is_number(value) and 0 <= value <= (1 if share else float("inf"))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_square(value: object, size: int) -> bool:
    if not isinstance(value, list) or len(value) != size:
        return False
    return all(isinstance(row, list) and len(row) == size and all(map(_is_count, row)) for row in value)
