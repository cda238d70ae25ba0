"""The lines of the table, for whoever shows it: what was published above what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from liquidtime.comparison import MEASURES, Measure, Published
from liquidtime.comparison.table import Row, Score, matches, published_of
from liquidtime.report.comparison.wording import epochs, how, seeds
from liquidtime.training import MODELS


@dataclass(frozen=True)
class Value:
    """A score in the table.

    Args:
        score: mean and deviation.
        best: whether it is the best of its line.
        matched: whether it is within one published deviation of what was published, or better.
    """

    score: Score | Published
    best: bool
    matched: bool


@dataclass(frozen=True)
class Line:
    """One line.

    Args:
        data: name of the data set.
        measure: how its scores are told.
        how: protocol and recipe, or that it was published.
        values: by model; those that were not run are missing.
        seeds: how many.
        epochs: how many.
        published: whether it is the paper's.
    """

    data: str
    measure: Measure
    how: str
    values: Mapping[str, Value]
    seeds: str
    epochs: str
    published: bool


def lines(rows: Sequence[Row]) -> list[Line]:
    """All lines, data set by data set; what was published stands above."""
    groups = ((data, list(some)) for data, some in groupby(rows, key=lambda row: row.data))
    return [line for data, some in groups for line in (*_published(data), *map(_measured, some))]


def columns(rows: Sequence[Row]) -> list[str]:
    """The models that were run or published, in their order."""
    there = {model for line in lines(rows) for model in line.values}
    return [model for model in MODELS if model in there]


def _published(data: str) -> list[Line]:
    values, measure = published_of(data), MEASURES[data]
    if not values:
        return []
    best = (max if measure.more else min)(values, key=lambda model: values[model].mean)
    told = {model: Value(value, model == best, False) for model, value in values.items()}
    return [Line(data, measure, "as published", told, "5", "200", True)]


def _measured(row: Row) -> Line:
    told = {
        model: Value(score, model == row.best and len(row.scores) > 1, bool(matches(row, model)))
        for model, score in row.scores.items()
    }
    return Line(row.data, row.measure, how(row), told, seeds(row), epochs(row), False)
