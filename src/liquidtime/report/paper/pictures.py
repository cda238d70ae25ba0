"""From a described picture to a drawn one, with title and caption."""

import math
from collections.abc import Callable
from typing import Any

from liquidtime.paper.engine import Boxes, Lines, Picture, Planes
from liquidtime.report.markup import Html, tag
from liquidtime.report.paper.boxes import boxes
from liquidtime.report.paper.lines import lines
from liquidtime.report.paper.planes import planes
from liquidtime.report.wording import count

DRAWN: dict[type[Picture], Callable[[str, Any], Html]] = {Lines: lines, Boxes: boxes, Planes: planes}
"""How each kind of picture is drawn."""


def drawn(name: str, picture: Picture) -> Html:
    """A picture under its title, over its caption.

    Args:
        name: unique on the page.
        picture: what to draw.
    """
    lost = _unseen(picture)
    left_out = f" {count(lost, 'value')} not above zero, which a logarithmic axis cannot show." if lost else ""
    return tag(
        "figure",
        tag("h3", picture.title),
        DRAWN[type(picture)](name, picture),
        tag("figcaption", picture.caption, left_out),
    )


def _unseen(picture: Picture) -> int:
    """How many values have no place on a logarithmic axis."""
    values: list[float | None] = []
    if isinstance(picture, Lines):
        values += [x for one in picture.series for x in one.x] if picture.x.log else []
        values += [y for one in picture.series for y in one.y] if picture.y.log else []
        values += list(picture.levels.values()) if picture.y.log else []
    elif isinstance(picture, Boxes) and picture.y.log:
        values += [value for group in picture.groups for some in group.values.values() for value in some]
        values += [value for group in picture.groups for value in group.published.values()]
    return sum(value is not None and math.isfinite(value) and value <= 0 for value in values)
