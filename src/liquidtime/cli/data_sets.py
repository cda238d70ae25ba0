"""`liquidtime data`: what data sets there are, and getting one."""

import sys
from types import TracebackType
from typing import Annotated, Any, Self

import typer

_STATES = {"ships": "in the package", "present": "present", "part": "in part", "absent": "not here"}


def list_sets(
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """Show the published data sets: what they are, how large, under which licence, and whether they are here."""
    from liquidtime.cli.train import print_json
    from liquidtime.data import SOURCES, data_folder

    if as_json:
        print_json({"folder": str(data_folder()), "data": [_facts(name) for name in SOURCES]})
        return
    rows = [_facts(name) for name in SOURCES]
    lines = [f"Looked for in {data_folder()} (set LIQUIDTIME_DATA to another folder).", ""]
    for row in rows:
        sums = "" if row["checked"] else "; checksum unknown"
        here = f"{_STATES[row['state']]}{': ' + row['part'] if row['state'] == 'part' else ''}"
        lines.append(f"{row['name']:10} {here}")
        lines.append(f"{'':10} {row['title']}, {row['size']}, {row['licence']}{sums}")
        lines.append(f"{'':10} {row['citation']}")
    lines += ["", "Get one with `liquidtime data get NAME`."]
    sys.stdout.write("\n".join(lines) + "\n")


def get(
    name: Annotated[str, typer.Argument(help="A data set by name; `liquidtime data list` has them.")],
    again: Annotated[bool, typer.Option("--again", help="Download it even if its files are here.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was got as JSON.")] = False,
) -> None:
    """Download a data set once, check it, and keep it where `train` looks for it."""
    from liquidtime.cli.train import print_json
    from liquidtime.data import SOURCES, data_folder, lookup
    from liquidtime.data.download import damaged, fetch

    source = lookup("data set", name, SOURCES)
    folder = data_folder() / name
    here = source.state == "present" and not again
    wrong = damaged(source) if here else []
    files: dict[str, str] = {}
    if here and not wrong:
        _say(f"{name} is here already: {folder}", as_json)
    else:
        for file in wrong:
            _say(f"{folder / file} is not the published file: getting it anew", as_json)
        with Bar(name, quiet=as_json) as bar:
            files = fetch(source, bar)
        unchecked = [file for file, published in source.files.items() if published is None]
        _say(f"{name}: {len(files)} files in {folder}, {len(files) - len(unchecked)} of them checked", as_json)
        for file in unchecked:
            _say(f"{file} is unchecked: no SHA-256 was published. It has {files[file]}", as_json)
    if as_json:
        print_json({"name": name, "folder": str(folder), "files": files})


class Bar:
    """A bar on a terminal that pooch drives; elsewhere nothing."""

    def __init__(self, name: str, quiet: bool) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        console = Console(file=sys.stderr, quiet=quiet)
        columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), DownloadColumn(), TransferSpeedColumn())
        self._bar = Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal)
        self._task = self._bar.add_task(name, total=None)

    def __enter__(self) -> Self:
        """Show it."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take it away."""
        self._bar.stop()

    @property
    def total(self) -> float | None:
        """Bytes of the download at hand; None where the server does not say."""
        return self._bar.tasks[0].total

    @total.setter
    def total(self, value: float | None) -> None:
        self._bar.update(self._task, total=value or None)

    def update(self, amount: float) -> None:
        """So many bytes more."""
        self._bar.advance(self._task, amount)

    def reset(self) -> None:
        """Back to the start."""
        self._bar.update(self._task, completed=0)

    def close(self) -> None:
        """The next download begins at the start."""
        self.reset()


def _say(text: str, silent: bool) -> None:
    if not silent:
        sys.stdout.write(f"{text}\n")


def _facts(name: str) -> dict[str, Any]:
    from liquidtime.data import SOURCES

    source = SOURCES[name]
    size = "size unknown" if source.size is None else f"{source.size / 1e6:.1f} MB"
    kept = ("name", "title", "licence", "citation", "state", "checked")
    return {key: getattr(source, key) for key in kept} | {
        "size": size,
        "part": ", ".join(dict.fromkeys(source.parts.values())),
    }
