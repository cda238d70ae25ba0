"""The paired tests, line by line."""

from collections.abc import Sequence

from liquidtime.comparison.table import Row
from liquidtime.report.comparison.wording import briefly, chance, outcome_of, signed
from liquidtime.report.wording import model_title

HEADER = ("data set", "protocol, recipe", "LTC", "against", "advantage", "95 % interval", "p", "seeds", "verdict")


def contest_lines(rows: Sequence[Row]) -> list[list[str]]:
    """A line per test, under the names of `HEADER`."""
    return [
        [
            f"{row.data}, {row.measure.title}",
            briefly(row),
            model_title(one.liquid),
            model_title(one.rival),
            signed(row.measure, one.advantage),
            f"{signed(row.measure, one.low)} to {signed(row.measure, one.high)}",
            chance(one.p),
            str(one.seeds),
            outcome_of(one),
        ]
        for row in rows
        for one in row.contests
    ]
