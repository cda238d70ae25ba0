"""The table: closed forms by hand, what counts as reached, what stands in which row."""

import csv
import io
import math

import numpy as np
import pytest
from scipy import stats

from comparisons import everything, scores
from liquidtime.comparison import KINDS, MEASURES
from liquidtime.comparison.table import COLUMNS, PROTOCOLS, Score, beats_paper, contest, matches, table, to_csv
from liquidtime.training import MODELS, RECIPES

ACCURACY, ERROR = MEASURES["gesture"], MEASURES["traffic"]


def only(*cells):
    (row,) = table(cells)
    return row


def test_mean_and_deviation_by_hand():
    row = only(*scores("gesture", "paper", "published", {"lstm": [60.0, 62.0, 67.0]}))
    score = row.scores["lstm"]
    assert score.mean == pytest.approx(63.0)
    assert score.std == pytest.approx(math.sqrt((9 + 1 + 16) / 3))
    assert list(score.values) == [0, 1, 2]
    assert list(score.values.values()) == pytest.approx([60.0, 62.0, 67.0])


def test_scores_are_told_in_the_published_unit():
    cells = scores("ozone", "paper", "published", {"ltc": [0.31]}) + scores(
        "gesture", "paper", "published", {"ltc": [69]}
    )
    gesture, ozone = table(cells)
    assert cells[0].scores["test_f1"] == 0.31 == ozone.scores["ltc"].mean
    assert cells[1].scores["test_accuracy"] == 0.69
    assert gesture.scores["ltc"].mean == pytest.approx(69)


@pytest.mark.parametrize(("measure", "sign"), [(ACCURACY, 1), (ERROR, -1)], ids=["more is better", "less is better"])
def test_a_contest_is_the_paired_t_test(measure, sign):
    ours, theirs = [3.1, 2.9, 3.4, 3.6, 3.0], [2.8, 2.9, 2.7, 3.5, 3.1]
    found = contest(measure, {"ltc": Score(dict(enumerate(ours))), "gru": Score(dict(enumerate(theirs)))}, "ltc")
    expected = stats.ttest_rel(ours, theirs)
    ends = sorted(sign * end for end in expected.confidence_interval(0.95))
    assert found.advantage == pytest.approx(sign * (np.mean(ours) - np.mean(theirs)))
    assert (found.low, found.high) == pytest.approx(ends)
    assert found.p == pytest.approx(expected.pvalue)
    assert (found.liquid, found.rival, found.seeds) == ("ltc", "gru", 5)


def test_two_pairs_by_hand():
    """Gains 1 and 3: mean 2, standard error 1; t = 2 with one degree of freedom has p = 1 − 2 arctan(2) / π."""
    found = contest(ACCURACY, {"ltc": Score({0: 1.0, 1: 5.0}), "gru": Score({0: 0.0, 1: 2.0})}, "ltc")
    assert found.advantage == 2.0
    assert found.p == pytest.approx(1 - 2 * math.atan(2) / math.pi)
    reach = math.tan(0.95 * math.pi / 2)
    assert (found.low, found.high) == pytest.approx((2 - reach, 2 + reach))


def test_the_rival_is_the_best_of_the_others_and_seeds_go_in_pairs():
    more = {
        "ltc": {0: 5.0, 1: 6.0, 4: 9.0},
        "conductance-ltc": {0: 9.0, 1: 9.5},
        "gru": {1: 7.0, 2: 9.0},
        "lstm": {0: 1.0},
    }
    values = {model: Score(by_seed) for model, by_seed in more.items()}
    assert contest(ACCURACY, values, "ltc") is None, "one common seed"
    values["gru"] = Score({0: 8.0, 1: 7.0, 2: 9.0})
    found = contest(ACCURACY, values, "ltc")
    assert (found.rival, found.seeds, found.advantage) == ("gru", 2, -2.0)
    assert contest(ERROR, {**values, "lstm": Score({0: 1.0, 1: 2.0})}, "ltc").rival == "lstm"
    assert contest(ACCURACY, {**values, "lstm": Score({0: 99.0})}, "ltc").rival == "gru", "one lucky seed is no rival"
    assert contest(ACCURACY, {**values, "lstm": Score({0: 6.0, 1: 6.0, 3: 99.0})}, "ltc").rival == "gru", "common seeds"
    assert contest(ACCURACY, values, "conductance-ltc").advantage == 1.75
    assert contest(ACCURACY, {"ltc": values["ltc"], "conductance-ltc": values["ltc"]}, "ltc") is None
    assert contest(ACCURACY, {"gru": values["gru"]}, "ltc") is None


@pytest.mark.parametrize(("gain", "p"), [(0.0, 1.0), (2.0, 0.0)])
def test_equal_differences_need_no_test_and_rounding_is_no_difference(gain, p):
    theirs = [100 * value for value in (0.41, 0.57, 0.29)]
    ours = [100 * (value + gain / 100) for value in (0.41, 0.57, 0.29)]
    found = contest(ACCURACY, {"ltc": Score(dict(enumerate(ours))), "gru": Score(dict(enumerate(theirs)))}, "ltc")
    assert (found.advantage, found.low, found.high) == pytest.approx((gain, gain, gain))
    assert found.p == p


