"""Pictures as data: what is drawn, not how it looks."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Axis:
    """An axis.

    Args:
        title: quantity and unit.
        log: whether it is logarithmic.
    """

    title: str
    log: bool = False


@dataclass(frozen=True)
class Series:
    """A line.

    Args:
        name: what the legend calls it.
        x: where; None where there is a gap.
        y: how much.
        low: lower edge of a band around it, or nothing.
        high: its upper edge.
        dashed: whether the line is dashed.
        markers: whether the points are marked.
    """

    name: str
    x: Sequence[float | None]
    y: Sequence[float | None]
    low: Sequence[float | None] | None = None
    high: Sequence[float | None] | None = None
    dashed: bool = False
    markers: bool = True

    def __post_init__(self) -> None:
        _check_lengths(f"line {self.name!r}", x=self.x, y=self.y, low=self.low, high=self.high)


@dataclass(frozen=True)
class Picture:
    """What all pictures have.

    Args:
        title: what it shows.
        caption: what to see in it, in a sentence.
    """

    title: str
    caption: str

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"kind": type(self).__name__, **asdict(self)}

    @classmethod
    def restore(cls, stored: dict[str, Any]) -> Self:
        """From the fields in JSON."""
        return cls(**stored)


@dataclass(frozen=True)
class Lines(Picture):
    """Lines over a common axis.

    Args:
        x: the horizontal axis.
        y: the vertical axis.
        series: the lines.
        levels: horizontal reference lines by name.
    """

    x: Axis
    y: Axis
    series: Sequence[Series]
    levels: dict[str, float]

    @classmethod
    def restore(cls, stored: dict[str, Any]) -> Self:
        """From the fields in JSON."""
        series = [Series(**one) for one in stored["series"]]
        return cls(**{**stored, "x": Axis(**stored["x"]), "y": Axis(**stored["y"]), "series": series})


@dataclass(frozen=True)
class Group:
    """Distributions that stand together.

    Args:
        name: below them on the axis.
        values: by name, such as a model; the same names in each group get the same colour.
        published: a mark by the same names.
    """

    name: str
    values: dict[str, Sequence[float]]
    published: dict[str, float]


@dataclass(frozen=True)
class Boxes(Picture):
    """Box plots: quartiles, whiskers to the farthest value within 1.5 interquartile ranges, the rest as dots.

    Args:
        x: what the groups are.
        y: the quantity.
        groups: from left to right.
    """

    x: Axis
    y: Axis
    groups: Sequence[Group]

    @classmethod
    def restore(cls, stored: dict[str, Any]) -> Self:
        """From the fields in JSON."""
        groups = [Group(**one) for one in stored["groups"]]
        return cls(**{**stored, "x": Axis(**stored["x"]), "y": Axis(**stored["y"]), "groups": groups})


@dataclass(frozen=True)
class Panel:
    """A trajectory in the plane.

    Args:
        title: above it.
        x: first coordinate of its points.
        y: second coordinate.
    """

    title: str
    x: Sequence[float]
    y: Sequence[float]

    def __post_init__(self) -> None:
        _check_lengths(f"panel {self.title!r}", x=self.x, y=self.y)


@dataclass(frozen=True)
class Planes(Picture):
    """Trajectories in the plane, each in a panel of its own with equal axes, coloured from start to end.

    Args:
        x: what the first coordinate is.
        y: what the second coordinate is.
        columns: panels per row.
        panels: row after row.
    """

    x: Axis
    y: Axis
    columns: int
    panels: Sequence[Panel]

    @classmethod
    def restore(cls, stored: dict[str, Any]) -> Self:
        """From the fields in JSON."""
        panels = [Panel(**one) for one in stored["panels"]]
        return cls(**{**stored, "x": Axis(**stored["x"]), "y": Axis(**stored["y"]), "panels": panels})


def _check_lengths(what: str, **columns: Sequence[float | None] | None) -> None:
    lengths = {name: len(values) for name, values in columns.items() if values is not None}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"{what} has columns of different lengths: {lengths}")


_KINDS: dict[str, type[Picture]] = {kind.__name__: kind for kind in (Lines, Boxes, Planes)}


def picture_from_dict(stored: dict[str, Any]) -> Picture:
    """What `to_dict` gave.

    Raises:
        KeyError: there is no such kind of picture, or a field is missing.
        TypeError: a field is unknown.
    """
    fields = {name: value for name, value in stored.items() if name != "kind"}
    return _KINDS[stored["kind"]].restore(fields)
