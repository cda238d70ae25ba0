"""Trajectories in the plane, side by side."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from liquidtime.paper.engine import Axis, Panel, Planes
from liquidtime.report.drawing import picture
from liquidtime.report.markup import Html, join, tag
from liquidtime.report.paper.ticks import drawn, round_ticks
from liquidtime.report.theme import INK, SEQUENTIAL, figure

HEIGHT = 270
PIECES = 32
"""Pieces of a trajectory, each of one colour."""
LAST = 0.94
"""The scale ends here, where it can still be seen on white."""
PAPER = 690


def planes(name: str, what: Planes) -> Html:
    """A grid of panels under a scale of colours."""
    shades = sample_colorscale(SEQUENTIAL, np.linspace(0, LAST, 9).tolist())
    scale = tag("span", class_="scale", style=f"background:linear-gradient(to right,{','.join(shades)})")
    panels = (
        tag(
            "div",
            tag("p", panel.title, class_="panel-title"),
            picture(f"{name}-{index}", plane(panel, what.x, what.y), printed=PAPER // what.columns, bar=False),
        )
        for index, panel in enumerate(what.panels)
    )
    return join(
        (
            tag("div", tag("span", "● start", scale, "end ○", class_="key"), class_="legend"),
            tag("div", *panels, class_="panels", style=f"--columns:{what.columns}"),
        )
    )


def plane(panel: Panel, x: Axis, y: Axis) -> go.Figure:
    """One trajectory, with the same scale in both directions."""
    points = np.array([panel.x, panel.y], np.float32)
    count = points.shape[1]
    low, high = (points.min(1), points.max(1)) if count else (np.zeros(2), np.ones(2))
    middle, reach = (low + high) / 2, 0.55 * max(*(high - low), 1e-6)
    cuts = np.linspace(0, max(count - 1, 0), min(PIECES, max(count - 1, 1)) + 1).round().astype(int)
    shades = sample_colorscale(SEQUENTIAL, np.linspace(0, LAST, len(cuts) - 1).tolist())
    traces = [
        go.Scatter(
            x=points[0, first : last + 1],
            y=points[1, first : last + 1],
            mode="lines",
            line={"color": shade, "width": 1.8},
            hoverinfo="skip",
        )
        for first, last, shade in zip(cuts, cuts[1:], shades, strict=False)
    ]
    for place, symbol, word in ((0, "circle", "start"), (-1, "circle-open", "end")):
        if count:
            mark = {"symbol": symbol, "size": 8, "color": INK, "line": {"width": 1.5, "color": INK}}
            hover = f"{word}: %{{x:.4g}}, %{{y:.4g}}<extra></extra>"
            x_end, y_end = points[:, [place]]
            traces.append(go.Scatter(x=x_end, y=y_end, mode="markers", marker=mark, hovertemplate=hover))
    ends = [(float(m - reach), float(m + reach)) for m in middle]
    quiet: dict[str, Any] = {"tickmode": "array", "tickangle": 0, "tickfont": {"size": 10}, "title_font": {"size": 11}}
    return figure(
        traces,
        HEIGHT,
        xaxis=drawn(Axis(x.title), ends[0], 30, tickvals=round_ticks(*ends[0]), **quiet),
        yaxis=drawn(Axis(y.title), ends[1], 30, tickvals=round_ticks(*ends[1]), **quiet, scaleanchor="x"),
        showlegend=False,
        margin={"l": 44, "r": 8, "t": 4, "b": 40},
    )
