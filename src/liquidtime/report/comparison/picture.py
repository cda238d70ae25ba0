"""One picture per data set: every mean with its deviation, its seeds, and what was published."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from liquidtime.comparison import MEASURES, Published
from liquidtime.comparison.table import LIQUID, Row, Score, published_of
from liquidtime.paper.engine import Axis
from liquidtime.report.comparison.wording import how, told
from liquidtime.report.drawing import picture
from liquidtime.report.markup import Html, join
from liquidtime.report.paper.legend import Entry, faint, legend
from liquidtime.report.paper.ticks import drawn, span
from liquidtime.report.theme import BLUE, GREY, INK, figure
from liquidtime.report.wording import model_title

LANE, TOP, BOTTOM = 23, 8, 56
"""Pixels of a line of the picture, and around all of them."""
LEFT, CHARACTER, SHIFT = 122, 8, 8
"""Pixels left of the lines, of a character right of them, and before the first."""
GAP, BELOW = 0.4, 0.3
"""What is left free between groups, and how far under a mean its seeds stand, in lanes."""
WIDE = 10
"""Errors that differ by more than this factor stand on a logarithmic axis."""
Lanes = dict[str, float]
"""Where each model stands."""


def pictures(name: str, rows: Sequence[Row]) -> Html:
    """The picture of one data set with its legend.

    Args:
        name: unique on the page.
        rows: of one data set.
    """
    entries = [
        Entry("LTC: mean ± deviation over seeds", BLUE, ["circle"], "solid"),
        Entry("other models", INK, ["circle"], "solid"),
        Entry("a seed", GREY, ["dot"]),
    ]
    if any(_published(row) for row in rows):
        entries.append(Entry("published mean ± deviation", GREY, ["diamond-open"], "solid"))
    return join((legend(entries), picture(name, means(rows))))


def means(rows: Sequence[Row]) -> go.Figure:
    """The picture alone: a line per model, in groups that protocol and recipe make."""
    measure = rows[0].measure
    heads, lanes = _lanes(rows)
    reach = _reach(rows)
    log = not measure.more and min(reach) > 0 and max(reach) > WIDE * min(reach)
    across = span(reach, log)
    bounds = (max(lanes[-1].values()) + 0.7, -0.6)
    title = measure.title if measure.more else f"{measure.title}{', logarithmic' if log else ''} (less is better)"
    names = [(lane, model, row) for mine, row in zip(lanes, rows, strict=True) for model, lane in mine.items()]
    return figure(
        [trace for mine, row in zip(lanes, rows, strict=True) for trace in _traces(row, mine)],
        round(LANE * (bounds[0] - bounds[1])) + TOP + BOTTOM,
        xaxis=drawn(Axis(title, log), across, automargin=False),
        yaxis=drawn(
            Axis(""),
            bounds,
            tickvals=[lane for lane, *_ in names],
            ticktext=[_bold(model_title(model), model == row.best) for _, model, row in names],
            ticks="",
            showgrid=False,
            showline=False,
            automargin=False,
        ),
        annotations=[
            *(
                {**_word(f"<i>{how(row)}</i>", head, 0, "left"), "xshift": 10 - LEFT}
                for head, row in zip(heads, rows, strict=True)
            ),
            *(_value(row, model, lane) for lane, model, row in names),
        ],
        shapes=[_ruler(lane) for lane, *_ in names],
        showlegend=False,
        hovermode="closest",
        margin={"l": LEFT, "r": _right(rows), "t": TOP, "b": BOTTOM},
    )


def _lanes(rows: Sequence[Row]) -> tuple[list[float], list[Lanes]]:
    """Where the heading of each row stands, and where its models do."""
    heads: list[float] = []
    lanes: list[Lanes] = []
    free = 0.0
    for row in rows:
        heads.append(free)
        lanes.append({model: free + 1 + place for place, model in enumerate(row.scores)})
        free += len(lanes[-1]) + 1 + GAP
    return heads, lanes


def _published(row: Row) -> dict[str, Any]:
    """What was published of the models of a row, under the protocol under which it was."""
    values = published_of(row.data) if row.protocol == "paper" else {}
    return {model: value for model, value in values.items() if model in row.scores}


def _reach(rows: Sequence[Row]) -> list[float]:
    """All that has to be on the axis."""
    found = [value for row in rows for score in row.scores.values() for value in score.values.values()]
    ends = [score for row in rows for score in (*row.scores.values(), *_published(row).values())]
    return found + [score.mean + side * score.std for score in ends for side in (-1, 1)]


def _traces(row: Row, lanes: Lanes) -> list[go.Scatter]:
    hollow = {"symbol": "diamond-open", "size": 10, "color": GREY, "line": {"width": 1.6}}
    published = _published(row)
    traces = [_seeds(row, lanes)]
    if published:
        traces.append(_bars(row, published, {model: lanes[model] for model in published}, hollow, 1.2, "published"))
    for liquid, shade in ((False, INK), (True, BLUE)):
        mine = {model: score for model, score in row.scores.items() if (model in LIQUID) == liquid}
        if mine:
            filled = {"symbol": "circle", "size": 8, "color": shade}
            traces.append(_bars(row, mine, {model: lanes[model] for model in mine}, filled, 1.8, "measured"))
    return traces


def _bars(
    row: Row, scores: dict[str, Any], lanes: Lanes, marker: dict[str, Any], width: float, word: str
) -> go.Scatter:
    return go.Scatter(
        x=[score.mean for score in scores.values()],
        y=list(lanes.values()),
        mode="markers",
        marker=marker,
        error_x={
            "type": "data",
            "array": [score.std for score in scores.values()],
            "color": marker["color"],
            "thickness": width,
            "width": 4,
        },
        text=[f"{model_title(model)}: {_told(row, score)}" for model, score in scores.items()],
        hovertemplate=f"%{{text}}<br>{word}, {how(row)}<extra></extra>",
    )


def _seeds(row: Row, lanes: Lanes) -> go.Scatter:
    points = [(model, seed, value) for model, score in row.scores.items() for seed, value in score.values.items()]
    return go.Scatter(
        x=[value for *_, value in points],
        y=[lanes[model] + BELOW for model, *_ in points],
        mode="markers",
        marker={"symbol": "circle", "size": 4, "color": faint(GREY, 0.75)},
        text=[f"{model_title(model)}, seed {seed}" for model, seed, _ in points],
        hovertemplate=f"%{{text}}: %{{x:.{row.measure.digits}f}}<br>{how(row)}<extra></extra>",
    )


def _told(row: Row, score: Score | Published) -> str:
    return told(MEASURES[row.data] if isinstance(score, Published) else row.measure, score)


def _right(rows: Sequence[Row]) -> int:
    """Pixels that the scores need."""
    return SHIFT + CHARACTER * max(len(_told(row, score)) for row in rows for score in row.scores.values()) + 2


def _value(row: Row, model: str, lane: float) -> dict[str, Any]:
    text = _bold(_told(row, row.scores[model]), model == row.best)
    return _word(text, lane, 1, "left") | {"xshift": SHIFT}


def _word(text: str, lane: float, x: float, anchor: str) -> dict[str, Any]:
    place = {"xref": "x domain", "x": x, "yref": "y", "y": lane, "xanchor": anchor, "yanchor": "middle"}
    return {**place, "text": text, "showarrow": False, "align": "left"}


def _ruler(lane: float) -> dict[str, Any]:
    line = {"color": faint(GREY, 0.22), "width": 1}
    return {"type": "line", "xref": "x domain", "x0": 0, "x1": 1, "yref": "y", "y0": lane, "y1": lane} | {
        "layer": "below",
        "line": line,
    }


def _bold(text: str, bold: bool) -> str:
    return f"<b>{text}</b>" if bold else text
