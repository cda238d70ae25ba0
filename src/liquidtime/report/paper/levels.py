"""Reference levels: dotted lines with their names."""

from typing import Any

from liquidtime.paper.engine import Lines
from liquidtime.report.drawing import label
from liquidtime.report.paper.ticks import Range, share
from liquidtime.report.theme import GREY, INK

LABEL = 14
"""Pixels that a name needs."""
Marks = list[dict[str, Any]]


def levels(what: Lines, across: Range, up: Range, pixels: float) -> tuple[Marks, Marks]:
    """Lines and names, one above the other where they are close, at the end where less is drawn.

    Args:
        what: the picture.
        across: its horizontal range.
        up: its vertical range.
        pixels: its height.
    """
    shapes: Marks = []
    words: Marks = []
    free = float("-inf")
    for name, level in sorted(what.levels.items(), key=lambda pair: pair[1]):
        where = share(level, up, what.y.log)
        if where is None:
            continue
        place = {"xref": "paper", "yref": "y"}
        shapes.append(
            {**place, "type": "line", "x0": 0, "x1": 1, "y0": level, "y1": level, "layer": "below"}
            | {"line": {"color": GREY, "width": 1.5, "dash": "dot"}}
        )
        free = max(where * pixels, free)
        taken = _taken(what, across, up, where, 2 * LABEL / pixels)
        left = taken[0] < taken[1]
        words.append(
            {**place, "x": 0 if left else 1, "y": up[0] + where * (up[1] - up[0]), "yshift": free - where * pixels}
            | {"text": label(name, 60), "xanchor": "left" if left else "right", "yanchor": "bottom"}
            | {"font": {"size": 11, "color": INK}, "borderpad": 0, "bgcolor": "rgba(255,255,255,0.75)"}
            | {"showarrow": False}
        )
        free += LABEL
    return shapes, words


def _taken(what: Lines, across: Range, up: Range, height: float, near: float) -> tuple[int, int]:
    """How many points are near a height in the left and the right third of a picture."""
    counted = [0, 0]
    for one in what.series:
        for x, y in zip(one.x, one.y, strict=True):
            place, where = share(x, across, what.x.log), share(y, up, what.y.log)
            if place is not None and where is not None and abs(where - height) < near and not 1 / 3 < place < 2 / 3:
                counted[place > 0.5] += 1
    return counted[0], counted[1]
