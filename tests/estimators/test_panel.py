"""Classifier and regressor: every form of series, time, missing values, what is remembered and what is refused."""

import pickle
from itertools import pairwise

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import accuracy_score, r2_score

from liquidtime.estimators import LTCClassifier, LTCRegressor, channels_last
from liquidtime.theory import time_constant_bounds
from liquidtime.training import MODELS

EXACT = {"rtol": 1e-9, "atol": 1e-12}
TIMED = [name for name in MODELS if name not in ("lstm", "gru")]


@pytest.fixture(scope="module")
def classifier(made, settings):
    return LTCClassifier(**settings).fit(made.X, made.y, timespans=made.spans)


@pytest.fixture(scope="module")
def regressor(made, settings):
    return LTCRegressor(**settings).fit(made.X, made.means, timespans=made.spans)


def test_every_form_of_the_same_series_is_the_same(equal, settings):
    one = equal.X[:, :, :1]
    forms = [one[:, :, 0], one, list(one), tuple(one), one.tolist(), one[:, :, 0].tolist()]
    fitted = [LTCClassifier(**settings).fit(X, equal.y) for X in forms]
    for first, second in pairwise(fitted):
        torch.testing.assert_close(first.model_.state_dict(), second.model_.state_dict(), rtol=0, atol=0)
    said = [estimator.predict_proba(X) for estimator in fitted for X in forms]
    for other in said[1:]:
        np.testing.assert_array_equal(other, said[0])
    assert [estimator.n_features_in_ for estimator in fitted] == [5, 1, 1, 1, 1, 5]


@pytest.mark.parametrize("name", MODELS)
def test_every_model_says_of_a_batch_what_it_says_one_by_one(name, made, settings):
    told = {"timespans": made.spans} if name in TIMED else {}
    estimator = LTCRegressor(**settings, model=name).fit(made.X, made.means, **told)
    alone = [
        estimator.predict([x], **{key: [value[number]] for key, value in told.items()})[0]
        for number, x in enumerate(made.X)
    ]
    np.testing.assert_allclose(estimator.predict(made.X, **told), alone, **EXACT)
    assert len(set(alone)) == len(alone)


def test_predictions_are_those_of_the_model(classifier, made):
    """Scaled inputs through the model, its output at each series' own last sample."""
    rows = np.concatenate(made.X)
    mean, std, unit = rows.mean(0), rows.std(0), 1 / np.concatenate(made.spans).mean()
    assert classifier.model_.timespan == pytest.approx(unit)
    for number, (x, spans) in enumerate(zip(made.X, made.spans, strict=True)):
        scaled = torch.from_numpy((x - mean) / std).float()
        output, _ = classifier.model_(scaled[None], None, torch.from_numpy(spans).float()[None])
        expected = output[0, -1].softmax(-1).detach()
        said = torch.from_numpy(classifier.predict_proba(made.X, made.spans)[number]).float()
        torch.testing.assert_close(said, expected, rtol=1e-4, atol=1e-5)


def test_classes_and_scores(classifier, made):
    said, shares = classifier.predict(made.X, made.spans), classifier.predict_proba(made.X, made.spans)
    assert classifier.classes_.tolist() == ["high", "low"]
    assert said.tolist() == classifier.classes_[shares.argmax(1)].tolist()
    np.testing.assert_allclose(shares.sum(1), 1)
    assert classifier.score(made.X, made.y, made.spans) == accuracy_score(made.y, said)
    assert classifier.n_iter_ == len(classifier.history_) == 3


def test_scores_weigh_series(made, equal, settings):
    weights = np.arange(12.0)
    for per_step, labels in ((False, made.y), (True, made.signs)):
        classifier = LTCClassifier(**settings, per_step=per_step).fit(made.X, labels)
        right = [
            np.mean(np.asarray(one) == truth) for one, truth in zip(classifier.predict(made.X), labels, strict=True)
        ]
        counts = weights * (np.array([len(x) for x in made.X]) if per_step else 1)
        expected = np.average(right, weights=counts)
        assert classifier.score(made.X, labels, sample_weight=weights) == pytest.approx(expected)
    regressor = LTCRegressor(**settings, per_step=True).fit(equal.X, equal.sums)
    expected = r2_score(equal.sums.ravel(), regressor.predict(equal.X).ravel(), sample_weight=np.repeat(weights, 5))
    assert regressor.score(equal.X, equal.sums, sample_weight=weights) == pytest.approx(expected)