@pytest.mark.parametrize(
    ("data", "mean", "reached"),
    [
        ("gesture", 69.55 - 1.12, True),
        ("gesture", 69.55 - 1.14, False),
        ("gesture", 80.0, True),
        ("traffic", 0.099 + 0.0094, True),
        ("traffic", 0.099 + 0.0096, False),
        ("traffic", 0.05, True),
    ],
)
def test_reached_is_within_one_published_deviation_or_better(data, mean, reached):
    row = only(*scores(data, "paper", "published", {"conductance-ltc": [mean], "gru": [mean]}))
    assert matches(row, "conductance-ltc") is reached
    assert matches(row, "gru") is None, "the paper has no GRU"
    assert matches(row, "lstm") is None, "it was not run"


@pytest.mark.parametrize(
    ("data", "mean", "best"),
    [("gesture", 69.56, True), ("gesture", 69.54, False), ("traffic", 0.098, True), ("power", 0.6, False)],
)
def test_better_than_the_paper_is_better_than_all_its_columns(data, mean, best):
    row = only(*scores(data, "paper", "published", {"ltc": [mean]}))
    assert beats_paper(row, "ltc") is best
    assert beats_paper(row, "gru") is None


@pytest.mark.parametrize(
    "cells",
    [
        scores("gesture", "clean", "published", {"lstm": [99.0]}),
        scores("power", "paper", "published", {"lstm": [0.0]}, variant="the first minutes"),
        scores("walker", "paper", "published", {"lstm": [0.0]}),
    ],
    ids=["another split", "part of the data", "not in the paper"],
)
def test_another_test_is_not_held_against_the_paper(cells):
    row = only(*cells)
    assert row.published == {}
    assert matches(row, "lstm") is None
    assert beats_paper(row, "lstm") is None


def test_rows_stand_in_the_order_of_sets_protocols_kinds_and_epochs():
    generator = np.random.default_rng(3)
    cells = everything()
    rows = table([cells[index] for index in generator.permutation(len(cells))])
    keys = [
        (list(MEASURES).index(row.data), PROTOCOLS.index(row.protocol), list(KINDS).index(row.kind), row.limit or 0)
        for row in rows
    ]
    assert keys == sorted(set(keys))
    assert len(rows) == 22
    for row in rows:
        assert list(row.scores) == [model for model in MODELS if model in row.scores]
        assert all(list(score.values) == sorted(score.values) for score in row.scores.values())
    assert rows == table(cells)
    assert table([]) == []


def test_the_best_and_what_is_special_is_told():
    rows = {(row.data, row.protocol, row.kind, row.limit): row for row in table(everything())}
    assert rows["gesture", "paper", "published", 3].epochs == {"ltc": 3, "lstm": 3}
    lstm = RECIPES["occupancy", "clean"]["lstm"]
    assert rows["occupancy", "clean", "tuned", None].epochs["lstm"] == lstm.epochs
    assert rows["walker", "clean", "published", None].log_timespans == ("lstm", "gru")
    assert rows["har", "paper", "published", None].variant.startswith("45 statistics")
    assert [one.liquid for one in rows["gesture", "paper", "published", None].contests] == ["ltc", "conductance-ltc"]
    assert rows["walker", "paper", "published", None].contests == ()
    for row in rows.values():
        means = {model: score.mean for model, score in row.scores.items()}
        assert means[row.best] == (max if row.measure.more else min)(means.values())


def test_cells_that_saw_part_of_the_data_stand_apart():
    whole = scores("power", "paper", "published", {"lstm": [0.6]})
    part = scores("power", "paper", "published", {"lstm": [0.1, 0.2]}, variant="the first minutes")[1:]
    rows = table(part + whole)
    assert [(row.variant, row.scores["lstm"].mean) for row in rows] == [("", 0.6), ("the first minutes", 0.2)]


def test_the_csv_holds_every_number_in_full():
    rows = table(everything())
    read = list(csv.DictReader(io.StringIO(to_csv(rows))))
    assert tuple(read[0]) == COLUMNS
    lines = iter(read)
    for row in rows:
        for model, score in row.scores.items():
            line = next(lines)
            assert (line["data"], line["protocol"], line["recipe"]) == (row.data, row.protocol, row.kind)
            assert (line["model"], int(line["epochs"])) == (model, row.epochs[model])
            values = dict(zip(map(int, line["seeds"].split()), map(float, line["scores"].split()), strict=True))
            assert values == score.values
            assert (float(line["mean"]), float(line["std"])) == (score.mean, score.std)
            published = row.published.get(model)
            found = (line["published_mean"], line["published_std"])
            assert found == ((str(published.mean), str(published.std)) if published else ("", ""))
            assert line["variant"] == row.variant
            assert line["log_timespans"] == ("yes" if model in row.log_timespans else "no")
    assert next(lines, None) is None
    assert to_csv([]).splitlines() == [",".join(COLUMNS)]
