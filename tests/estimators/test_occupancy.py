"""The recordings that ship inside the package, through the estimators."""

import numpy as np
import pytest

from liquidtime.data import occupancy
from liquidtime.estimators import LTCClassifier, LTCForecaster


@pytest.fixture(scope="module")
def task():
    return occupancy.paper()


def test_occupied_minutes_are_told_on_days_never_seen(task):
    classifier = LTCClassifier(
        per_step=True, epochs=6, hidden_size=8, batch_size=128, learning_rate=0.02, random_state=0
    )
    classifier.fit(task.train.x[::4].numpy(), task.train.y[::4].numpy())
    assert classifier.score(task.test.x.numpy(), task.test.y.numpy()) > 0.95
    assert classifier.time_constants(task.test.x[:3].numpy()).shape == (3, 16, 8)


def test_the_temperature_is_foreseen_better_than_by_standing_still(task):
    other, week = (recording.raw[:, 0] for recording in task.recordings)
    settings = {"horizon": 30, "window_length": 30, "validation_fraction": 0.3, "hidden_size": 16, "batch_size": 64}
    forecaster = LTCForecaster(**settings, epochs=6, random_state=0).fit(week)
    ends = np.arange(100, len(other) - 30, 37)
    future = np.stack([other[end : end + 30] for end in ends])
    said = forecaster.predict([other[:end] for end in ends])
    assert np.abs(said - future).mean() < 0.8 * np.abs(other[ends - 1][:, None] - future).mean()
