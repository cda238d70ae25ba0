"""Split conformal prediction: the closed form, and the coverage that it promises."""

import numpy as np
import pytest

from liquidtime.estimators import LTCForecaster, conformal_radius


@pytest.mark.parametrize(("coverage", "rank"), [(0.05, 1), (0.1, 1), (0.11, 2), (0.5, 5), (0.7, 7), (0.9, 9)], ids=str)
def test_the_radius_is_a_ranked_error(coverage, rank):
    errors = np.array([[1.0, -7], [-9, 2], [3, 6], [-2, 5], [4, -4], [8, 3], [5, 9], [-6, -1], [7, 8]])
    assert conformal_radius(errors, coverage).tolist() == [rank, rank]


def test_coverage_is_at_least_what_was_asked_for_and_hardly_more():
    """Of exchangeable errors between c and c + 1/(n + 1), on average over calibrations."""
    random, n, coverage, covered = np.random.default_rng(0), 19, 0.8, []
    for _ in range(4000):
        errors = random.standard_cauchy(size=(n + 1, 1))
        covered.append(abs(errors[-1, 0]) <= conformal_radius(errors[:-1], coverage)[0])
    assert coverage - 0.02 < np.mean(covered) < coverage + 1 / (n + 1) + 0.02


def test_more_than_the_errors_can_vouch_for_is_refused():
    with pytest.raises(ValueError, match=r"coverage=0\.95: 9 calibration windows can vouch for 0\.9 at most"):
        conformal_radius(np.zeros((9, 1)), 0.95)


@pytest.mark.parametrize("coverage", [0, 1, -0.5, 90], ids=str)
def test_coverage_is_a_probability(coverage):
    with pytest.raises(ValueError, match=r"coverage=.*pass a number between 0 and 1"):
        conformal_radius(np.zeros((9, 1)), coverage)


def test_intervals_of_forecasts_cover_as_they_say():
    """A noisy oscillation that goes on: 400 forecasts of values that were never seen."""
    random, t = np.random.default_rng(1), np.arange(3000)
    y = np.sin(t / 6) + 0.3 * random.normal(size=len(t))
    past = {"horizon": 2, "window_length": 12, "hidden_size": 6, "epochs": 4, "calibration_fraction": 0.3}
    forecaster = LTCForecaster(**past, random_state=0).fit(y[:2000])
    ends = range(2000, 2800, 2)
    recent, future = [y[end - 13 : end] for end in ends], np.stack([y[end : end + 2] for end in ends])
    for coverage in (0.5, 0.9):
        lower, upper = forecaster.predict_interval(coverage, recent)
        inside = ((lower <= future) & (future <= upper)).mean(0)
        assert inside == pytest.approx(coverage, abs=0.05)
        np.testing.assert_allclose((lower + upper) / 2, forecaster.predict(recent))
        assert np.ptp(upper - lower, 0) == pytest.approx(0, abs=1e-9)
