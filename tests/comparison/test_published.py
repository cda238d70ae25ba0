"""The published numbers, some by hand, and that every data set has a measure."""

import pytest

from liquidtime.comparison import MEASURES, PUBLISHED
from liquidtime.data import METRICS, TASKS
from liquidtime.training import MODELS


@pytest.mark.parametrize(
    ("data", "model", "mean", "std"),
    [
        ("gesture", "lstm", 64.57, 0.59),
        ("gesture", "conductance-ltc", 69.55, 1.13),
        ("occupancy", "ctrnn", 94.54, 0.54),
        ("har", "node", 97.26, 0.10),
        ("har", "conductance-ltc", 95.67, 0.575),
        ("mnist", "ctgru", 98.27, 0.14),
        ("traffic", "node", 1.512, 0.179),
        ("traffic", "conductance-ltc", 0.099, 0.0095),
        ("power", "ctgru", 0.586, 0.003),
        ("ozone", "lstm", 0.284, 0.025),
        ("person", "ctgru", 85.27, 0.39),
        ("cheetah", "node", 3.805, 0.313),
        ("cheetah", "conductance-ltc", 2.308, 0.015),
    ],
)
def test_numbers_are_the_papers(data, model, mean, std):
    assert (PUBLISHED[data, model].mean, PUBLISHED[data, model].std) == (mean, std)


def test_five_models_on_nine_sets():
    assert len(PUBLISHED) == 45
    assert {data for data, _ in PUBLISHED} == MEASURES.keys() - {"walker"}
    assert {model for _, model in PUBLISHED} == MODELS.keys() - {"ltc", "gru"}


def test_every_set_is_told_in_a_score_that_runs_have():
    assert MEASURES.keys() == {data for data, _ in TASKS}
    for measure in MEASURES.values():
        assert measure.more == METRICS[measure.metric]
        assert measure.better(2.0, 1.0) is measure.more
        assert not measure.better(1.0, 1.0)
