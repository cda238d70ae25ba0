import math

import pytest
import torch
from torch import nn

from liquidtime.data import Windows
from liquidtime.training import evaluate
from liquidtime.training import evaluate as evaluate_function


class Fixed(nn.Module):
    """Predicts the class that the first feature names, with odds of e to the others."""

    def __init__(self, classes):
        super().__init__()
        self.classes, self.head = classes, nn.Linear(1, classes)

    def forward(self, x, *_):
        assert not self.training
        return nn.functional.one_hot(x[..., 0].long(), self.classes).float(), None


def windows(predicted, truth):
    x = torch.tensor(predicted, dtype=torch.float32).unsqueeze(-1)
    return Windows.stacked(x, torch.tensor(truth))


def test_two_classes():
    scores = evaluate(Fixed(2), windows([[0, 1, 1], [1, 0, 0]], [[0, 1, 0], [1, 1, 0]]))
    assert scores["confusion"] == [[2, 1], [1, 2]]
    assert scores["accuracy"] == pytest.approx(4 / 6)
    assert scores["f1"] == pytest.approx(2 / 3)
    right, wrong = math.log(1 + math.exp(-1)), math.log(1 + math.exp(1))
    assert scores["loss"] == pytest.approx((4 * right + 2 * wrong) / 6)


def test_more_classes_average_the_f1():
    scores = evaluate(Fixed(4), windows([[0, 1, 2]], [[0, 1, 1]]))
    assert scores["confusion"] == [[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert scores["f1"] == pytest.approx((1 + 2 / 3 + 0 + 0) / 4)


def test_a_class_that_never_appears_has_f1_zero_without_a_warning():
    assert evaluate(Fixed(2), windows([[0, 0]], [[0, 0]]))["f1"] == 0


def test_batches_do_not_matter(monkeypatch, task):
    whole = evaluate(Fixed(2), Windows.stacked(task.train.x.sign().abs(), task.train.y))
    monkeypatch.setitem(evaluate_function.__globals__, "BATCH", 4)
    assert evaluate(Fixed(2), Windows.stacked(task.train.x.sign().abs(), task.train.y)) == whole


def test_long_windows_are_scored_few_at_a_time(monkeypatch, task):
    sizes = []

    class Counted(Fixed):
        def forward(self, x, *_):
            sizes.append(len(x))
            return super().forward(x)

    windows = Windows.stacked(task.train.x.sign().abs(), task.train.y)
    for samples in (2**20, 70, 3):
        monkeypatch.setitem(evaluate_function.__globals__, "SAMPLES", samples)
        evaluate(Counted(2), windows)
    assert sizes == [31] + [10] * 3 + [1] + [1] * 31


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_is_left_as_it_was(training):
    model = Fixed(2).train(training)
    evaluate(model, windows([[0]], [[1]]))
    assert model.training is training


def test_no_windows_are_refused():
    with pytest.raises(ValueError, match="windows is empty"):
        evaluate(Fixed(2), Windows.stacked(torch.zeros(0, 7, 3), torch.zeros(0, 7, dtype=torch.int64)))
