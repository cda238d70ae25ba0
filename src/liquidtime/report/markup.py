"""Small pieces of HTML. Text is escaped unless it is marked as HTML already."""

import html
import json
from collections.abc import Iterable, Sequence
from typing import Any


class Html(str):
    """Text that is HTML already."""


def escape(text: object) -> Html:
    """Text as HTML; HTML stays as it is.

    Example:
        >>> escape("a < b"), escape(Html("<b>"))
        ('a &lt; b', '<b>')
    """
    return text if isinstance(text, Html) else Html(html.escape(str(text)))


def join(parts: Iterable[object]) -> Html:
    """Pieces one after the other."""
    return Html("".join(escape(part) for part in parts))


def tag(name: str, *inside: object, **attributes: object) -> Html:
    """An element. `_` in an attribute's name stands for `-`, and one at its end is dropped.

    Example:
        >>> tag("a", "R&D", href="#x", class_="big", data_row=3)
        '<a href="#x" class="big" data-row="3">R&amp;D</a>'
    """
    opening = "".join(f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    return Html(f"<{name}{opening}>{join(inside)}</{name}>")


def data(value: Any, **attributes: object) -> Html:
    """A JSON value for the page's script; no text in it can end the block."""
    content = json.dumps(value, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return tag("script", Html(content), type="application/json", **attributes)


def table(
    header: Sequence[object], rows: Iterable[Sequence[object]], *, labels: bool = False, **attributes: object
) -> Html:
    """A table that scrolls sideways where it is too wide.

    Args:
        header: names of the columns.
        rows: cells.
        labels: whether each cell carries the name of its column, for a style that stacks cells on narrow screens.
        attributes: of the table.
    """
    head = tag("tr", *(tag("th", cell, scope="col") for cell in header))
    named = [{"data_label": name} if labels else {} for name in header]
    body = (tag("tr", *(tag("td", cell, **name) for cell, name in zip(row, named, strict=True))) for row in rows)
    return tag("div", tag("table", tag("thead", head), tag("tbody", *body), **attributes), class_="scroll")


def facts(pairs: Iterable[tuple[object, object]]) -> Html:
    """Names and what belongs to them."""
    return tag("dl", *(join((tag("dt", name), tag("dd", value))) for name, value in pairs))


def section(anchor: str, title: str, sentence: object, *body: object) -> Html:
    """A part of the page, with a sentence that says what to see in it."""
    return tag("section", tag("h2", title), tag("p", sentence, class_="lead"), *body, id=anchor)
