"""What `liquidtime compare` shows: how far the work is, and the table."""

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Self

from liquidtime.cli.counter import Counter
from liquidtime.cli.terminal import Terminal
from liquidtime.comparison import Cell
from liquidtime.comparison.table import Row
from liquidtime.report.comparison import wording
from liquidtime.report.comparison.contests import HEADER, contest_lines
from liquidtime.report.comparison.lines import Line, columns, lines
from liquidtime.report.wording import count, model_title

ACROSS = 4
"""Rows of the table that stand beside each other at most, each in a column."""
SPACE = 2
"""Between two columns."""


class CompareDisplay:
    """Follows a grid.

    Args:
        what: is compared.
        quiet: show nothing.
    """

    def __init__(self, what: str, quiet: bool) -> None:
        self._console = Terminal(quiet)
        self._counter = Counter(self._console, "cell")
        self._what = what
        self._reasons: set[str] = set()

    def __enter__(self) -> Self:
        """The bar appears once the work begins."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        self._counter.stop()

    def on_start(self, done: int, total: int) -> None:
        """Say how much there is to do."""
        self._counter.start(self._what, done, total)

    def on_cell(self, cell: Cell, failure: str | None) -> None:
        """Move the bar, or say which cell is done; a reason for failing is said once."""
        self._counter.step(cell.label, failure, silent=failure in self._reasons)
        if failure is not None:
            self._reasons.add(failure)

    def table(self, rows: Sequence[Row]) -> None:
        """Published beside measured, data set by data set, then the tests and what has to be known."""
        for data, some in groupby(rows, key=lambda row: row.data):
            mine = list(some)
            more = "more" if mine[0].measure.more else "less"
            self._say(f"\n{data}, {mine[0].measure.title} ({more} is better)")
            across = math.ceil(len(mine) / math.ceil(len(mine) / self._room(mine)))
            for first in range(0, len(mine), across):
                self._say("")
                self._data_set(mine[first : first + across])
            self._tests(mine)
        if rows:
            self._say(f"\n* best of a column   {wording.MARK} within one published deviation, or better")
        for where, what in wording.notes(rows):
            self._say(textwrap.fill(f"{where}: {what}", self._console.width))

    def end(self, places: Iterable[Path]) -> None:
        """Where to look."""
        self._say(f"\n→ {', '.join(map(str, places))}")

    def _room(self, rows: Sequence[Row]) -> int:
        """How many rows have room beside each other and what was published, no value broken in two."""
        shown = lines(rows)
        names = max(len(model_title(model)) for model in columns(rows))
        value = max(len(_value(line, model)) for line in shown for model in line.values)
        room = self._console.width - names - SPACE
        return min(max(room // (value + SPACE) - any(line.published for line in shown), 1), ACROSS)

    def _data_set(self, rows: Sequence[Row]) -> None:
        shown = lines(rows)
        heads = [line.how for line in shown if line.published] + [wording.briefly(row) for row in rows]
        body = [[model_title(model), *(_value(line, model) for line in shown)] for model in columns(rows)]
        body.append(["seeds", *(line.seeds for line in shown)])
        body.append(["epochs", *(line.epochs for line in shown)])
        self._console.columns(["", *heads], body, [0, *(1 for _ in heads)])

    def _tests(self, rows: Sequence[Row]) -> None:
        """The paired tests, without the column of the data set."""
        body = [line[1:] for line in contest_lines(rows)]
        if body:
            self._say("")
            self._console.columns(["", *HEADER[2:]], body, [1, 0, 0, 0, 0, 0, 0, 0])

    def _say(self, text: str) -> None:
        self._console.print(text)


def what_is_compared(cells: Sequence[Cell]) -> str:
    """The grid in a few words."""
    models = dict.fromkeys(cell.model for cell in cells)
    sets = dict.fromkeys(cell.data for cell in cells)
    return f"{count(len(models), 'model')} on {', '.join(sets)}"


def failed(failures: Mapping[Cell, str]) -> list[str]:
    """A line per reason."""
    return [f"{cells} failed: {' '.join(reason.split())}" for cells, reason in wording.causes(failures)]


def left_out(cells: Sequence[Cell]) -> list[str]:
    """A line on cells that are not in the table."""
    if not cells:
        return []
    what = f"{cells[0].label}, was" if len(cells) == 1 else f"{count(len(cells), 'cell')}, {cells[0].label} first, were"
    return [
        f"{what} trained by another recipe than now, and left out: delete the folders, or train into another (--out)"
    ]


def _value(line: Line, model: str) -> str:
    value = line.values.get(model)
    if value is None:
        return ""
    text = wording.told(line.measure, value.score).replace(" ", "")
    return f"{text}{'*' if value.best else ''}{wording.MARK if value.matched else ''}"
