"""From the scores of cells to the table: means, deviations, and tests between the LTC and its rivals."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from liquidtime.comparison.cell import KINDS
from liquidtime.comparison.outcome import CellOutcome
from liquidtime.comparison.published import MEASURES, PUBLISHED, Measure, Published
from liquidtime.training import MODELS

LIQUID = ("ltc", "conductance-ltc")
PROTOCOLS = ("paper", "clean")
ROUNDING = 1e-9
"""Differences below this share of a score count as none."""
COLUMNS = (
    *("data", "protocol", "recipe", "epochs_given", "model", "measure", "epochs", "mean", "std"),
    *("published_mean", "published_std", "seeds", "scores", "log_timespans", "variant"),
)
"""Of the table as CSV."""
_Key = tuple[str, str, str, int | None, str]


@dataclass(frozen=True)
class Score:
    """The test scores of one model over seeds.

    Args:
        values: in the published unit, by seed.
    """

    values: dict[int, float]

    @property
    def mean(self) -> float:
        """Over the seeds."""
        return float(np.mean(list(self.values.values())))

    @property
    def std(self) -> float:
        """Over the seeds, the root of the mean squared deviation."""
        return float(np.std(list(self.values.values())))


@dataclass(frozen=True)
class Difference:
    """Two sets of scores, paired by seed (Student's t-test).

    Args:
        advantage: mean over seeds of how much better the first is, in the published unit; negative if it is worse.
        low: of its 95 % interval.
        high: of it.
        p: probability of such a difference, or a larger one, between equals; two-sided.
        seeds: pairs.
    """

    advantage: float
    low: float
    high: float
    p: float
    seeds: int


@dataclass(frozen=True)
class Contest(Difference):
    """How much better an LTC is than the best of the other models.

    Args:
        liquid: the LTC.
        rival: the other model with the best mean.
    """

    liquid: str
    rival: str


@dataclass(frozen=True)
class Row:
    """One data set under one protocol, by one kind of recipe.

    Args:
        data: name of the data set.
        protocol: `paper` or `clean`.
        kind: of the recipe, one of `KINDS`.
        limit: epochs that were asked for in place of the recipe's; None for the recipe's.
        epochs: passes over the training windows, by model.
        scores: by model.
        contests: one per form of the LTC that has a rival on the same seeds.
        variant: what of the data set was there, where it was not all of it; empty for all of it.
        log_timespans: models that had log Δt as an input.
    """

    data: str
    protocol: str
    kind: str
    limit: int | None
    epochs: dict[str, int]
    scores: dict[str, Score]
    contests: tuple[Contest, ...]
    variant: str
    log_timespans: tuple[str, ...]

    @property
    def measure(self) -> Measure:
        """How the scores are told: in as many digits as published, and where that says nothing, in more.

        The least mean has two significant digits at least.
        """
        measure = MEASURES[self.data]
        least = min((score.mean for score in self.scores.values() if score.mean > 0), default=1.0)
        return replace(measure, digits=max(measure.digits, 1 - math.floor(math.log10(least))))

    @property
    def best(self) -> str:
        """The model with the best mean."""
        return _best(self.measure, self.scores)

    @property
    def published(self) -> dict[str, Published]:
        """What the paper says of its models, by our names; nothing where the test is another one than the paper's.

        The protocol `clean` has other test windows, and other units where it scales targets; so has part of a data set.
        """
        return published_of(self.data) if self.protocol == "paper" and not self.variant else {}


def published_of(data: str) -> dict[str, Published]:
    """What the paper says of a data set, by our names of its models."""
    return {model: value for (name, model), value in PUBLISHED.items() if name == data}


def table(outcomes: Iterable[CellOutcome]) -> list[Row]:
    """The rows that cells make, in the order of data sets, protocols, kinds of recipes and epochs.

    Cells that saw part of a data set stand in a row of their own.
    """
    groups: dict[_Key, list[CellOutcome]] = {}
    for outcome in outcomes:
        cell = outcome.cell
        key = (cell.data, cell.protocol, cell.kind, cell.epochs, outcome.variant)
        groups.setdefault(key, []).append(outcome)
    names, kinds = list(MEASURES), list(KINDS)

    def order(key: _Key) -> tuple[int, int, int, int, str]:
        data, protocol, kind, limit, variant = key
        return names.index(data), PROTOCOLS.index(protocol), kinds.index(kind), limit or 0, variant

    return [_row(key, groups[key]) for key in sorted(groups, key=order)]


def matches(row: Row, model: str) -> bool | None:
    """Whether a mean is within one published deviation of the published one, or better; None without one."""
    published = row.published.get(model)
    if published is None or model not in row.scores:
        return None
    mean = row.scores[model].mean
    return abs(mean - published.mean) <= published.std or row.measure.better(mean, published.mean)


def beats_paper(row: Row, model: str) -> bool | None:
    """Whether a mean is better than every column of the paper; None if it says nothing of it."""
    published = row.published.values()
    if not published or model not in row.scores:
        return None
    return all(row.measure.better(row.scores[model].mean, one.mean) for one in published)


def contest(measure: Measure, scores: dict[str, Score], liquid: str) -> Contest | None:
    """An LTC against the best other model, on the seeds that both have; None without one that has two of its seeds."""
    seeds = scores[liquid].values.keys() if liquid in scores else frozenset[int]()
    others = {model: score.values for model, score in scores.items() if model not in LIQUID}
    common = {model: {seed: values[seed] for seed in values if seed in seeds} for model, values in others.items()}
    rivals = {model: Score(values) for model, values in common.items() if len(values) > 1}
    if not rivals:
        return None
    rival = _best(measure, rivals)
    difference = paired(measure, scores[liquid], rivals[rival])
    return None if difference is None else Contest(**vars(difference), liquid=liquid, rival=rival)


def paired(measure: Measure, one: Score, other: Score) -> Difference | None:
    """How much better one is than the other on the seeds that both have; None without at least two of them."""
    seeds = sorted(one.values.keys() & other.values.keys())
    if len(seeds) < 2:
        return None
    sign = 1 if measure.more else -1
    pairs = np.array([(one.values[seed], other.values[seed]) for seed in seeds])
    gains = sign * (pairs[:, 0] - pairs[:, 1])
    mean, noise = float(gains.mean()), ROUNDING * float(np.abs(pairs).max())
    if np.ptp(gains) <= noise:
        mean = mean if abs(mean) > noise else 0.0
        return Difference(mean, mean, mean, float(mean == 0), len(seeds))
    tested = stats.ttest_1samp(gains, 0.0)
    interval = tested.confidence_interval(0.95)
    return Difference(mean, float(interval.low), float(interval.high), float(tested.pvalue), len(seeds))


def to_csv(rows: Sequence[Row]) -> str:
    """One line per row and model; `seeds` and `scores` go together, and all numbers are written in full."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        for model, score in row.scores.items():
            published = row.published.get(model)
            writer.writerow(
                [row.data, row.protocol, row.kind, "" if row.limit is None else row.limit]
                + [model, row.measure.title, row.epochs[model]]
                + [repr(score.mean), repr(score.std)]
                + ([published.mean, published.std] if published else ["", ""])
                + [" ".join(map(str, score.values)), " ".join(map(repr, score.values.values()))]
                + ["yes" if model in row.log_timespans else "no", row.variant]
            )
    return text.getvalue()


def _row(key: _Key, outcomes: list[CellOutcome]) -> Row:
    data, protocol, kind, limit, variant = key
    measure = MEASURES[data]
    values: dict[str, dict[int, float]] = {}
    for outcome in sorted(outcomes, key=lambda outcome: outcome.cell.seed):
        score = measure.factor * outcome.scores[f"test_{measure.metric}"]
        values.setdefault(outcome.cell.model, {})[outcome.cell.seed] = score
    scores = {model: Score(values[model]) for model in MODELS if model in values}
    logged = {outcome.cell.model for outcome in outcomes if outcome.log_timespans}
    contests = (contest(measure, scores, liquid) for liquid in LIQUID)
    return Row(
        data=data,
        protocol=protocol,
        kind=kind,
        limit=limit,
        epochs={outcome.cell.model: outcome.recipe["epochs"] for outcome in outcomes},
        scores=scores,
        contests=tuple(one for one in contests if one is not None),
        variant=variant,
        log_timespans=tuple(model for model in MODELS if model in logged),
    )


def _best(measure: Measure, scores: dict[str, Score]) -> str:
    return (max if measure.more else min)(scores, key=lambda model: scores[model].mean)
