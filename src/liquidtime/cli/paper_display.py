"""What `liquidtime paper` shows: the list of items, how far the work is, and what came out."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from liquidtime.cli.counter import Counter
from liquidtime.cli.terminal import Terminal
from liquidtime.paper import Item
from liquidtime.paper.engine import Kept
from liquidtime.report.paper.wording import NOT_RUN, measured
from liquidtime.report.wording import duration


class PaperDisplay:
    """Follows the computation of items.

    Args:
        names: of the items.
        quiet: show nothing.
    """

    def __init__(self, names: Sequence[str], quiet: bool) -> None:
        self._console = Terminal(quiet)
        self._names = names
        self._counter = Counter(self._console, "case")

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
        self._counter.start(", ".join(self._names), done, total)

    def on_case(self, label: str, failure: str | None) -> None:
        """Move the bar, or say which case is done."""
        self._counter.step(label, failure)

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
        self._console.columns(["item", "what", "published", "last measured", "verdict"], rows, [0, 4, 5, 5, 4])

    def outcomes(self, outcomes: Sequence[tuple[Item, Kept]]) -> None:
        """What came out of items: findings, and what follows in three sentences."""
        for item, kept in outcomes:
            outcome = kept.outcome
            extent = "quick, " if kept.quick else ""
            title = f"{item.name}: {item.title} ({item.source})"
            self._say(f"\n{title} · {extent}{duration(kept.seconds)} of one core\nverdict: {outcome.verdict}\n")
            rows = [[one.what, one.published, one.measured, str(one.verdict)] for one in outcome.findings]
            self._console.columns(["claim", "published", "measured", "verdict"], rows, [5, 3, 4, 3])
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
