"""Lines that lie on each other: those below are drawn wider, so that all can be seen."""

from collections.abc import Callable, Sequence

from liquidtime.paper.engine import Series

SHARE, NEAR, MOST = 0.6, 0.01, 3


def covering(series: Sequence[Series], index: int, height: Callable[[float], float | None]) -> int:
    """How many later lines lie on a line over much of its course, three at most.

    Args:
        series: the lines in the order in which they are drawn.
        index: of the line.
        height: where on the picture a value stands, 0 at the lower edge and 1 at the upper; None if nowhere.
    """
    mine = _course(series[index], height)
    later = (_course(one, height) for one in series[index + 1 :])
    return min(MOST, sum(_on(one, mine) for one in later))


def _course(one: Series, height: Callable[[float], float | None]) -> dict[float, float]:
    pairs = ((x, height(y)) for x, y in zip(one.x, one.y, strict=True) if x is not None and y is not None)
    return {x: where for x, where in pairs if where is not None}


def _on(upper: dict[float, float], lower: dict[float, float]) -> bool:
    shared = sum(x in upper and abs(upper[x] - where) < NEAR for x, where in lower.items())
    return shared > SHARE * len(lower)
