"""Lines over a common axis, with bands and reference levels."""

from typing import Any

import plotly.graph_objects as go

from liquidtime.paper.engine import Lines, Series
from liquidtime.report.drawing import label, picture
from liquidtime.report.markup import Html, join
from liquidtime.report.paper.legend import Entry, color, faint, legend, symbol
from liquidtime.report.paper.levels import levels
from liquidtime.report.paper.overlap import covering
from liquidtime.report.paper.ticks import Range, drawn, share, span
from liquidtime.report.theme import figure

HEIGHT, TOP, BOTTOM = 400, 28, 62


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
        for trace in (*_band(one, index, 10 ** (up[0] - 1) if what.y.log else None), _curve(one, index, what, up))
    ]
    shapes, words = levels(what, across, up, HEIGHT - TOP - BOTTOM)
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


def _curve(one: Series, index: int, what: Lines, up: Range) -> go.Scatter:
    wider = covering(what.series, index, lambda y: share(y, up, what.y.log))
    return go.Scatter(
        x=list(one.x),
        y=list(one.y),
        name=label(one.name),
        mode="lines+markers" if _marked(one) else "lines",
        line={"color": color(index), "width": 2 + 2 * wider, "dash": "dash" if one.dashed else "solid"},
        marker={"symbol": symbol(index), "size": 7 + 3 * wider, "color": color(index)},
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


def _marked(one: Series) -> bool:
    return one.markers or sum(y is not None for y in one.y) < 2


def _shapes(one: Series, index: int) -> list[str]:
    band = ["band"] if one.low is not None and one.high is not None else []
    return [*band, *([symbol(index)] if _marked(one) else [])]
