"""The folder in which results stand: one file per case, one per item."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from liquidtime import __version__
from liquidtime.paper.engine.case import Case, Value
from liquidtime.paper.engine.outcome import Outcome
from liquidtime.training import RunFolderError, write_aside

FORMAT = 1


@dataclass(frozen=True)
class Kept:
    """An outcome as it was kept.

    Args:
        outcome: the outcome.
        quick: whether it is a first look.
        created: when.
        seconds: what its cases took, all together.
        versions: of the software.
        machine: what it ran on.
        command: what the user typed; nothing if it was started from Python.
    """

    outcome: Outcome
    quick: bool
    created: str
    seconds: float
    versions: dict[str, str]
    machine: str
    command: str


class Store:
    """Keeps what was computed. A file that is damaged or foreign counts as not there.

    Args:
        folder: made when the first result is kept.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def open(self) -> None:
        """Make the folder, before hours of work go into it.

        Raises:
            RunFolderError: it cannot be made or written, or holds something else.
        """
        cases = self.folder / "cases"
        try:
            foreign = [] if cases.is_dir() or not self.folder.exists() else sorted(self.folder.iterdir())
            if not foreign:
                cases.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunFolderError(f"{self.folder} cannot be made a folder of results ({error.strerror})") from error
        if foreign:
            raise RunFolderError(
                f"{self.folder} exists already and holds something else ({foreign[0].name}): name another folder"
            )
        write_aside(self.folder / "format.json", json.dumps({"format": FORMAT}).encode())

    def case(self, case: Case) -> tuple[Value, float] | None:
        """What a case gave and the seconds it took; None if it is not here."""
        stored = _read(self._case_file(case))
        if stored is None or stored.get("settings") != json.loads(json.dumps(case.settings)):
            return None
        value, seconds = stored.get("value"), stored.get("seconds")
        return (value, float(seconds)) if isinstance(value, dict) and isinstance(seconds, int | float) else None

    def keep_case(self, case: Case, value: Value, seconds: float) -> None:
        """Keep what a case gave.

        Raises:
            RunFolderError: it cannot be written.
        """
        self._write(self._case_file(case), {"settings": case.settings, "value": value, "seconds": round(seconds, 3)})

    def item(self, name: str) -> Kept | None:
        """The last outcome of an item; None if it is not here."""
        stored = _read(self._item_file(name))
        try:
            return None if stored is None else Kept(**{**stored, "outcome": Outcome.from_dict(stored["outcome"])})
        except (KeyError, TypeError, ValueError):
            return None

    def items(self, names: Iterable[str]) -> dict[str, Kept]:
        """The last outcomes of those items that have one, by name."""
        found = ((name, self.item(name)) for name in names)
        return {name: kept for name, kept in found if kept is not None}

    def keep_item(self, name: str, outcome: Outcome, quick: bool, seconds: float, command: str = "") -> Kept:
        """Keep the outcome of an item.

        Raises:
            RunFolderError: it cannot be written.
            ValueError: the outcome holds a number that is not finite.
        """
        kept: dict[str, Any] = {
            "outcome": outcome.to_dict(),
            "quick": quick,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "seconds": round(seconds, 1),
            "versions": {
                "liquidtime": __version__,
                "torch": str(torch.__version__),
                "python": platform.python_version(),
            },
            "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
            "command": command,
        }
        self._write(self._item_file(name), kept)
        return Kept(**{**kept, "outcome": outcome})

    def _case_file(self, case: Case) -> Path:
        return self.folder / "cases" / f"{case.key}.json"

    def _item_file(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    @staticmethod
    def _write(path: Path, content: dict[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {"format": FORMAT, **content}
        write_aside(path, json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode())


def _read(path: Path) -> dict[str, Any] | None:
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(stored, dict) or stored.pop("format", None) != FORMAT:
        return None
    return stored
