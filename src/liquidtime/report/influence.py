"""Section 4: what moves the model, input by input."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from liquidtime.data import Task
from liquidtime.report.drawing import heading, label, picture
from liquidtime.report.markup import Html, section, tag
from liquidtime.report.sensitivity import Sensitivity, Values, sensitivity
from liquidtime.report.theme import BLUE, DIVERGING, SIDE, TIME, axis, figure
from liquidtime.report.wording import count, listed
from liquidtime.training import SequenceModel

INPUTS = 24
NEURONS = 64
TITLE = "4 · What moves the model"


def influence(task: Task, model: SequenceModel, order: NDArray[np.int64]) -> Html:
    """The section.

    Args:
        task: with recordings to measure on.
        model: in eval mode.
        order: neurons, as in the maps of section 3.
    """
    measured = sensitivity(model, task.recordings, task.regression)
    if measured is None:
        return section("influence", TITLE, "The recordings are of one row each: nothing can be moved.")
    strength = measured.output.sum(1)
    inputs = np.argsort(-strength, kind="stable")[:INPUTS]
    neurons = order[np.linspace(0, len(order) - 1, min(len(order), NEURONS)).round().astype(int)]
    names = [task.features[i] for i in inputs]
    said = "the predictions (in deviations)" if task.regression else "the probabilities"
    sentence = (
        f"At {count(measured.rows, 'row')}, spread evenly, each input was moved alone, for one sample, from half a "
        "deviation below its value to half a deviation above, as it deviates in these recordings. The bars say how far "
        f"that moves {said}, the maps what it does to each neuron: orange slows it down or raises its state, blue "
        "speeds it up or lowers it. It is the effect on the same sample; what a lasting change would do can be more."
    )
    parts: list[object] = []
    if strength.any():
        most = [f"{task.features[i]} ({strength[i] / strength.sum():.0%})" for i in inputs[:3]]
        parts.append(tag("p", f"Most of the effect on {said}: {listed(most)}."))
    parts.append(picture("figure-influence", _maps(measured, names, inputs, neurons)))
    notes = []
    if len(inputs) < len(strength):
        notes.append(f"The {len(inputs)} of {len(strength)} inputs with the largest effect are shown.")
    if measured.tau is None:
        notes.append("The time constants of this model do not depend on its inputs.")
    if notes:
        parts.append(tag("p", " ".join(notes), class_="note"))
    return section("influence", TITLE, sentence, *parts)


def _maps(
    measured: Sensitivity, names: Sequence[str], inputs: NDArray[np.int64], neurons: NDArray[np.int64]
) -> go.Figure:
    shown: list[tuple[str, Values, str]] = []
    if measured.tau is not None:
        percent = 100 * np.expm1(measured.tau[np.ix_(inputs, neurons)])
        shown.append(("change of τ<sub>sys</sub> (%)", percent, "τ<sub>sys</sub> %{z:+.2f} %"))
    shown.append(("change of state", measured.state[np.ix_(inputs, neurons)], "state %{z:+.4f}"))
    labels = [label(name, 30) for name in names]
    places = list(range(len(names)))
    tall = max(16 * len(names), 90)
    height = len(shown) * (tall + 70) - 70
    share, gap = tall / height, 70 / height
    traces: list[Any] = []
    layout: dict[str, Any] = {}
    words = []
    for place, (title, values, hover) in enumerate(shown, 1):
        number = "" if place == 1 else str(place)
        top = 1 - (place - 1) * (share + gap)
        bottom = max(top - share, 0.0)
        edge = float(np.abs(values).max()) or 1.0
        traces.append(
            go.Heatmap(
                z=values,
                x=[str(neuron) for neuron in neurons],
                y=places,
                xaxis=f"x{number}",
                yaxis=f"y{number}",
                customdata=np.tile(np.array(list(map(label, names)), object)[:, None], len(neurons)),
                colorscale=DIVERGING,
                zmin=-edge,
                zmax=edge,
                hovertemplate=f"%{{customdata}}, neuron %{{x}}<br>{hover}<extra></extra>",
                colorbar={
                    "x": SIDE[1] + 0.006,
                    "y": (top + bottom) / 2,
                    "len": top - bottom,
                    "thickness": 9,
                    "tickfont": {"size": 10},
                    "outlinewidth": 0,
                },
            )
        )
        rows = {"tickvals": places, "ticktext": labels, "range": [len(names) - 0.5, -0.5], "fixedrange": True}
        layout[f"yaxis{number}"] = axis("", domain=[bottom, top], showgrid=False, tickfont={"size": 10}, **rows)
        columns = {"type": "category", "domain": list(TIME), "anchor": f"y{number}", "showgrid": False}
        layout[f"xaxis{number}"] = axis("neuron", tickfont={"size": 9}, **columns)
        words.append(heading(title, 0, top))
    strength = measured.output[inputs].sum(1)
    traces.append(
        go.Bar(
            x=strength,
            y=places,
            orientation="h",
            xaxis="x9",
            yaxis="y",
            marker={"color": BLUE},
            customdata=list(map(label, names)),
            hovertemplate="%{customdata}: %{x:.3g}<extra></extra>",
        )
    )
    words.append(heading("on predictions", SIDE[0], 1))
    layout["xaxis9"] = axis("", domain=list(SIDE), anchor="y", nticks=4, tickfont={"size": 10}, rangemode="tozero")
    return figure(
        traces,
        height + 102,
        annotations=words,
        margin={"l": 30 + 6 * max(map(len, labels)), "r": 46, "t": 54, "b": 48},
        showlegend=False,
        bargap=0.25,
        **layout,
    )
