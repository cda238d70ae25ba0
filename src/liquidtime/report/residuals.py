"""Section 5 where numbers are predicted: how far the model is off, and where most."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from liquidtime.report.drawing import RECORDINGS, picture
from liquidtime.report.markup import Html, escape, section, table, tag
from liquidtime.report.replay import Replay
from liquidtime.report.targets import Targets
from liquidtime.report.theme import BLUE, GREY, SEQUENTIAL, axis, figure
from liquidtime.report.wording import count
from liquidtime.training import Run

WORST = 10
APART = 16
"""How many rows lie between two of the worst at least."""
SHOWN_TARGETS = 40
LIMIT = 4.0
"""The pictures reach so many deviations to both sides."""
LEFT, RIGHT = (0.0, 0.42), (0.56, 1.0)


@dataclass(frozen=True)
class Row:
    """A row of a recording.

    Args:
        recording: its place among the recordings.
        index: the row in it.
        joined: the row in all recordings one after another.
        size: its squared error in squared deviations, mean over targets.
    """

    recording: int
    index: int
    joined: int
    size: float


def residuals(run: Run, replays: Sequence[Replay], seen: bool) -> Html:
    """The section."""
    targets = Targets.of(run, replays)
    what = "the recordings, parts of which it was trained on" if seen else "the test recordings"
    sentence = (
        f"Every row of {what}, walked from end to end as in section 2. On the left, truth against prediction in "
        "deviations of each target: a perfect model stays on the line. On the right, how often the model is off by "
        "how much. R² is the share of a target's scatter that the model explains; 0 is what its mean would reach."
    )
    worst = worst_rows(replays, targets)
    parts: list[object] = [picture("figure-residuals", scatter(targets)), each_target(targets)]
    parts.append(tag("h3", "Where it is off most"))
    where = f"The {len(worst)} rows with the largest squared error, at least {APART} rows apart"
    parts.append(
        tag("p", f"{where}, and the target that has most part in it. A click on a time shows it in section 2.")
    )
    parts.append(worst_table(worst, replays, targets))
    return section("errors", "5 · Errors", sentence, *parts)


def scatter(targets: Targets) -> go.Figure:
    """Truth against prediction, and a histogram of residuals, in deviations of each target."""
    middle, scale = targets.truth.mean(0), targets.deviation
    truth, said = ((values - middle) / scale for values in (targets.truth, targets.said))
    edges = np.linspace(-LIMIT, LIMIT, 81)
    centres = (edges[1:] + edges[:-1]) / 2
    counts, _, _ = np.histogram2d(_clipped(said), _clipped(truth), bins=[edges, edges])
    with np.errstate(divide="ignore"):
        shade = np.where(counts > 0, np.log10(counts), np.nan)
    off, _ = np.histogram(_clipped(said - truth), bins=edges)
    heat = go.Heatmap(
        x=centres,
        y=centres,
        z=shade.astype(np.float32),
        customdata=counts.astype(np.float32),
        colorscale=SEQUENTIAL,
        showscale=False,
        hovertemplate="truth %{x:.2f}, model %{y:.2f}: %{customdata} values<extra></extra>",
    )
    bars = go.Bar(
        x=centres,
        y=off,
        xaxis="x2",
        yaxis="y2",
        marker={"color": BLUE},
        hovertemplate="off by %{x:.2f}: %{y} values<extra></extra>",
        showlegend=False,
    )
    span = [-LIMIT, LIMIT]
    line = {"type": "line", "x0": -LIMIT, "y0": -LIMIT, "x1": LIMIT, "y1": LIMIT, "line": {"color": GREY, "width": 1}}
    return figure(
        [heat, bars],
        340,
        bargap=0.0,
        xaxis=axis("truth (deviations)", range=span, domain=list(LEFT)),
        yaxis=axis("model (deviations)", range=span),
        xaxis2=axis("model − truth (deviations)", range=span, domain=list(RIGHT), anchor="y2"),
        yaxis2=axis("values", anchor="x2"),
        shapes=[line],
        showlegend=False,
    )


def each_target(targets: Targets) -> Html:
    """Errors of each target in its own units."""
    off = targets.said - targets.truth
    order = np.argsort(-targets.explained, kind="stable")[:SHOWN_TARGETS]
    squared, absolute, scatter_, explained = (
        np.square(off).mean(0),
        np.abs(off).mean(0),
        targets.truth.std(0),
        targets.explained,
    )
    rows = [
        [targets.names[o], *(f"{values[o]:.4g}" for values in (squared, absolute, scatter_)), f"{explained[o]:.3f}"]
        for o in order
    ]
    header = ["target, in its own units", "squared error", "absolute error", "deviation of the truth", "R²"]
    omitted = len(targets.names) - len(rows)
    note = [tag("p", f"{count(omitted, 'more target')} explained worse.", class_="note")] if omitted else []
    return tag("div", table(header, rows), *note)


def worst_rows(replays: Sequence[Replay], targets: Targets) -> list[Row]:
    """The rows that are off most, far enough from each other."""
    size = np.square((targets.said - targets.truth) / targets.deviation).mean(1)
    begins = np.cumsum([0, *map(len, replays)])
    found: list[Row] = []
    for joined in np.argsort(-size, kind="stable").tolist():
        recording = int(np.searchsorted(begins, joined, side="right")) - 1
        row = Row(recording, joined - int(begins[recording]), joined, float(size[joined]))
        if all(row.recording != other.recording or abs(row.index - other.index) >= APART for other in found):
            found.append(row)
        if len(found) == WORST:
            break
    return found


def worst_table(worst: Sequence[Row], replays: Sequence[Replay], targets: Targets) -> Html:
    """The rows with truth and prediction of the target that is off most."""
    header = ["recording", "when", "squared error (deviations²)", "target", "truth", "model says", "off by"]
    rows = []
    for row in worst:
        one = replays[row.recording]
        off = (targets.said - targets.truth)[row.joined]
        target = int(np.abs(off / targets.deviation).argmax())
        truth, said = targets.truth[row.joined, target], targets.said[row.joined, target]
        numbers = (f"{truth:.4g}", f"{said:.4g}", f"{off[target]:+.4g}")
        rows.append([one.name, _link(row, one), f"{row.size:.3g}", targets.names[target], *numbers])
    return table(header, rows, class_="worst")


def _clipped(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.clip(values.ravel(), -LIMIT, LIMIT)


def _link(row: Row, replay: Replay) -> Html:
    begin = replay.clock.moment(row.index)
    if row.recording >= RECORDINGS:
        return escape(begin)
    ends = {"data_from": f"{replay.starts[row.index]:.15g}", "data_to": f"{replay.ends[row.index]:.15g}"}
    return tag("a", begin, href="#predictions", data_jump=row.recording, **ends)
