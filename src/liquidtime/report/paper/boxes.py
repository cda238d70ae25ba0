"""Distributions in groups, with published values as marks of another kind."""

from typing import Any

import plotly.graph_objects as go

from liquidtime.paper.engine import Axis, Boxes
from liquidtime.report.drawing import label, picture
from liquidtime.report.markup import Html, join
from liquidtime.report.paper.legend import Entry, color, faint, legend
from liquidtime.report.paper.ticks import drawn, lines, span
from liquidtime.report.theme import INK, figure

HEIGHT = 390
FILLED = 0.8
"""The part of a group's width that its boxes fill."""
PUBLISHED = "published value"
Places = dict[tuple[int, str], float]
"""Where the box of a group's number and a series' name stands."""


def boxes(name: str, what: Boxes) -> Html:
    """The picture with its legend."""
    entries = [Entry(series, color(index), ["box"]) for index, series in enumerate(names(what))]
    if any(group.published for group in what.groups):
        entries.append(Entry(PUBLISHED, INK, ["diamond"]))
    return join((legend(entries), picture(name, distributions(what))))


def names(what: Boxes) -> list[str]:
    """The series in order of first appearance."""
    return list(dict.fromkeys(name for group in what.groups for name in (*group.values, *group.published)))


def distributions(what: Boxes) -> go.Figure:
    """The picture alone."""
    every = [value for group in what.groups for values in group.values.values() for value in values]
    up = span((*every, *(value for group in what.groups for value in group.published.values())), what.y.log)
    places, width = _places(what)
    at = list(range(len(what.groups)))
    ticks: dict[str, Any] = {
        "tickmode": "array",
        "tickvals": at,
        "ticktext": [lines(group.name, 18) for group in what.groups],
    }
    return figure(
        [*_boxes(what, places, 0.86 * width), *_published(what, places)],
        HEIGHT,
        xaxis=drawn(Axis(what.x.title), (-0.5, len(at) - 0.5), showgrid=False, **ticks),
        yaxis=drawn(what.y, up, hoverformat=".4g"),
        boxmode="overlay",
        showlegend=False,
        margin={"l": 60, "r": 16, "t": 28, "b": 62},
    )


def _boxes(what: Boxes, places: Places, width: float) -> list[go.Box]:
    return [
        go.Box(
            x=[places[number, series]] * len(group.values[series]),
            y=list(group.values[series]),
            name=f"{label(series)}, {label(group.name)}",
            width=width,
            boxpoints="outliers",
            fillcolor=faint(color(index), 0.35),
            line={"color": color(index), "width": 1.6},
            marker={"color": color(index), "size": 4},
            hoverinfo="y+name",
        )
        for index, series in enumerate(names(what))
        for number, group in enumerate(what.groups)
        if group.values.get(series)
    ]


def _published(what: Boxes, places: Places) -> list[go.Scatter]:
    marks = [
        (places[number, series], value, f"{label(series)}, {label(group.name)}")
        for number, group in enumerate(what.groups)
        for series, value in group.published.items()
    ]
    if not marks:
        return []
    x, y, text = zip(*marks, strict=True)
    mark = {"symbol": "diamond", "size": 11, "color": INK, "line": {"color": "white", "width": 1.5}}
    hover = "%{text}<br>published: %{y:.4g}<extra></extra>"
    return [go.Scatter(x=x, y=y, text=text, mode="markers", marker=mark, hovertemplate=hover)]


def _places(what: Boxes) -> tuple[Places, float]:
    """Where each box stands, and how wide its place is; a group's boxes stand around its tick."""
    present = [
        [name for name in names(what) if name in group.values or name in group.published] for group in what.groups
    ]
    width = FILLED / max([1, *map(len, present)])
    return {
        (number, series): number + (index - (len(mine) - 1) / 2) * width
        for number, mine in enumerate(present)
        for index, series in enumerate(mine)
    }, width
