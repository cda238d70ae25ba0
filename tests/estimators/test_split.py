import numpy as np
import pytest

from liquidtime.estimators.split import held_out


def drawn(count, fraction, classes=None, seed=0):
    return held_out(count, fraction, np.random.RandomState(seed), classes)


@pytest.mark.parametrize(("count", "fraction", "expected"), [(40, 0.25, 10), (7, 0.1, 1), (2, 0.9, 1), (11, 0.5, 6)])
def test_both_parts_together_are_all(count, fraction, expected):
    learned, spared = drawn(count, fraction)
    assert sorted([*learned, *spared]) == list(range(count))
    assert len(spared) == expected


def test_without_a_fraction_the_same_series_learn_and_choose():
    learned, spared = drawn(5, None)
    assert learned.tolist() == spared.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("seed", range(5))
def test_classes_are_held_out_in_proportion_and_none_is_lost(seed):
    classes = np.repeat([0, 1, 2], [60, 30, 1])
    learned, spared = drawn(91, 0.2, classes, seed)
    counts = np.bincount(classes[spared], minlength=3)
    assert counts.sum() == 18
    assert abs(counts[0] - 12) <= 1
    assert abs(counts[1] - 6) <= 1
    assert set(classes[learned]) == {0, 1, 2}


def test_the_random_state_draws_them():
    parts = [drawn(50, 0.2, seed=seed)[1].tolist() for seed in (0, 0, 1)]
    assert parts[0] == parts[1] != parts[2]


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, True, "0.1", float("nan")], ids=str)
def test_shares_that_are_none_are_refused(fraction):
    with pytest.raises(ValueError, match=r"validation_fraction=.*pass a share between 0 and 1, or None"):
        drawn(10, fraction)


@pytest.mark.parametrize(("count", "classes"), [(1, None), (3, np.array([0, 1, 2]))], ids=["one", "one of each class"])
def test_nothing_to_spare_is_refused(count, classes):
    with pytest.raises(ValueError, match=f"n_samples={count} no series can be spared.*validation_fraction=None"):
        drawn(count, 0.1, classes)
