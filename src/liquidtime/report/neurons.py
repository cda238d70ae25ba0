"""The picture of section 3: heat maps neuron × time, and each neuron's range inside its bounds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from liquidtime.report.drawing import heading
from liquidtime.report.replay import Replay
from liquidtime.report.theme import BLUE, DIVERGING, INK, PALE, SEQUENTIAL, SIDE, axis, figure

Values = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Panel:
    """One heat map and the ranges beside it.

    Args:
        name: `tau` or `state`.
        title: what the colours and the ranges mean.
        values: (R, H).
        low: the value of the first colour.
        high: the value of the last colour.
        bounds: (lower, upper), each (H,), that the values keep; None if there are none.
    """

    name: str
    title: str
    values: Values
    low: float
    high: float
    bounds: tuple[Values, Values] | None

    @property
    def logarithmic(self) -> bool:
        """Whether colours and ranges count decades."""
        return self.name == "tau"


def neuron_maps(replay: Replay, panels: Sequence[Panel], order: NDArray[np.int64], every: int) -> go.Figure:
    """Heat maps below each other over one time axis, ranges beside them.

    Args:
        replay: the recording.
        panels: from top to bottom.
        order: neurons from top to bottom.
        every: show every so-manieth row in the maps; the ranges are those of all rows.
    """
    names = [str(neuron) for neuron in order]
    tall = min(max(11 * len(order), 200), 420)
    share, gap = 1 / len(panels), 0.17 / len(panels) if len(panels) > 1 else 0.0
    traces: list[Any] = []
    layout: dict[str, Any] = {"xaxis": replay.clock.axis(anchor=_axis("y", len(panels)))}
    words = []
    with_tau = any(panel.name == "tau" for panel in panels)
    for place, panel in enumerate(panels, 1):
        bottom = 1 - place * share + (gap / 2 if place < len(panels) else 0)
        top = 1 - (place - 1) * share - (gap / 2 if place > 1 else 0)
        y, side = _axis("y", place), _axis("x", place + 1)
        traces.append(_heat_map(replay, panel, names, y, every, (bottom, top), with_tau=with_tau))
        traces += _ranges(panel, order, names, y, side)
        neurons = axis("neuron", type="category", categoryorder="array", categoryarray=names)
        neurons |= {
            "domain": [bottom, top],
            "fixedrange": True,
            "tickfont": {"size": 9},
            "showgrid": False,
            "range": [len(order) - 0.5, -0.5],
        }
        neurons |= {"dtick": 1 if tall / len(order) >= 9 else math.ceil(9 * len(order) / tall)}
        layout[f"yaxis{place if place > 1 else ''}"] = neurons
        layout[f"xaxis{place + 1}"] = _side_axis(panel, order, y)
        words.append(heading(panel.title, 0, top))
        words.append(heading("range and bounds" if panel.bounds else "range", SIDE[0], top))
    return figure(
        traces,
        round(len(panels) * (tall + 40) + 90),
        annotations=words,
        margin={"l": 76, "r": 46, "t": 54, "b": 48},
        showlegend=False,
        **layout,
    )


def thin(values: Values, order: NDArray[np.int64], every: int) -> Values:
    """Values (R, H) → those of a map (neurons, columns)."""
    return np.ascontiguousarray(values[::every, order].T)


def ticks(low: float, high: float) -> list[float]:
    """A few round numbers between two positive ones, for a logarithmic axis.

    Example:
        >>> ticks(0.3, 12)
        [0.3, 1.0, 3.0, 10.0]
    """
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7), tuple(1 + tenth / 10 for tenth in range(90))):
        found = [float(f"{step * 10.0**decade:.3g}") for decade in decades for step in steps]
        found = [value for value in found if low <= value <= high]
        if len(found) >= 3:
            return found[:: math.ceil(len(found) / 6)]
    return [low, high]


def _heat_map(
    replay: Replay, panel: Panel, names: list[str], y: str, every: int, domain: tuple[float, float], *, with_tau: bool
) -> go.Heatmap:
    scale: dict[str, Any] = {"colorscale": DIVERGING, "zmin": panel.low, "zmax": panel.high}
    bar: dict[str, Any] = {}
    if panel.logarithmic:
        marks = ticks(panel.low, panel.high)
        scale = {"colorscale": SEQUENTIAL, "zmin": math.log10(panel.low), "zmax": math.log10(panel.high)}
        bar = {"tickvals": [math.log10(mark) for mark in marks], "ticktext": [f"{mark:g}" for mark in marks]}
    tau = "<br>τ<sub>sys</sub> %{customdata[1]:.3g} samples" if with_tau else ""
    hover = "neuron %{y}, " + replay.clock.hover("x") + tau + "<br>state %{customdata[0]:.3f}<extra></extra>"
    return go.Heatmap(
        meta=panel.name,
        x=replay.starts[::every],
        y=names,
        yaxis=y,
        hovertemplate=hover,
        colorbar={
            "x": SIDE[1] + 0.006,
            "y": sum(domain) / 2,
            "len": domain[1] - domain[0],
            "thickness": 9,
            "tickfont": {"size": 10},
            "outlinewidth": 0,
            **bar,
        },
        **scale,
    )


def _ranges(panel: Panel, order: NDArray[np.int64], names: list[str], y: str, side: str) -> list[Any]:
    values = panel.values[:, order]
    low, middle, high = values.min(0), np.median(values, 0), values.max(0)
    traces = []
    if panel.bounds is not None:
        lower, upper = panel.bounds[0][order], panel.bounds[1][order]
        where = _side_range(panel, order)
        ends = np.clip(np.stack([lower, upper]), *where)
        words = [f"bounds {a:.3g} to {b:.3g}" for a, b in zip(lower, upper, strict=True)]
        traces.append(_segments(ends, names, words, y, side, PALE, 7))
    words = [f"observed {a:.3g} to {b:.3g}" for a, b in zip(low, high, strict=True)]
    traces.append(_segments(np.stack([low, high]), names, words, y, side, BLUE, 3))
    dot = {"color": INK, "size": 4}
    hover = "neuron %{y}: median %{x:.3g}<extra></extra>"
    traces.append(go.Scatter(x=middle, y=names, xaxis=side, yaxis=y, mode="markers", marker=dot, hovertemplate=hover))
    return traces


def _segments(
    ends: Values, names: list[str], words: list[str], y: str, side: str, color: str, width: int
) -> go.Scatter:
    """One line per neuron in a single trace."""
    nothing = np.full_like(ends[:1], np.nan)
    return go.Scatter(
        x=np.concatenate([ends, nothing]).T.ravel(),
        y=[name for name in names for _ in range(3)],
        text=[word for word in words for _ in range(3)],
        xaxis=side,
        yaxis=y,
        mode="lines",
        line={"color": color, "width": width},
        connectgaps=False,
        hovertemplate="neuron %{y}: %{text}<extra></extra>",
    )


def _side_range(panel: Panel, order: NDArray[np.int64]) -> tuple[float, float]:
    """The least and the greatest number that the ranges beside a map show."""
    shown = [panel.values[:, order], *(bound[order] for bound in panel.bounds or ())]
    numbers = np.concatenate([part.ravel() for part in shown])
    numbers = numbers[np.isfinite(numbers) & (numbers > 0 if panel.logarithmic else True)]
    low, high = float(numbers.min()), float(numbers.max())
    if panel.logarithmic:
        return low / 1.1, high * 1.1
    pad = 0.04 * (high - low) or 0.1
    return low - pad, high + pad


def _side_axis(panel: Panel, order: NDArray[np.int64], y: str) -> dict[str, Any]:
    low, high = _side_range(panel, order)
    shown = {"domain": list(SIDE), "anchor": y, "fixedrange": True, "tickfont": {"size": 10}}
    if not panel.logarithmic:
        return axis("", range=[low, high], nticks=5, zeroline=True, **shown)
    marks = ticks(low, high)
    return axis("", type="log", range=[math.log10(low), math.log10(high)], **shown) | {
        "tickvals": marks,
        "ticktext": [f"{mark:g}" for mark in marks],
    }


def _axis(letter: str, place: int) -> str:
    return letter if place == 1 else f"{letter}{place}"
