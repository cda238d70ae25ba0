"""What `liquidtime paper` shows: the list of items, how far the work is, and what came out."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.progress import TextColumn
from rich.table import Table

from liquidtime.cli.terminal import Terminal
from liquidtime.paper import Item
from liquidtime.paper.engine import Kept
from liquidtime.report.paper.wording import NOT_RUN, measured
from liquidtime.report.wording import duration

LONG = 60
"""Letters of a case's label that are shown while all goes well."""


class PaperDisplay:
    """Follows the computation of items.

    Args:
        names: of the items.
        quiet: show nothing.
    """

    def __init__(self, names: Sequence[str], quiet: bool) -> None:
        self._console = Terminal(quiet)
        self._names = names
        self._done = self._total = 0
        self._bar = self._console.bar(
            TextColumn("{task.completed:.0f}/{task.total:.0f} cases"), last=TextColumn("{task.fields[label]}")
        )
        self._task = self._bar.add_task("paper", total=1.0, label="")

    def __enter__(self) -> Self:
        """The bar appears once the work begins."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        self._bar.stop()

    def on_start(self, done: int, total: int) -> None:
        """Say how much there is to do."""
        self._done, self._total = done, total
        self._say(f"{', '.join(self._names)}: {total:,} {'case' if total == 1 else 'cases'}, {done:,} here already")
        self._bar.update(self._task, completed=done, total=total)
        if done < total:
            self._bar.start()

    def on_case(self, label: str, failure: str | None) -> None:
        """Move the bar, or say which case is done."""
        self._done += 1
        short = label if len(label) <= LONG else f"{label[: LONG - 1]}…"
        self._bar.update(self._task, completed=self._done, label=short)
        if failure is not None:
            self._say(f"failed: {label}: {failure}")
        elif self._bar.disable:
            self._say(f"{self._done:>{len(str(self._total))}}/{self._total}  {short}")

    def on_item(self, name: str, kept: Kept | None, reason: str) -> None:
        """Say at once what came out, where more is to come."""
        if kept is not None and len(self._names) > 1:
            self._say(f"{name}: {kept.outcome.verdict} ({kept.outcome.measured})")

    def items(self, items: Sequence[Item], kept: Mapping[str, Kept]) -> None:
        """All items, one per row."""
        rows = []
        for item in items:
            one = kept.get(item.name)
            last = (NOT_RUN, "") if one is None else (measured(one), str(one.outcome.verdict))
            rows.append([item.name, f"{item.title} ({item.source})", item.published, *last])
        self._table(["item", "what", "published", "last measured", "verdict"], rows, [0, 4, 5, 5, 4])

    def outcomes(self, outcomes: Sequence[tuple[Item, Kept]]) -> None:
        """What came out of items: findings, and what follows in three sentences."""
        for item, kept in outcomes:
            outcome = kept.outcome
            extent = "quick, " if kept.quick else ""
            title = f"{item.name}: {item.title} ({item.source})"
            self._say(f"\n{title} · {extent}{duration(kept.seconds)} of one core\nverdict: {outcome.verdict}\n")
            rows = [[one.what, one.published, one.measured, str(one.verdict)] for one in outcome.findings]
            self._table(["claim", "published", "measured", "verdict"], rows, [5, 3, 4, 3])
            self._say("\n" + textwrap.fill(outcome.summary, self._console.width))

    def end(self, failures: Mapping[str, str], places: Sequence[Path]) -> None:
        """Cases that gave nothing, and where to look."""
        if failures:
            self._say("\ncases that gave nothing:")
        for label, failure in failures.items():
            self._say(f"  {label}: {failure}")
        self._say(f"\n→ {', '.join(map(str, places))}")

    def _say(self, text: str) -> None:
        self._console.print(text)

    def _table(self, header: Sequence[str], rows: Sequence[Sequence[str]], shares: Sequence[int]) -> None:
        """Columns by their shares of the width; 0 stands for as wide as needed."""
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
        for name, share in zip(header, shares, strict=True):
            table.add_column(name, ratio=share or None, no_wrap=not share, overflow="fold")
        for row in rows:
            table.add_row(*row)
        self._console.print(table, soft_wrap=False)
