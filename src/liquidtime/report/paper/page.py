"""The whole page of the paper: one file that needs no network."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from liquidtime.paper.engine import Item, Kept
from liquidtime.report.document import document
from liquidtime.report.paper.items import item_section, missing_section
from liquidtime.report.paper.overview import header, overview
from liquidtime.report.paper.style import STYLE
from liquidtime.report.paper.wording import TITLE
from liquidtime.training import write_aside


def write(folder: str | Path, kept: Mapping[str, Kept], items: Sequence[Item]) -> Path:
    """Write `report.html` into a folder of results, beside its place first, and return its path.

    Args:
        folder: where the results stand.
        kept: outcomes by the name of their item.
        items: all items, in the order in which they are shown, measured or not.

    Raises:
        RunFolderError: the page cannot be written.

    Example:
        >>> from liquidtime.paper import ITEMS
        >>> from liquidtime.paper.engine import Store
        >>> write("paper", Store("paper").items(ITEMS), list(ITEMS.values()))  # doctest: +SKIP
        PosixPath('paper/report.html')
    """
    path = Path(folder) / "report.html"
    write_aside(path, render(kept, items).encode())
    return path


def render(kept: Mapping[str, Kept], items: Sequence[Item]) -> str:
    """The page as text."""
    sections = (item_section(item, kept[item.name]) if item.name in kept else missing_section(item) for item in items)
    return document(TITLE, [header(kept, items), overview(kept, items), *sections], STYLE)
