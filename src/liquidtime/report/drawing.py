"""From pictures to the page: each is a JSON block that the page's script draws."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from liquidtime.report.markup import Html, data, escape, join, tag
from liquidtime.report.replay import Replay
from liquidtime.report.wording import count

RECORDINGS = 6
"""How many recordings are drawn, one at a time; the scores concern all of them."""


def picture(
    name: str,
    figure: go.Figure,
    *,
    timed: bool = False,
    printed: int = 700,
    bar: bool = True,
    arrays: Mapping[str, NDArray[np.float32]] | None = None,
) -> Html:
    """A picture with a place to stand in.

    Args:
        name: unique on the page.
        figure: what to draw.
        timed: whether its time axis moves with the others of the same recording.
        printed: its width on paper, in pixels of 1/96 inch.
        bar: whether buttons to zoom and save appear on it.
        arrays: values (rows, columns) that several heat maps share, each named in a trace's `meta`. Where one is
            called `tau`, its map shows the logarithm.
    """
    content = json.loads(figure.to_json()) | {"arrays": {key: _pack(values) for key, values in (arrays or {}).items()}}
    marks: dict[str, object] = {"data_printed": printed}
    marks |= {"data_timed": "yes"} if timed else {}
    marks |= {} if bar else {"data_bar": "no"}
    place = tag("div", id=name, class_="figure", style=f"height:{figure.layout.height}px", **marks)
    return join((place, data(content, data_figure=name)))


def recordings(replays: Sequence[Replay], drawn: Sequence[object]) -> Html:
    """One picture per recording behind a row of buttons that choose among them.

    Args:
        replays: the recordings.
        drawn: what to show for the first of them, one each.
    """
    names = [
        join((tag("strong", one.name), f" {count(len(one), 'row')}, {one.verdict}")) for one in replays[: len(drawn)]
    ]
    buttons = (tag("button", name, type="button", data_choose=index) for index, name in enumerate(names))
    panels = (tag("div", what, class_="recording", data_recording=index) for index, what in enumerate(drawn))
    omitted = len(replays) - len(drawn)
    note = f"{count(omitted, 'more recording')} not drawn." if omitted else ""
    return join((tag("div", *buttons, tag("span", note), class_="choose"), *panels))


def label(text: object, length: int = 40) -> str:
    """Text for a picture, without markup, cut where it is too long."""
    words = str(text)
    return str(escape(words if len(words) <= length else f"{words[: length - 1]}…"))


def heading(text: str, x: float, y: float) -> dict[str, Any]:
    """A few words above a part of a picture, whose corner is at (x, y) in shares of it."""
    place = {"x": x, "y": y, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "yshift": 3}
    return {**place, "text": f"<b>{text}</b>", "showarrow": False, "font": {"size": 12}}


def _pack(values: NDArray[np.float32]) -> dict[str, Any]:
    content = np.ascontiguousarray(values, "<f4").tobytes()
    return {"shape": list(values.shape), "bytes": base64.b64encode(content).decode()}
