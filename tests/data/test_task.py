from dataclasses import replace

import pytest
import torch

from liquidtime.data import Windows, pick, with_log_timespans
from tiny import make_regression, make_task

CLASSES, NUMBERS = make_task(), make_regression()


def test_outputs_are_classes_or_targets():
    assert (CLASSES.outputs, CLASSES.regression) == (("low", "high"), False)
    assert (NUMBERS.outputs, NUMBERS.regression) == (("first sum", "second sum"), True)


@pytest.mark.parametrize(
    ("task", "changes", "message"),
    [
        (CLASSES, {"classes": ()}, "name one of both"),
        (CLASSES, {"targets": ("a",)}, "name one of both"),
        (CLASSES, {"metric": "acuracy"}, r"no metric named 'acuracy'. Did you mean 'accuracy'\?"),
        (CLASSES, {"metric": "squared_error"}, "metric='squared_error' does not score classification"),
        (NUMBERS, {"metric": "f1"}, "metric='f1' does not score regression"),
        (CLASSES, {"class_weights": (1.0,)}, r"class_weights=\(1.0,\): pass a number"),
        (CLASSES, {"class_weights": (1.0, -1.0)}, "class_weights="),
        (CLASSES, {"class_weights": (1.0, float("nan"))}, "class_weights="),
        (NUMBERS, {"target_std": (1.0,)}, "target_std has 1 values for 2 targets"),
        (NUMBERS, {"targets": ("a", "b", "c"), "target_mean": (), "target_std": ()}, "train has 2 targets, but 3"),
        (CLASSES, {"valid": NUMBERS.valid}, "valid has labels of type torch.float32"),
        (CLASSES, {"test": replace(CLASSES.test, last=True)}, "test and train differ in whether only the last"),
        (NUMBERS, {"valid": replace(NUMBERS.valid, elapsed=None)}, "valid and train differ in whether elapsed"),
    ],
    ids=lambda value: value.name if hasattr(value, "name") else None,
)
def test_fields_that_contradict_each_other_are_refused(task, changes, message):
    with pytest.raises(ValueError, match=message):
        replace(task, **changes)


def test_rows_that_were_trained_on_are_counted():
    x, y = torch.zeros(20, 3), torch.zeros(20, dtype=torch.int64)
    rows = Windows(x, y, torch.tensor([0, 8, 12]), 4)
    train, test = pick(rows, torch.tensor([0])), pick(rows, torch.tensor([1, 2]))
    parts = {"train": train, "valid": test, "test": test}
    assert replace(CLASSES, **parts).trained_on == 0
    parts["train"] = Windows(x, y, torch.tensor([6, 7]), 4)
    assert replace(CLASSES, **parts).trained_on == pytest.approx(3 / 8)
    parts["train"] = Windows(x.clone(), y, torch.tensor([6, 7]), 4)
    assert replace(CLASSES, **parts).trained_on == 0
    parts["test"] = pick(rows, torch.arange(0))
    assert replace(CLASSES, **parts).trained_on == 0


def test_more_inputs_leave_parts_on_the_same_rows():
    assert with_log_timespans(NUMBERS).trained_on == NUMBERS.trained_on > 0
