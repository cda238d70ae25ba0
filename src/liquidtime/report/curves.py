"""Section 2 where numbers are predicted: truth and prediction over time."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from liquidtime.report.drawing import RECORDINGS, label, picture, recordings
from liquidtime.report.markup import Html, section
from liquidtime.report.replay import Replay
from liquidtime.report.targets import Targets
from liquidtime.report.theme import BLUE, INK, SIDE, axis, figure
from liquidtime.report.wording import count, percent
from liquidtime.training import Run, read_intervals

TARGETS = 6
"""How many targets are drawn."""
BAND = "rgba(0, 114, 178, 0.18)"
POINTS = 600_000
"""How many points all curves together may have; more would make the page slow and large."""


def curves(run: Run, replays: Sequence[Replay], seen: bool) -> Html:
    """The section."""
    targets = Targets.of(run, replays)
    chosen = targets.spread(TARGETS)
    drawn = replays[:RECORDINGS]
    walked = "each recording, on parts of which it was trained," if seen else "each test recording"
    sentence = (
        f"The model walks {walked} once from end to end, with its state carried on, as it would on a live stream. The "
        "black curve is the truth, the blue one what the model says, in the target's own units. "
        "Drag to zoom into a time, double-click to return; the pictures of section 3 move along."
    )
    if len(chosen) < len(targets.names):
        sentence += (
            f" {len(chosen)} of {count(len(targets.names), 'target')} are drawn, evenly from the best explained on "
            "top to the worst."
        )
    offsets = None
    if run.config["table"] is not None:
        level, offsets = read_intervals(run.path, run.outputs)
        sentence += (
            f" The pale band held {percent(level, 0)} of the truth in the validation part, and holds as much here if "
            "this is like it."
        )
    every = -(-(2 if offsets is None else 4) * len(chosen) * sum(map(len, drawn)) // POINTS)
    if every > 1:
        sentence += f" The curves show one row in {every}."
    pictures = [
        picture(f"figure-predictions-{index}", lines(one, Targets.of(run, [one]), chosen, every, offsets), timed=True)
        for index, one in enumerate(drawn)
    ]
    return section("predictions", "2 · Predictions against the truth", sentence, recordings(replays, pictures))


def lines(
    replay: Replay,
    targets: Targets,
    chosen: NDArray[np.int64],
    every: int,
    offsets: NDArray[np.float64] | None = None,
) -> go.Figure:
    """One strip per target, all above the same time axis.

    Args:
        replay: the recording.
        targets: its truth and predictions.
        chosen: which targets, from top to bottom.
        every: show every so-manieth row.
        offsets: from a prediction to both ends of its interval (O, 2), in units of the target; None for no band.
    """
    share, gap = 1 / len(chosen), 0.06 if len(chosen) > 1 else 0.0
    corner = {"x": 0, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "showarrow": False}
    traces: list[Any] = []
    words: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    for place, target in enumerate(chosen, 1):
        y = "y" if place == 1 else f"y{place}"
        domain = [1 - place * share + gap / 2, 1 - (place - 1) * share - gap / 2]
        name = label(targets.names[target], 24)
        if offsets is not None:
            traces += _band(replay, targets.said[::every, target], offsets[target], every, y)
        for values, color, who in ((targets.truth, INK, "truth"), (targets.said, BLUE, "model")):
            traces.append(
                go.Scatter(
                    x=replay.starts[::every],
                    y=values[::every, target].astype(np.float32),
                    yaxis=y,
                    mode="lines",
                    name=who,
                    legendgroup=who,
                    showlegend=place == 1,
                    line={"color": color, "width": 1.2},
                    hovertemplate=f"{name}, {replay.clock.hover('x')}: %{{y:.4g}} ({who})<extra></extra>",
                )
            )
        layout[f"yaxis{place if place > 1 else ''}"] = axis(domain=domain, nticks=4)
        words.append({**corner, "y": domain[1], "text": f"<b>{label(targets.names[target])}</b>"})
    return figure(
        traces,
        max(260, 110 * len(chosen) + 80),
        annotations=words,
        xaxis=replay.clock.axis(anchor=y),
        legend={"x": SIDE[0], "y": 1, "xanchor": "left", "itemclick": False},
        **layout,
    )


def _band(
    replay: Replay, said: NDArray[np.float64], offsets: NDArray[np.float64], every: int, y: str
) -> list[go.Scatter]:
    """Two edges, the second filled up to the first."""
    quiet = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False, "yaxis": y}
    fills: tuple[dict[str, Any], ...] = ({}, {"fill": "tonexty", "fillcolor": BAND})
    edges = ((said + offset).astype(np.float32) for offset in offsets)
    starts = replay.starts[::every]
    return [go.Scatter(x=starts, y=edge, **quiet, **fill) for edge, fill in zip(edges, fills, strict=True)]
