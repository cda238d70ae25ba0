"""Legends beside the pictures, not in them: they wrap, print, and hide nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from liquidtime.report.markup import Html, join, tag
from liquidtime.report.theme import BLUE, INK, ORANGE, VERMILLION

COLORS = (BLUE, VERMILLION, "#009E73", "#CC79A7", ORANGE, "#56B4E9", INK, "#999999")
"""Okabe & Ito (2008), those first that stand out on white."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross")
_SHAPES = {
    "circle": '<circle cx="15" cy="7" r="4"/>',
    "square": '<rect x="11.5" y="3.5" width="7" height="7"/>',
    "diamond": '<path d="M15 1.5 20.5 7 15 12.5 9.5 7z"/>',
    "diamond-open": '<path d="M15 1.5 20.5 7 15 12.5 9.5 7z" fill="white" stroke="{color}" stroke-width="1.6"/>',
    "dot": '<circle cx="15" cy="7" r="2"/>',
    "triangle-up": '<path d="M15 2.5 19.5 10.5h-9z"/>',
    "triangle-down": '<path d="M15 11.5 10.5 3.5h9z"/>',
    "cross": '<path d="M13.5 2.5h3v3h3v3h-3v3h-3v-3h-3v-3h3z"/>',
    "box": '<rect x="6" y="3" width="18" height="8" fill-opacity=".35" stroke="{color}" stroke-width="1.5"/>',
    "band": '<rect x="2" y="2" width="26" height="10" fill-opacity=".18"/>',
}


@dataclass(frozen=True)
class Entry:
    """What the legend says of something drawn.

    Args:
        name: what it is.
        color: its colour.
        shapes: its marks: names of symbols, "box", "band".
        line: "", "solid" or "dashed".
    """

    name: str
    color: str
    shapes: Sequence[str] = ()
    line: str = ""


def color(index: int) -> str:
    """The colour of a picture's n-th series."""
    return COLORS[index % len(COLORS)]


def faint(code: str, opacity: float) -> str:
    """A colour that lets what is behind it through.

    Example:
        >>> faint("#0072B2", 0.5)
        'rgba(0,114,178,0.5)'
    """
    red, green, blue = (int(code[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def symbol(index: int) -> str:
    """The mark of a picture's n-th series; with the colour it differs from those of the 23 others before it."""
    return SYMBOLS[(index % len(COLORS) + index // len(COLORS)) % len(SYMBOLS)]


def legend(entries: Sequence[Entry]) -> Html:
    """All entries in a row that wraps."""
    keys = (tag("span", _swatch(entry), entry.name, class_="key") for entry in entries)
    return tag("div", *keys, class_="legend")


def _swatch(entry: Entry) -> Html:
    dash = ' stroke-dasharray="5 3"' if entry.line == "dashed" else ""
    stroke = f'<path d="M1 7h28" stroke="{entry.color}" stroke-width="2"{dash}/>' if entry.line else ""
    shapes = join(Html(_SHAPES[shape].format(color=entry.color)) for shape in entry.shapes)
    return tag(
        "svg", Html(stroke), shapes, width=30, height=14, viewBox="0 0 30 14", fill=entry.color, aria_hidden="true"
    )
