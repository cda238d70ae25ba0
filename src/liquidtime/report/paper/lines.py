"""Lines over a common axis, with bands and reference levels."""

import math
from typing import Any

import plotly.graph_objects as go

from liquidtime.paper.engine import Lines, Series
from liquidtime.report.drawing import label, picture
from liquidtime.report.markup import Html, join
from liquidtime.report.paper.legend import Entry, color, faint, legend, symbol
from liquidtime.report.paper.ticks import Range, drawn, span
from liquidtime.report.theme import GREY, INK, figure

HEIGHT, TOP, BOTTOM = 400, 28, 62
LABEL = 14
"""Pixels that a level's name needs."""


def lines(name: str, what: Lines) -> Html:
    """The picture with its legend."""
    entries = [
        Entry(one.name, color(index), _shapes(one, index), "dashed" if one.dashed else "solid")
        for index, one in enumerate(what.series)
    ]
    return join((legend(entries), picture(name, curves(what))))


def curves(what: Lines) -> go.Figure:
    """The picture alone."""
    across = span((x for one in what.series for x in one.x), what.x.log)
    heights = (y for one in what.series for y in (*one.y, *(one.low or ()), *(one.high or ())))
    up = span((*heights, *what.levels.values()), what.y.log)
    traces = [
        trace
        for index, one in enumerate(what.series)
        for trace in (*_band(one, index, 10 ** (up[0] - 1) if what.y.log else None), _curve(one, index, what))
    ]
    shapes, words = _levels(what, across, up)
    return figure(
        traces,
        HEIGHT,
        xaxis=drawn(what.x, across),
        yaxis=drawn(what.y, up),
        showlegend=False,
        hovermode="closest",
        margin={"l": 60, "r": 16, "t": TOP, "b": BOTTOM},
        shapes=shapes,
        annotations=words,
    )


def _curve(one: Series, index: int, what: Lines) -> go.Scatter:
    return go.Scatter(
        x=list(one.x),
        y=list(one.y),
        name=label(one.name),
        mode="lines+markers" if _marked(one) else "lines",
        line={"color": color(index), "width": 2, "dash": "dash" if one.dashed else "solid"},
        marker={"symbol": symbol(index), "size": 7, "color": color(index)},
        hovertemplate=f"{label(one.name)}<br>{label(what.x.title)}: %{{x:.4g}}<br>"
        f"{label(what.y.title)}: %{{y:.4g}}<extra></extra>",
    )


def _band(one: Series, index: int, floor: float | None) -> list[go.Scatter]:
    if one.low is None or one.high is None:
        return []
    # Below zero there is nothing on a logarithmic axis: the band ends under the picture's lower edge.
    low = [value if floor is None or value is None else max(value, floor) for value in one.low]
    edge: dict[str, Any] = {"x": list(one.x), "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    filled = {"fill": "tonexty", "fillcolor": faint(color(index), 0.18)}
    return [go.Scatter(**edge, y=low), go.Scatter(**edge, **filled, y=list(one.high))]


def _levels(what: Lines, across: Range, up: Range) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Dotted lines and their names, one above the other where they are close, at the end where less is drawn."""
    shapes: list[dict[str, Any]] = []
    words: list[dict[str, Any]] = []
    pixels = (HEIGHT - TOP - BOTTOM) / (up[1] - up[0])
    free = float("-inf")
    for name, level in sorted(what.levels.items(), key=lambda pair: pair[1]):
        if what.y.log and level <= 0:
            continue
        place = {"xref": "paper", "yref": "y"}
        shapes.append(
            {**place, "type": "line", "x0": 0, "x1": 1, "y0": level, "y1": level, "layer": "below"}
            | {"line": {"color": GREY, "width": 1.5, "dash": "dot"}}
        )
        height = math.log10(level) if what.y.log else level
        where = (height - up[0]) * pixels
        free = max(where, free)
        taken = _taken(what, across, height, 2 * LABEL / pixels)
        left = taken[0] < taken[1]
        words.append(
            {**place, "x": 0 if left else 1, "y": height, "yshift": free - where, "text": label(name, 60)}
            | {"xanchor": "left" if left else "right", "yanchor": "bottom", "showarrow": False}
            | {"font": {"size": 11, "color": INK}, "borderpad": 0, "bgcolor": "rgba(255,255,255,0.75)"}
        )
        free += LABEL
    return shapes, words


def _taken(what: Lines, across: Range, height: float, near: float) -> tuple[int, int]:
    """How many points are near a height in the left and the right third of a picture."""
    counted = [0, 0]
    for one in what.series:
        for x, y in zip(one.x, one.y, strict=True):
            if x is None or y is None or (what.x.log and x <= 0) or (what.y.log and y <= 0):
                continue
            share = ((math.log10(x) if what.x.log else x) - across[0]) / (across[1] - across[0])
            if abs((math.log10(y) if what.y.log else y) - height) < near and not 1 / 3 < share < 2 / 3:
                counted[share > 0.5] += 1
    return counted[0], counted[1]


def _marked(one: Series) -> bool:
    return one.markers or sum(y is not None for y in one.y) < 2


def _shapes(one: Series, index: int) -> list[str]:
    band = ["band"] if one.low is not None and one.high is not None else []
    return [*band, *([symbol(index)] if _marked(one) else [])]
