"""Pipelines, searches and metadata: an estimator among scikit-learn's own."""

import numpy as np
import pytest
import sklearn
from sklearn.model_selection import GridSearchCV, KFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from liquidtime.estimators import LTCClassifier, LTCForecaster, LTCRegressor, channels_last


@pytest.fixture
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def timed(estimator):
    return (
        estimator.set_fit_request(timespans=True).set_predict_request(timespans=True).set_score_request(timespans=True)
    )


def test_a_search_tries_settings(made, settings):
    search = GridSearchCV(LTCClassifier(**settings), {"hidden_size": [3, 5], "model": ["ltc", "gru"]}, cv=2)
    search.fit(made.X, made.y)
    assert len(search.cv_results_["params"]) == 4
    best = search.best_estimator_
    assert (best.model_.rnn.hidden_size, best.model) == (
        search.best_params_["hidden_size"],
        search.best_params_["model"],
    )
    assert search.predict(made.X).shape == (12,)


def test_a_pipeline_scales_columns_or_turns_axes(equal, settings):
    flat = make_pipeline(StandardScaler(), LTCRegressor(**settings)).fit(equal.X[:, :, 0], equal.means)
    assert flat.predict(equal.X[:, :, 0]).shape == (12,)
    turned = make_pipeline(FunctionTransformer(channels_last), LTCRegressor(**settings))
    said = turned.fit(equal.X.swapaxes(1, 2), equal.means).predict(equal.X.swapaxes(1, 2))
    np.testing.assert_array_equal(said, LTCRegressor(**settings).fit(equal.X, equal.means).predict(equal.X))


@pytest.mark.usefixtures("routing")
def test_elapsed_times_pass_through_a_pipeline(equal, settings):
    pipeline = make_pipeline(FunctionTransformer(channels_last), timed(LTCClassifier(**settings)))
    X = equal.X.swapaxes(1, 2)
    pipeline.fit(X, equal.y, timespans=equal.spans)
    alone = LTCClassifier(**settings).fit(equal.X, equal.y, timespans=equal.spans)
    said = pipeline.predict(X, timespans=equal.spans)
    assert said.tolist() == alone.predict(equal.X, timespans=equal.spans).tolist()
    assert pipeline[-1].timed_
    assert pipeline.score(X, equal.y, timespans=equal.spans) == alone.score(equal.X, equal.y, timespans=equal.spans)


@pytest.mark.usefixtures("routing")
def test_elapsed_times_are_cut_with_their_series_in_cross_validation(made, settings):
    """Each fold is the same as one fitted by hand on the fold's series and times."""
    folds = KFold(3)
    found = cross_validate(
        timed(LTCRegressor(**settings)), made.X, made.means, cv=folds, params={"timespans": made.spans}
    )
    for (learned, scored), score in zip(folds.split(made.X), found["test_score"], strict=True):
        X, spans = ([[values[i] for i in part] for part in (learned, scored)] for values in (made.X, made.spans))
        by_hand = LTCRegressor(**settings).fit(X[0], made.means[learned], spans[0])
        assert score == pytest.approx(by_hand.score(X[1], made.means[scored], spans[1]))


@pytest.mark.usefixtures("routing")
def test_elapsed_times_pass_through_a_search(made, settings):
    search = GridSearchCV(timed(LTCClassifier(**settings)), {"hidden_size": [3, 4]}, cv=2)
    search.fit(made.X, made.y, timespans=made.spans)
    assert search.best_estimator_.timed_


@pytest.mark.usefixtures("routing")
def test_elapsed_times_nobody_asked_for_are_refused(made, settings):
    with pytest.raises(ValueError, match=r"timespans.* not explicitly set as requested or not requested"):
        GridSearchCV(LTCClassifier(**settings), {"hidden_size": [3]}, cv=2).fit(made.X, made.y, timespans=made.spans)


def test_a_search_over_forecasters_splits_by_series(settings):
    series = [np.sin(np.arange(60) / 4 + phase) for phase in range(4)]
    forecaster = LTCForecaster(**settings, horizon=2, window_length=8)
    search = GridSearchCV(forecaster, {"window_length": [6, 10]}, cv=2).fit(series)
    assert search.predict(series).shape == (4, 2)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
