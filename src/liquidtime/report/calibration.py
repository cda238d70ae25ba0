"""Calibration: are probabilities kept? Part of section 5 where classes are predicted."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from liquidtime.report.drawing import picture
from liquidtime.report.markup import Html, join, tag
from liquidtime.report.replay import Replay
from liquidtime.report.theme import BLUE, GREY, PALE, axis, figure
from liquidtime.report.wording import percent

BINS = 10
LEFT, RIGHT = (0.0, 0.42), (0.56, 1.0)


def calibration(replays: Sequence[Replay]) -> Html:
    """A heading, a sentence with the expected calibration error, and the picture."""
    sure = np.concatenate([one.output.max(1)[one.counts] for one in replays]).astype(np.float64)
    right = np.concatenate([~one.wrong[one.counts] for one in replays])
    confidence, share, counts = reliability(sure, right)
    off = expected_calibration_error(confidence, share, counts)
    lean = "too sure" if sure.mean() > right.mean() else "not sure enough"
    sentence = (
        f"What the model says has a probability of {percent(float(sure.mean()))} on average, and it is right in "
        f"{percent(float(right.mean()))} of the rows: on the whole it is {lean}. The points are groups of rows of "
        "like probability; on the line, probabilities are kept. The expected calibration error, the distance from the "
        f"line weighed by rows (Guo et al. 2017), is {percent(off)}."
    )
    shown = picture("figure-calibration", _figure(confidence, share, counts))
    return join((tag("h3", "Calibration"), tag("p", sentence), shown))


def reliability(
    sure: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    """Mean probability, share that is right, and number of rows of each tenth of the probabilities from 0 to 1.

    Tenths without rows are left out.

    Args:
        sure: probabilities of what is said (R,).
        right: whether it is true (R,).
    """
    bins = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    counts = np.bincount(bins, minlength=BINS)
    held = counts > 0
    confidence = np.bincount(bins, sure, BINS)[held] / counts[held]
    share = np.bincount(bins, right, BINS)[held] / counts[held]
    return confidence, share, counts[held].astype(np.int64)


def expected_calibration_error(
    confidence: NDArray[np.float64], share: NDArray[np.float64], counts: NDArray[np.int64]
) -> float:
    """Σ_b n_b/n |confidence_b − share_b| (Guo et al. 2017)."""
    return float(np.average(np.abs(confidence - share), weights=counts))


def _figure(confidence: NDArray[np.float64], share: NDArray[np.float64], counts: NDArray[np.int64]) -> go.Figure:
    points = go.Scatter(
        x=confidence,
        y=share,
        customdata=counts,
        mode="lines+markers",
        line={"color": BLUE, "width": 1},
        marker={"color": BLUE, "size": 8},
        hovertemplate="says %{x:.1%}, right in %{y:.1%} of %{customdata:,} rows<extra></extra>",
    )
    bars = go.Bar(
        x=confidence,
        y=counts,
        xaxis="x2",
        yaxis="y2",
        width=0.6 / BINS,
        marker={"color": PALE},
        hovertemplate="%{y:,} rows at about %{x:.1%}<extra></extra>",
    )
    line = {"type": "line", "x0": 0, "y0": 0, "x1": 1, "y1": 1, "line": {"color": GREY, "width": 1}}
    shown = {"range": [-0.02, 1.04], "tickformat": ".0%"}
    return figure(
        [points, bars],
        300,
        xaxis=axis("probability of what is said", domain=list(LEFT), **shown),
        yaxis=axis("right", **shown),
        xaxis2=axis("probability of what is said", domain=list(RIGHT), anchor="y2", **shown),
        yaxis2=axis("rows", anchor="x2"),
        shapes=[line],
        showlegend=False,
    )
