"""Section 2: what the model said over the test recordings, against the truth."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from liquidtime.report.drawing import RECORDINGS, label, picture, recordings
from liquidtime.report.markup import Html, section
from liquidtime.report.replay import Replay
from liquidtime.report.stretches import runs
from liquidtime.report.theme import BLUE, GREY, INK, SIDE, axis, class_color, figure

BANDS = ("truth", "model", "mistakes")


def predictions(replays: Sequence[Replay], classes: Sequence[str], seen: bool = False) -> Html:
    """The section."""
    curve = f"that it gave to “{classes[1]}”" if len(classes) == 2 else "that it gave to the true class"
    walked = "each recording, on parts of which it was trained," if seen else "each test recording"
    sentence = (
        f"The model walks {walked} once from end to end, with its state carried on, as it would on a live stream. "
        "The upper band is the truth, the middle one what the model says; where they differ, the lowest band "
        f"is black (each mistake at least a pixel wide). The curve is the probability {curve}. "
        f"{'Only the label of the last row counts. ' if replays[0].last else ''}"
        "Drag to zoom into a time, double-click to return; the pictures of section 3 move along."
    )
    drawn = [
        picture(f"figure-predictions-{index}", bands(one, classes), timed=True)
        for index, one in enumerate(replays[:RECORDINGS])
    ]
    return section("predictions", "2 · Predictions against the truth", sentence, recordings(replays, drawn))


def bands(replay: Replay, classes: Sequence[str]) -> go.Figure:
    """Bands of classes above a curve of probability."""
    traces = [
        *_class_bars(replay, replay.truth, BANDS[0], classes, legend=True),
        *_class_bars(replay, replay.predicted, BANDS[1], classes, legend=False),
    ]
    wrong = [pair for pair in runs(replay.wrong) if replay.wrong[pair[0]]]
    traces.append(_bars(replay, wrong, BANDS[2], "mistake", color=INK, line=1.0, showlegend=False))
    binary = len(classes) == 2
    share = replay.output[:, 1] if binary else replay.output[np.arange(len(replay)), replay.truth]
    traces.append(
        go.Scatter(
            x=replay.starts,
            y=share,
            yaxis="y2",
            mode="lines",
            line={"color": BLUE, "width": 1.2, "shape": "hv"},
            hovertemplate=replay.clock.hover("x") + ": %{y:.3f}<extra></extra>",
            showlegend=False,
        )
    )
    half = {"xref": "x domain", "yref": "y2", "x0": 0, "x1": 1, "y0": 0.5, "y1": 0.5}
    of = label(classes[1], 20) if binary else "truth"
    return figure(
        traces,
        330,
        barmode="overlay",
        bargap=0.12,
        xaxis=replay.clock.axis(anchor="y2"),
        yaxis=axis(type="category", categoryarray=list(BANDS), autorange="reversed", domain=[0.57, 1], fixedrange=True)
        | {"ticks": "", "showgrid": False},
        yaxis2=axis(f"P({of})", range=[-0.02, 1.02], domain=[0, 0.5], fixedrange=True, dtick=0.5),
        shapes=[{**half, "line": {"color": GREY, "dash": "dot", "width": 1}}] if binary else [],
        legend={"x": SIDE[0], "y": 1, "xanchor": "left", "title": {"text": "class"}, "itemclick": False},
    )


def _class_bars(
    replay: Replay, labels: NDArray[np.int64], band: str, classes: Sequence[str], *, legend: bool
) -> list[Any]:
    pieces = runs(labels)
    return [
        _bars(
            replay,
            [(first, last) for first, last in pieces if labels[first] == index],
            band,
            label(name),
            color=class_color(index),
            line=0.0,
            showlegend=legend,
            legendgroup=str(index),
        )
        for index, name in enumerate(classes)
    ]


def _bars(
    replay: Replay, pieces: Sequence[tuple[int, int]], band: str, name: str, *, color: str, line: float, **more: Any
) -> Any:
    """Bars from the start of each piece's first row to the end of its last."""
    first = np.array([piece[0] for piece in pieces], dtype=np.int64)
    last = np.array([piece[1] for piece in pieces], dtype=np.int64)
    start, end = replay.starts[first], replay.ends[last]
    return go.Bar(
        orientation="h",
        base=start,
        x=end - start,
        y=[band] * len(pieces),
        name=name,
        customdata=last - first + 1,
        marker={"color": color, "line": {"color": color, "width": line}},
        hovertemplate=f"{replay.clock.hover('base')} → {replay.clock.hover('x')}, %{{customdata}} rows",
        **more,
    )
