"""Axes whose numbers can be read, logarithmic ones above all."""

import math
from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any

from liquidtime.paper.engine import Axis
from liquidtime.report.drawing import label
from liquidtime.report.theme import axis

Range = tuple[float, float]
"""Both ends of an axis; on a logarithmic one, of the logarithm."""

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MANY = 7
FEW = 3


def span(values: Iterable[float | None], log: bool) -> Range:
    """Where an axis begins and ends, so that all values are on it and none on its edge.

    Args:
        values: what is drawn; None is not.
        log: whether the axis is logarithmic; what is not positive has no place on it.
    """
    shown = [value for value in values if value is not None and math.isfinite(value) and (value > 0 or not log)]
    if log:
        shown = [math.log10(value) for value in shown]
    low, high = (min(shown), max(shown)) if shown else (0.0, 1.0)
    edge = 0.06 * (high - low) or (0.3 if log else 0.06 * abs(high) or 1.0)
    return low - edge, high + edge


def share(value: float | None, ends: Range, log: bool) -> float | None:
    """Where a value stands on an axis, 0 at its beginning and 1 at its end; None if it has no place there.

    Example:
        >>> share(10.0, (0.0, 2.0), log=True), share(0.0, (0.0, 2.0), log=True)
        (0.5, None)
    """
    if value is None or (log and value <= 0):
        return None
    return ((math.log10(value) if log else value) - ends[0]) / (ends[1] - ends[0])


def drawn(described: Axis, ends: Range, wide: int = 46, **settings: Any) -> dict[str, Any]:
    """An axis for Plotly.

    Args:
        described: title, and whether it is logarithmic.
        ends: from `span`.
        wide: letters per line of its title.
        settings: whatever else Plotly knows.
    """
    known: dict[str, Any] = {"range": list(ends), "automargin": True, "zeroline": False, "showline": True}
    if described.log:
        ticks = log_ticks(*ends)
        known |= {"type": "log", "tickmode": "array", "tickvals": ticks, "ticktext": written(ticks)}
    else:
        known |= {"exponentformat": "power", "separatethousands": True}
    return axis(lines(described.title, wide), **(known | settings))


def lines(text: str, wide: int) -> str:
    """Text for a picture, broken into lines."""
    return "<br>".join(label(line, 200) for line in wrap(text, wide))


def log_ticks(low: float, high: float) -> list[float]:
    """Values to mark between two powers of ten: decades where there are some, else 1, 2, 5, else what is round.

    Example:
        >>> log_ticks(-0.2, 3.1), log_ticks(0.2, 1.1)
        ([1.0, 10.0, 100.0, 1000.0], [2.0, 5.0, 10.0])
    """
    first, last = math.ceil(low), math.floor(high)
    if last - first + 1 >= FEW:
        step = math.ceil((last - first + 1) / MANY)
        return [10.0**power for power in range(first + -first % step, last + 1, step)]
    for digits in ((1, 2, 5), tuple(range(1, 10))):
        marks = [float(f"{digit}e{power}") for power in range(first - 1, last + 2) for digit in digits]
        inside = [mark for mark in marks if low <= math.log10(mark) <= high]
        if len(inside) >= FEW:
            return inside
    return round_ticks(10**low, 10**high)


def round_ticks(low: float, high: float) -> list[float]:
    """Two to five round values between two others.

    Example:
        >>> round_ticks(-27.0, 31.0), round_ticks(0.0, 1.0)
        ([-20.0, 0.0, 20.0], [0.0, 0.25, 0.5, 0.75, 1.0])
    """
    rough = (high - low) / 4
    unit: float = 10.0 ** math.floor(math.log10(rough))
    step = next(digit * unit for digit in (1, 2, 2.5, 5, 10) if digit * unit >= rough * (1 - 1e-9))
    return [float(f"{index * step:.12g}") for index in range(math.ceil(low / step), math.floor(high / step) + 1)]


def written(ticks: Sequence[float]) -> list[str]:
    """Values as an axis writes them: in full, or with powers of ten where one of them would be long.

    Example:
        >>> written([0.1, 10.0, 1000.0]), written([1.0, 1000.0, 2e6])
        (['0.1', '10', '1,000'], ['1', '10³', '2·10⁶'])
    """
    if all(1e-3 <= tick < 1e6 for tick in ticks):
        return [f"{tick:,.12g}" for tick in ticks]
    return [f"{tick:g}" if 0.1 <= tick <= 100 else _power(tick) for tick in ticks]


def _power(value: float) -> str:
    digits, power = f"{value:.6e}".split("e")
    digits = digits.rstrip("0").rstrip(".")
    ten = "10" + str(int(power)).translate(SUPERSCRIPT)
    return ten if digits == "1" else f"{digits}·{ten}"
