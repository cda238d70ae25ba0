"""Missing values: what the model is told instead, and that nothing is filled in silently."""

import numpy as np
import pytest

from liquidtime.estimators import LTCClassifier, LTCRegressor
from liquidtime.estimators.inputs import fit_inputs
from liquidtime.estimators.series import Collection

NAN = float("nan")


def test_a_missing_value_becomes_the_last_one_a_mask_and_a_time():
    rows = np.array([[NAN, 4.0], [1.0, NAN], [NAN, NAN], [3.0, 8.0], [NAN, 6.0]])
    series = Collection(rows, np.array([4, 1]), np.array([0.5, 1.0, 2.0, 4.0, 3.0]), stacked=False)
    inputs = fit_inputs(rows, scale=True, mask=True, timespan=10.0)
    assert inputs.scaling.mean == (2.0, 6.0)
    low, high = -2 / np.sqrt(8 / 3), 2 / np.sqrt(8 / 3)
    expected = [
        [0, low, 0, 1, 5, 0],
        [-1, low, 1, 0, 0, 10],
        [-1, low, 0, 0, 20, 30],
        [1, high, 1, 1, 0, 0],
        [0, 0, 0, 1, 30, 0],
    ]
    np.testing.assert_allclose(inputs(series).numpy(), expected, atol=1e-6)
    assert inputs.size == 6
    untimed = fit_inputs(rows, scale=False, mask=True, timespan=1.0)
    told = untimed(Collection(rows, np.array([4, 1]), None, stacked=False)).numpy()
    np.testing.assert_allclose(told[:, :2], [[0, 4], [1, 4], [1, 4], [3, 8], [0, 6]])
    np.testing.assert_allclose(told[:, 4:], [[1, 0], [0, 1], [1, 2], [0, 0], [1, 0]])


def test_a_channel_without_any_value_is_refused():
    with pytest.raises(ValueError, match="channel 1 of X has no value at all"):
        fit_inputs(np.array([[1.0, NAN], [2.0, NAN]]), scale=True, mask=True, timespan=1.0)


@pytest.mark.parametrize("form", ["list", "array", "one channel"])
def test_missing_values_are_refused_unless_they_are_asked_for(form, equal, settings):
    X = equal.X.copy()
    X[4, 3, 0] = NAN
    X = {"list": list(X), "array": X, "one channel": X[:, :, 0]}[form]
    with pytest.raises(ValueError, match=r"X\[4\] is NaN at sample 3, channel 0: .* missing='mask'"):
        LTCClassifier(**settings).fit(X, equal.y)
    estimator = LTCClassifier(**settings, missing="mask").fit(X, equal.y, equal.spans)
    assert estimator.model_.rnn.input_size == 3 * (1 if form == "one channel" else 2)
    assert np.isfinite(estimator.predict_proba(X, equal.spans)).all()
    whole = LTCClassifier(**settings).fit(list(equal.X) if form == "list" else equal.X, equal.y)
    with pytest.raises(ValueError, match="is NaN at sample"):
        whole.predict(X)


def test_what_is_missing_is_learned_from(equal):
    """Whether the last value is there is all that tells the numbers apart."""
    X, y = equal.X.copy(), np.tile([0.0, 1.0], 6)
    X[1::2, -1, 0] = NAN
    told = {"epochs": 40, "learning_rate": 0.05, "validation_fraction": None, "random_state": 0, "hidden_size": 6}
    assert LTCRegressor(**told, missing="mask").fit(X, y).score(X, y) > 0.9