def test_a_number_that_never_changes_comes_back(made, settings):
    y = np.stack([made.means, np.full(12, -3.5)], 1)
    said = LTCRegressor(**settings).fit(made.X, y).predict(made.X)
    np.testing.assert_allclose(said[:, 1], -3.5, rtol=1e-12)
    assert np.ptp(said[:, 0]) > 0


def test_numbers_and_scores(regressor, made):
    said = regressor.predict(made.X, made.spans)
    assert regressor.score(made.X, made.means, made.spans) == pytest.approx(r2_score(made.means, said))


def test_numbers_come_back_in_their_own_units(made, settings):
    plain = LTCRegressor(**settings).fit(made.X, made.means).predict(made.X)
    moved = LTCRegressor(**settings).fit(made.X, 1000 + 50 * made.means).predict(made.X)
    np.testing.assert_allclose(moved, 1000 + 50 * plain, rtol=1e-5)


def test_several_numbers_are_predicted_together(made, settings):
    y = np.stack([made.means, -made.means, made.means**2], 1)
    estimator = LTCRegressor(**settings).fit(made.X, y)
    said = estimator.predict(made.X)
    assert said.shape == (12, 3)
    assert estimator.n_outputs_ == 3
    assert estimator.score(made.X, y) == pytest.approx(r2_score(y, said))


def test_unscaled_inputs_and_numbers_are_left_as_they_are(made, settings):
    estimator = LTCRegressor(**settings, scale=False).fit(made.X, made.means)
    output, _ = estimator.model_(torch.from_numpy(made.X[0]).float()[None])
    assert estimator.predict(made.X[:1])[0] == pytest.approx(output[0, -1, 0].item(), rel=1e-4)


def test_they_learn(made):
    settings = {"hidden_size": 16, "epochs": 80, "learning_rate": 0.03, "batch_size": 12, "validation_fraction": None}
    classifier = LTCClassifier(**settings, random_state=0).fit(made.X, made.y)
    assert classifier.score(made.X, made.y) == 1
    regressor = LTCRegressor(**settings, random_state=0).fit(made.X, made.means)
    assert regressor.score(made.X, made.means) > 0.9


@pytest.mark.parametrize("kind", ["list", "array"])
def test_a_label_of_every_sample(kind, made, equal, settings):
    data = made if kind == "list" else equal
    told = {**settings, "per_step": True, "epochs": 60, "learning_rate": 0.05, "validation_fraction": None}
    classifier = LTCClassifier(**told).fit(data.X, data.signs)
    regressor = LTCRegressor(**told).fit(data.X, data.sums)
    said, shares, sums = classifier.predict(data.X), classifier.predict_proba(data.X), regressor.predict(data.X)
    for values, axes in ((said, ()), (shares, (2,)), (sums, ())):
        assert isinstance(values, list) is (kind == "list")
        assert [one.shape for one in values] == [(len(x), *axes) for x in data.X]
    right = np.concatenate(list(said)) == np.concatenate(list(data.signs))
    assert classifier.score(data.X, data.signs) == right.mean() > 0.95
    expected = r2_score(np.concatenate(list(data.sums)), np.concatenate(list(sums)))
    assert regressor.score(data.X, data.sums) == pytest.approx(expected)
    assert expected > 0.8


def test_several_numbers_of_every_sample(made, settings):
    estimator = LTCRegressor(**settings, per_step=True).fit(made.X, [np.abs(x) for x in made.X])
    assert [one.shape for one in estimator.predict(made.X)] == [x.shape for x in made.X]


def test_the_same_random_state_is_the_same_bit_for_bit_and_touches_no_other(made, settings):
    fitted = []
    for noise, state in ((0, 7), (1, 7), (1, 8), (2, np.random.RandomState(7))):
        torch.manual_seed(noise)
        np.random.seed(noise)  # noqa: NPY002
        before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
        fitted.append(LTCClassifier(**{**settings, "random_state": state}).fit(made.X, made.y).predict_proba(made.X))
        assert torch.equal(torch.get_rng_state(), before[0])
        assert (np.random.get_state()[1] == before[1]).all()  # noqa: NPY002
    np.testing.assert_array_equal(fitted[0], fitted[1])
    np.testing.assert_array_equal(fitted[0], fitted[3])
    assert not np.allclose(fitted[0], fitted[2])


@pytest.mark.parametrize("which", ["classifier", "regressor"])
def test_a_pickle_says_the_same(which, made, request):
    estimator = request.getfixturevalue(which)
    again = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(again.predict(made.X, made.spans), estimator.predict(made.X, made.spans))
    with pytest.raises(NotFittedError):
        clone(estimator).predict(made.X, made.spans)


