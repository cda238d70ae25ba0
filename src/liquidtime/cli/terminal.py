"""Standard output, for people at a terminal and for pipes."""

import os
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

PIPED = 100
"""Columns of what goes into a pipe."""
PERIOD = 7 * 24 * 3600.0
"""Seconds over which speed is measured: a piece of work may take hours."""


class Terminal(Console):
    """Standard output, which falls silent when nobody reads it any more: the work goes on.

    Args:
        quiet: say nothing.
    """

    def __init__(self, quiet: bool = False) -> None:
        super().__init__(file=sys.stdout, quiet=quiet, soft_wrap=True, highlight=False, markup=False)
        if not self.is_terminal and "COLUMNS" not in os.environ:
            self.width = PIPED

    def on_broken_pipe(self) -> None:
        """Write no more."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def bar(self, *columns: ProgressColumn, last: ProgressColumn) -> Progress:
        """A bar that is there only on a terminal, and goes when it is stopped.

        Args:
            columns: before the bar.
            last: between the bar and the time that is left.
        """
        shown = self.is_terminal and not self.quiet
        parts = (*columns, BarColumn(bar_width=20), last, TimeRemainingColumn(compact=True), TextColumn("left"))
        return Progress(*parts, console=self, transient=True, disable=not shown, speed_estimate_period=PERIOD)

    def columns(self, header: Sequence[str], rows: Sequence[Sequence[str]], shares: Sequence[int]) -> None:
        """Print a table.

        Args:
            header: names of the columns.
            rows: their cells.
            shares: of the width, one per column; 0 stands for as wide as needed.
        """
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=any(shares))
        for name, share in zip(header, shares, strict=True):
            table.add_column(name, ratio=share or None, no_wrap=not share, overflow="fold")
        for row in rows:
            table.add_row(*row)
        self.print(table, soft_wrap=False)
