"""How far many pieces of work are: a bar on a terminal, one line per finished piece elsewhere."""

from rich.progress import TextColumn

from liquidtime.cli.terminal import Terminal

LONG = 60
"""Letters of a piece's label that are shown beside the bar."""


class Counter:
    """Counts what is done.

    Args:
        console: where to show it.
        one: what a piece is called.
    """

    def __init__(self, console: Terminal, one: str) -> None:
        self._console = console
        self._one = one
        self._done = self._total = 0
        self._bar = console.bar(
            TextColumn(f"{{task.completed:.0f}}/{{task.total:.0f}} {one}s"), last=TextColumn("{task.fields[label]}")
        )
        self._task = self._bar.add_task(one, total=1.0, label="")

    def start(self, what: str, done: int, total: int) -> None:
        """Say how much there is to do, and show the bar if there is something."""
        self._done, self._total = done, total
        self._console.print(f"{what}: {total:,} {self._one}{'' if total == 1 else 's'}, {done:,} here already")
        self._bar.update(self._task, completed=done, total=total)
        if done < total:
            self._bar.start()

    def step(self, label: str, failure: str | None, silent: bool = False) -> None:
        """Move the bar, or say which piece is done; say in any case which failed.

        Args:
            label: what the piece is called.
            failure: why it failed; None if it is done.
            silent: print nothing.
        """
        self._done += 1
        short = label if len(label) <= LONG else f"{label[: LONG - 1]}…"
        self._bar.update(self._task, completed=self._done, label=short)
        if silent:
            return
        if failure is not None:
            self._console.print(f"failed: {label}: {failure}")
        elif self._bar.disable:
            self._console.print(f"{self._done:>{len(str(self._total))}}/{self._total}  {label}")

    def stop(self) -> None:
        """Take the bar away."""
        self._bar.stop()