def test_patience_and_validation_reach_the_loop(made, settings):
    told = {**settings, "epochs": 60, "learning_rate": 0.3}
    short = LTCClassifier(**told, patience=2, validation_fraction=0.4).fit(made.X, made.y)
    best = max(record.epoch for record in short.history_ if record.best)
    assert short.n_iter_ == best + 2 < 60
    losses = [record.valid_loss for record in short.history_]
    assert best == 1 + losses.index(min(losses)), "the loss chooses, not the accuracy"


def test_class_weights_move_the_decision(made, settings):
    told = {**settings, "epochs": 30, "learning_rate": 0.03}
    for heavy, light in (("low", "high"), ("high", "low")):
        estimator = LTCClassifier(**told, class_weight={heavy: 1000.0, light: 0.001}).fit(made.X, made.y)
        assert set(estimator.predict(made.X)) == {heavy}
    counts = {name: float((made.y == name).sum()) for name in ("high", "low")}
    by_hand = {name: 12 / (2 * count) for name, count in counts.items()}
    assert len(set(counts.values())) == 2
    said = [
        LTCClassifier(**told, class_weight=w).fit(made.X, made.y).predict_proba(made.X) for w in ("balanced", by_hand)
    ]
    np.testing.assert_array_equal(said[0], said[1])


def test_time_constants_are_in_the_units_of_the_elapsed_times(made, settings):
    """An LTC whose time is told in another unit learns the same and reports τ in that unit."""
    seconds = LTCClassifier(**settings).fit(made.X, made.y, made.spans)
    minutes = LTCClassifier(**settings).fit(made.X, made.y, [spans / 60 for spans in made.spans])
    tau = seconds.time_constants(made.X, made.spans)
    assert [one.shape for one in tau] == [(len(x), 6) for x in made.X]
    for long, short in zip(tau, minutes.time_constants(made.X, [spans / 60 for spans in made.spans]), strict=True):
        np.testing.assert_allclose(short * 60, long, rtol=1e-4)
    bounds = time_constant_bounds(seconds.model_.rnn)
    for one in tau:
        own = torch.from_numpy(one * seconds.model_.timespan)
        assert bool((own >= bounds.lower - 1e-6).all() and (own <= bounds.upper + 1e-6).all())


def test_a_given_unit_of_time_is_used(made, settings):
    estimator = LTCClassifier(**settings, timespan=0.5).fit(made.X, made.y, made.spans)
    assert estimator.model_.timespan == 0.5
    assert LTCClassifier(**settings).fit(made.X, made.y).model_.timespan == 1


def test_time_matters(classifier, made):
    slower = [2 * spans for spans in made.spans]
    assert not np.allclose(classifier.predict_proba(made.X, slower), classifier.predict_proba(made.X, made.spans))


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_models_without_time_refuse_it(name, made, settings):
    estimator = LTCClassifier(**settings, model=name)
    with pytest.raises(ValueError, match=f"timespans with model='{name}': it knows no time"):
        estimator.fit(made.X, made.y, made.spans)
    with pytest.raises(ValueError, match=f"model='{name}' has no liquid time constants"):
        estimator.fit(made.X, made.y).time_constants(made.X)


