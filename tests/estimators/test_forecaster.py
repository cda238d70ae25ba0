"""Forecasts against series whose future is known, and what a forecaster reads, keeps and refuses."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from liquidtime.estimators import LTCForecaster
from liquidtime.estimators.history import differenced, in_time, read_history, window_starts
from liquidtime.training import MODELS

SMALL = {"horizon": 3, "window_length": 8, "hidden_size": 5, "epochs": 2, "random_state": 0}


def waves(count=3, rows=60, variables=2):
    t = np.arange(rows)[:, None]
    return [np.sin(t / 4 + number + np.arange(variables)) + number for number in range(count)]


@pytest.mark.parametrize("slope", [0.3, -2.0])
def test_a_trend_goes_on_beyond_all_values_ever_seen(slope):
    t = np.arange(130)
    forecaster = LTCForecaster(**{**SMALL, "horizon": 12}).fit(5 + slope * t[:100])
    np.testing.assert_allclose(forecaster.predict(), 5 + slope * t[100:112], rtol=1e-9)
    np.testing.assert_allclose(forecaster.predict(slope * t[:20] - 900), slope * t[20:32] - 900, rtol=1e-9)


@pytest.mark.parametrize("difference", [True, False], ids=["changes", "values"])
def test_a_sine_goes_on(difference):
    t = np.arange(320)
    settings = {"horizon": 10, "window_length": 20, "hidden_size": 16, "epochs": 30, "random_state": 0}
    forecaster = LTCForecaster(**settings, difference=difference).fit(np.sin(t[:300] / 5))
    future = np.sin(t[300:310] / 5)
    assert np.abs(forecaster.predict() - future).max() < 0.1
    assert np.abs(forecaster.predict(np.sin(t[:300] / 5 + 1.7)) - np.sin(t[300:310] / 5 + 1.7)).max() < 0.1
    assert forecaster.score(np.sin(t / 5 + 0.4)) > 0.99


def test_irregular_time_tells_where_a_sine_goes_on():
    """Samples at random times: only the elapsed times say how far the next one is from the last."""
    random = np.random.default_rng(0)
    spans = random.uniform(0.1, 1.5, size=700)
    y = np.sin(np.cumsum(spans))
    X = np.append(spans[1:], 0.5)[:, None]
    settings = {"window_length": 12, "hidden_size": 16, "epochs": 25, "random_state": 0}
    told = LTCForecaster(**settings).fit(y[:500], X[:500], timespans=spans[:500])
    blind = LTCForecaster(**settings).fit(y[:500], X[:500])
    assert told.score(y[500:], X[500:], spans[500:]) > blind.score(y[500:], X[500:]) + 0.02


@pytest.mark.parametrize("name", MODELS)
def test_every_model_forecasts_many_series_as_one_by_one(name):
    series = waves()
    forecaster = LTCForecaster(**SMALL, model=name).fit(series)
    together = forecaster.predict(series)
    assert together.shape == (3, 3, 2)
    for said, one in zip(together, series, strict=True):
        np.testing.assert_allclose(forecaster.predict(one), said, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(forecaster.predict(), together)


def test_forecasts_come_back_as_the_series_came():
    one = waves(1)[0]
    shapes = [
        LTCForecaster(**SMALL).fit(y).predict().shape
        for y in (one[:, 0], one[:, 0].tolist(), one, waves(), np.stack(waves()), [wave[:, 0] for wave in waves()])
    ]
    assert shapes == [(3,), (3,), (3, 2), (3, 3, 2), (3, 3, 2), (3, 3)]


def test_only_the_last_samples_count():
    y, X = waves(1)[0], np.random.default_rng(0).normal(size=(60, 4))
    forecaster = LTCForecaster(**SMALL).fit(y, X)
    said = forecaster.predict()
    np.testing.assert_array_equal(forecaster.predict(y[-9:], X[-9:]), said)
    assert not np.allclose(forecaster.predict(y, X + np.eye(60, 4, -51)), said)
    with pytest.raises(ValueError, match=r"y\[0\] has 8 samples: pass at least 9 to look back on"):
        forecaster.predict(y[-8:], X[-8:])
    unlike = LTCForecaster(**SMALL, difference=False).fit(y)
    np.testing.assert_array_equal(unlike.predict(y[-8:]), unlike.predict())


def test_changes_begin_anew_with_every_series():
    history = read_history([np.array([3.0, 5, 4]), np.array([10.0, 20])], [np.ones(3), np.zeros(2)], None)
    assert differenced(history).rows.tolist() == [[0, 1], [2, 1], [-1, 1], [0, 0], [10, 0]]
    assert [own.tolist() for own in window_starts(history, skip=1, length=1, horizon=1)] == [[1], []]


@pytest.mark.parametrize("horizon", [1, 4])
@pytest.mark.parametrize(
    ("valid", "calibration"), [(0.2, 0.1), (None, 0.3), (0.3, None)], ids=["both", "last", "valid"]
)
def test_no_value_is_foreseen_in_two_parts(horizon, valid, calibration):
    starts = [np.arange(40), 100 + np.arange(25)]
    parts = in_time(starts, valid, calibration, horizon)
    length = 6
    foreseen = [
        {start + length + step for start in part.tolist() for step in range(horizon)}
        for part in (parts.train, parts.valid if valid else [], parts.calibration)
        if len(part)
    ]
    for earlier, later in pairwise(foreseen):
        assert not earlier & later
        for own in (range(100), range(100, 200)):
            assert max(earlier & set(own)) < min(later & set(own))
    assert len(parts.calibration) == sum(round((calibration or 0) * len(own)) for own in starts)
    assert (parts.valid is parts.train) is (valid is None)


def test_errors_are_those_of_windows_that_nothing_was_learned_from():
    y = np.random.default_rng(2).normal(size=200).cumsum()
    forecaster = LTCForecaster(**SMALL, calibration_fraction=0.2).fit(y)
    spoiled = y.copy()
    spoiled[-30:] += 100
    other = LTCForecaster(**SMALL, calibration_fraction=0.2).fit(spoiled)
    torch.testing.assert_close(other.model_.state_dict(), forecaster.model_.state_dict(), rtol=0, atol=0)
    errors = forecaster.calibration_errors_
    assert errors.shape == (38, 3, 1)
    for number, start in ((0, 200 - 3 - 38), (37, 200 - 3 - 1)):
        said = forecaster.predict(y[start - 8 : start + 1])
        np.testing.assert_allclose(errors[number, :, 0], y[start + 1 : start + 4] - said)


def test_the_same_random_state_is_the_same_and_pickles():
    y = waves(1)[0]
    first, again = (LTCForecaster(**SMALL).fit(y) for _ in range(2))
    np.testing.assert_array_equal(first.predict(), again.predict())
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(first)).predict(), first.predict())
    assert not np.allclose(LTCForecaster(**{**SMALL, "random_state": 1}).fit(y).predict(), first.predict())
    with pytest.raises(NotFittedError):
        clone(first).predict()


def test_time_constants_belong_to_the_window_that_is_looked_back_on():
    y, spans = waves(), [np.full(60, 30.0)] * 3
    forecaster = LTCForecaster(**SMALL).fit(y, timespans=spans)
    tau = forecaster.time_constants()
    assert tau.shape == (3, 8, 5)
    assert (tau > 0).all()
    np.testing.assert_allclose(forecaster.time_constants(y[1], timespans=spans[1]), tau[1])
    hours = LTCForecaster(**SMALL).fit(y, timespans=[one / 60 for one in spans])
    np.testing.assert_allclose(60 * hours.time_constants(), tau, rtol=1e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"horizon": 0}, "horizon=0: pass a whole number"),
        ({"window_length": 2.5}, "window_length=2.5: pass a whole number"),
        ({"calibration_fraction": 1}, "calibration_fraction=1: pass a share"),
        ({"validation_fraction": "some"}, "validation_fraction='some': pass a share"),
        ({"window_length": 58}, "y has 0 windows of window_length=58 with horizon=3 after them, too few to learn from"),
        ({"calibration_fraction": 0.005}, "y has 49 windows .* too few to calibrate on some"),
        ({"validation_fraction": 0.005}, "y has 49 windows .* too few to choose the epoch on some"),
        ({"horizon": 44}, "y has 8 windows .* too few to learn from some"),
    ],
    ids=[
        "horizon",
        "window",
        "calibration",
        "validation",
        "no window",
        "nothing to calibrate",
        "nothing to choose",
        "far ahead",
    ],
)
def test_settings_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        LTCForecaster(**{**SMALL, **changes}).fit(waves(1)[0])


@pytest.mark.parametrize(
    ("y", "X", "spans", "message"),
    [
        (None, None, None, "y=None: pass a series"),
        (np.zeros((60, 2)) * np.nan, None, None, r"y\[0\] is NaN at sample 0, channel 0: pass finite numbers"),
        ([np.zeros(60), np.zeros((60, 1))], None, None, r"y\[1\] has shape \(60, 1\): pass \(T,\) for every series"),
        (np.zeros(60), np.zeros(59), None, r"X has \[59\] rows and y has \[60\]"),
        (np.zeros(60), None, np.zeros(59), r"timespans\[0\] has shape \(59,\)"),
    ],
    ids=["nothing", "not a number", "mixed", "rows of X", "spans"],
)
def test_series_that_make_no_sense_are_refused(y, X, spans, message):
    with pytest.raises(ValueError, match=message):
        LTCForecaster(**SMALL).fit(y, X, spans)


def test_later_series_must_fit():
    one, spans = waves(1)[0], np.ones(60)
    forecaster = LTCForecaster(**SMALL).fit(one, timespans=spans)
    with pytest.raises(ValueError, match=r"y and X have \(1, 0\) columns, but LTCForecaster was fitted on \(2, 0\)"):
        forecaster.predict(one[:, 0], timespans=spans)
    with pytest.raises(ValueError, match="was fitted with timespans: pass them here too"):
        forecaster.predict(one)
    with pytest.raises(ValueError, match="y=None with X or timespans"):
        forecaster.predict(timespans=spans)
    with pytest.raises(ValueError, match="y has no series of 12 samples"):
        forecaster.score(one[:11], timespans=spans[:11])
    with pytest.raises(ValueError, match="calibration_fraction=None: fit with a share for intervals"):
        LTCForecaster(**SMALL, calibration_fraction=None).fit(one).predict_interval()
