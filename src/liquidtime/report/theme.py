"""How the pictures look: colours that everyone can tell apart, one grid, one font."""

from typing import Any

import plotly.graph_objects as go

INK, GREY, GRID, PALE = "#1f2933", "#7b8794", "#e4e7eb", "#cbd2d9"
BLUE, ORANGE, VERMILLION = "#0072B2", "#E69F00", "#D55E00"
CLASSES = ("#56B4E9", ORANGE, "#009E73", "#CC79A7", BLUE, VERMILLION, "#F0E442", "#999999")
"""Okabe & Ito (2008)."""
SEQUENTIAL = "Cividis"
DIVERGING = [[0.0, BLUE], [0.25, "#86b9dc"], [0.5, "#f7f7f5"], [0.75, "#eeb98d"], [1.0, VERMILLION]]
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
TIME = (0.0, 0.77)
"""The part of the width that a time axis takes, so that all of them stand below each other."""
SIDE = (0.80, 0.97)
"""The part beside it."""


def class_color(index: int) -> str:
    """The colour of a class, the same in every picture."""
    return CLASSES[index % len(CLASSES)]


def axis(title: str = "", **settings: Any) -> dict[str, Any]:
    """An axis with a title and quiet lines."""
    quiet = {"gridcolor": GRID, "linecolor": PALE, "zerolinecolor": GRID, "ticks": "outside", "tickcolor": PALE}
    return {**quiet, "title": {"text": title, "standoff": 8}, "automargin": False, **settings}


def time_axis(low: float, high: float, **settings: Any) -> dict[str, Any]:
    """The shared axis of time, from low to high in milliseconds since 1970."""
    shown = {"type": "date", "range": [low, high], "domain": list(TIME), "showgrid": False}
    return axis("time", **shown, **settings)


def figure(traces: list[Any], height: int, **layout: Any) -> go.Figure:
    """A picture of this page."""
    base = {
        "height": height,
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "font": {"family": FONT, "size": 12, "color": INK},
        "margin": {"l": 76, "r": 46, "t": 34, "b": 48},
        "hoverlabel": {"font": {"family": FONT, "size": 12}, "align": "left"},
        "dragmode": "zoom",
        "template": None,
    }
    return go.Figure(traces, {**base, **layout})