def test_time_is_told_to_predict_as_it_was_to_fit(classifier, made, settings):
    with pytest.raises(ValueError, match="was fitted with timespans: pass them here too"):
        classifier.predict(made.X)
    untold = LTCClassifier(**settings).fit(made.X, made.y)
    with pytest.raises(ValueError, match="was fitted without timespans: leave them out here too"):
        untold.predict(made.X, made.spans)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, y, t: (X[:-1], y, t[:-1]), "inconsistent numbers of samples"),
        (lambda X, y, t: (X, y, t[:-1]), "timespans has 11 series and there are 12: pass as many"),
        (lambda X, y, t: (X, y, [*t[:-1], t[1]]), r"timespans\[11\] has shape \(3,\) and X\[11\] 7 rows"),
        (lambda X, y, t: (X, y, [t[0], -t[1], *t[2:]]), r"timespans\[1\] is -.* at sample 0: pass finite times"),
        (lambda X, y, t: (X, y, 3.0), r"timespans=3.0: pass an array \(n, T\)"),
        (lambda X, y, t: (X, y, [0 * one for one in t]), "timespans are all 0"),
        (lambda X, y, t: ([*X[:3], X[3][:, :1], *X[4:]], y, t), r"X\[3\] has shape \(4, 1\): pass \(T, 2\)"),
        (lambda X, y, t: ([*X[:3], X[3][:0], *X[4:]], y, t), r"X\[3\] has shape \(0, 2\)"),
        (lambda X, y, t: ([*X[:3], X[3] * np.nan, *X[4:]], y, t), r"X\[3\] is NaN at sample 0, channel 0: .*'mask'"),
        (lambda X, y, t: ([*X[:3], X[3] + np.inf, *X[4:]], y, t), r"X\[3\] is inf at sample 0, channel 0: pass finite"),
        (lambda X, y, t: ([*X[:3], X[3] * 1j, *X[4:]], y, t), r"X\[3\] is complex"),
        (lambda X, y, t: ([x[:, 0] for x in X], y, t), r"series of 3 to 8 samples: pass each as \(T, I\)"),
        (lambda X, y, t: (np.zeros((12, 0, 2)), y, None), r"X has shape \(12, 0, 2\)"),
        (lambda X, y, t: ([X[0], 1e300 * X[1], *X[2:]], y, t), r"X\[1\] is .*e\+\d+ at sample 0, channel 0: .*float32"),
        (lambda X, y, t: (X, ["low"] * 12, t), "y has one class, low: pass"),
        (lambda X, y, t: (X, None, t), "requires y to be passed"),
    ],
    ids=[
        "fewer series",
        "fewer spans",
        "a span too many",
        "time runs back",
        "one number",
        "no time passes",
        "another channel",
        "an empty series",
        "not a number",
        "infinite",
        "complex",
        "no channels",
        "no samples",
        "too large",
        "one class",
        "no labels",
    ],
)
def test_what_makes_no_sense_is_refused(change, message, made, settings):
    X, y, spans = change(made.X, made.y, made.spans)
    with pytest.raises(ValueError, match=message):
        LTCClassifier(**settings, scale=False).fit(X, y, spans)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "lct"}, "no model named 'lct'. Did you mean 'ltc'"),
        ({"missing": "fill"}, "no missing named 'fill'. Valid names: error, mask"),
        ({"validation_fraction": 1.0}, "validation_fraction=1.0: pass a share between 0 and 1"),
        ({"epochs": 0}, "epochs=0: pass a whole number"),
        ({"timespan": -1.0}, "timespan=-1.0: pass a positive number"),
        ({"model": "gru", "solver": "fused"}, "model 'gru' has no solver"),
    ],
    ids=["model", "missing", "fraction", "epochs", "timespan", "solver"],
)
def test_settings_that_make_no_sense_are_refused_by_fit(changes, message, made, settings):
    with pytest.raises(ValueError, match=message):
        LTCRegressor(**{**settings, **changes}).fit(made.X, made.means)


def test_numpy_numbers_are_settings_too(made, settings):
    estimator = LTCRegressor(**{**settings, "hidden_size": np.int64(4), "learning_rate": np.float64(0.01)})
    assert estimator.fit(made.X, made.means).model_.rnn.hidden_size == 4


def test_labels_of_every_sample_must_fit(made, settings):
    with pytest.raises(ValueError, match=r"y\[0\] has shape \(\) and X\[0\] 7 rows"):
        LTCClassifier(**settings, per_step=True).fit(made.X, made.y)
    with pytest.raises(ValueError, match="pass one class per sample"):
        LTCClassifier(**settings, per_step=True).fit(made.X, [one[:, None] for one in made.signs])
    with pytest.raises(ValueError, match=r"y has shape \(12, 5, 1\).*per_step=True"):
        LTCRegressor(**settings).fit(np.zeros((12, 5, 2)), np.zeros((12, 5, 1)))


def test_other_series_must_have_the_same_channels_but_any_length(classifier, regressor, made, equal, settings):
    with pytest.raises(ValueError, match="X has 1 channels, but LTCRegressor was fitted on 2"):
        regressor.predict([x[:, :1] for x in made.X], made.spans)
    assert regressor.predict(equal.X[:3, :2], equal.spans[:3, :2]).shape == (3,)
    flat = LTCRegressor(**settings).fit(equal.X[:, :, 0], equal.means)
    with pytest.raises(ValueError, match="X has 3 features, but LTCRegressor is expecting 5"):
        flat.predict(equal.X[:, :3, 0])


def test_channels_first_can_be_turned(made, equal):
    np.testing.assert_array_equal(channels_last(equal.X.swapaxes(1, 2)), equal.X)
    for turned, series in zip(channels_last([x.T for x in made.X]), made.X, strict=True):
        np.testing.assert_array_equal(turned, series)
    with pytest.raises(ValueError, match=r"X has shape \(12, 5\): pass \(n, I, T\)"):
        channels_last(equal.X[:, :, 0])
    with pytest.raises(ValueError, match=r"X\[1\] has shape \(3,\): pass \(I, T\)"):
        channels_last([made.X[0].T, made.X[1][:, 0]])
