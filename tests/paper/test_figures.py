"""Figures 2 and 3 and table 2: what is judged, on lengths that are made up, and what is computed, on small networks."""

import numpy as np
import pytest

from liquidtime.paper import ITEMS, fig1, fig2a, fig2b, fig2c, fig2d, fig2e
from liquidtime.paper.engine import Results, Scale
from liquidtime.paper.parts.figure2 import longer, longest, matched, quantile
from liquidtime.paper.parts.trajectories import MODELS, Trajectories

QUICK = Scale(quick=True)
FIGURES = {"fig2a": fig2a, "fig2b": fig2b, "fig2c": fig2c, "fig2d": fig2d, "fig2e": fig2e}


def made_up(item, length):
    """Results of an item's cases: `length(case, layer)` gives the median, a tenth of it the spread."""
    values = {}
    for case in item.cases(QUICK):
        rng = np.random.default_rng(0)
        n = np.arange(case.networks)
        spread = 1 + 0.002 * ((-1.0) ** n * (n // 2 + 1))[:, None] * np.ones(case.depth)
        medians = np.array([length(case, layer) for layer in range(1, case.depth + 1)])
        values[case.key] = {
            "lengths": (medians * spread).tolist(),
            "rms": (rng.uniform(0.9, 1.1, (case.networks, 1)) * medians**0.1).tolist(),
            "points": (1 + 4 * medians[0] * spread[:, 0]).round().astype(int).tolist(),
            "plane": [[[0.0, 1.0], [1.0, 0.0]]] * case.depth,
        }
    return Results(values, {})


def as_published(spots):
    """The published length of each spot wherever weights are as published, the LTC's a tenth otherwise."""

    def length(case, layer):
        for spot in spots:
            same = (spot.sigma_w, spot.width, spot.depth, spot.layer) == (
                case.sigma_w,
                case.width,
                case.depth,
                layer,
            )
            if same:
                return spot.published[case.model] * (0.001 if case.setting == "stated" and case.model == "ltc" else 1)
        raise AssertionError(case)

    return length


@pytest.mark.parametrize("name", list(FIGURES))
def test_lengths_that_are_the_published_ones_are_matched(name):
    item, spots = ITEMS[name], FIGURES[name].SPOTS
    outcome = item.judge(QUICK, made_up(item, as_published(spots)))
    reproduced = outcome.findings[:3]
    assert [finding.verdict.kind for finding in reproduced] == ["holds"] * 3
    assert all("published lengths" in finding.what for finding in reproduced)
    assert outcome.verdict.kind == "holds if"
    assert "sum of k Gaussians" in str(outcome.verdict)
    assert ("identity" in str(outcome.verdict)) == (name in ("fig2a", "fig2b", "fig2e"))


@pytest.mark.parametrize("model", list(MODELS))
def test_lengths_that_are_others_are_not_reproducible_and_the_factor_is_told(model):
    item, right = ITEMS["fig2c"], as_published(fig2c.SPOTS)
    outcome = item.judge(
        QUICK, made_up(item, lambda case, layer: right(case, layer) / (2 if case.model == model else 1))
    )
    kinds = {name: f.verdict.kind for name, f in zip(MODELS, outcome.findings[:3], strict=True)}
    assert kinds == {name: "unclear" if name == model else "holds" for name in MODELS}
    assert "width 100 2.00" in outcome.findings[list(MODELS).index(model)].note


def test_where_the_ltc_is_not_the_longest_the_figure_does_not_hold():
    item, right = ITEMS["fig2b"], as_published(fig2b.SPOTS)
    outcome = item.judge(QUICK, made_up(item, lambda case, layer: 1.0 if case.model == "ltc" else right(case, layer)))
    assert outcome.verdict.kind == "does not hold"


def test_where_the_ltc_is_the_longest_in_every_way_the_figure_holds():
    item = ITEMS["fig2c"]

    def length(case, layer):
        return {"node": 1.0, "ctrnn": 10.0, "ltc": 1e6}[case.model]

    outcome = item.judge(QUICK, made_up(item, length))
    assert outcome.verdict.kind == "holds"


def test_a_hard_tanh_cannot_give_the_published_neural_odes():
    for name in ("fig2a", "fig2b", "fig2e"):
        item, spots = ITEMS[name], FIGURES[name].SPOTS
        outcome = item.judge(QUICK, made_up(item, as_published(spots)))
        beyond = next(f for f in outcome.findings if "can come from a hard tanh" in f.what)
        assert beyond.verdict.kind == "does not hold"
        assert "62.8" in beyond.measured


def test_the_claim_is_judged_where_the_figure_itself_makes_it():
    outcome = ITEMS["fig2a"].judge(QUICK, made_up(ITEMS["fig2a"], as_published(fig2a.SPOTS)))
    assert "(N-ODE/CT-RNN/LTC, layer 2)" in outcome.summary
    order = next(f for f in outcome.findings if f.what.startswith("LTC's trajectory is the longest"))
    assert "layer 1, layer 2, as published" in order.what


@pytest.mark.parametrize(("published", "expected"), [(0.5, 0.0), (1.0, 1 / 6), (2.0, 0.5), (2.5, 2 / 3), (9.0, 1.0)])
def test_quantiles_count_equal_ones_half(published, expected):
    assert quantile(published, np.array([1.0, 2.0, 3.0])) == pytest.approx(expected)


def test_matched_is_near_the_median_or_within_the_spread():
    ours = np.linspace(90, 110, 101)
    assert matched(91, ours)
    assert not matched(120, ours)
    assert not matched(80, ours)
    assert matched(104.9, np.full(20, 100.0))
    assert not matched(105.1, np.full(20, 100.0))


def test_the_paired_test_knows_a_direction_and_needs_enough_pairs():
    rng = np.random.default_rng(0)
    first = rng.lognormal(0, 2, 30)
    assert longer(first * 1.1, first) < 1e-4
    assert longer(first, first * 1.1) > 0.99
    models = {"ltc": first * 1.1, "ctrnn": first, "node": first * 1.2}
    assert longer(first, first) == 1.0
    sure, words = longest([models])
    assert not sure
    assert "CT-RNN in 100 %" in words
    assert "N-ODE in 0 %" in words


def test_figure_three_tells_trends_and_compares_solvers_on_the_same_networks():
    item = ITEMS["fig3"]

    def length(case, layer):
        loose = case.setting == "published" and case.solver == "ode23"
        size = {"node": 1, "ctrnn": 2, "ltc": 50}[case.model] * case.width * case.sigma_w
        return size * (1.05 if loose else 1)

    outcome = item.judge(QUICK, made_up(item, length))
    verdicts = {finding.what: str(finding.verdict) for finding in outcome.findings}
    assert verdicts["Length depends on the choice of the solver"] == "holds if tolerances are loose"
    assert verdicts["LTC's length grows with the width"] == "holds"
    assert verdicts["LTC's length grows with the variance of the weights"] == "holds"
    assert verdicts["LTC's length grows with depth"] == "does not hold"
    assert outcome.verdict.kind == "holds"
    assert outcome.measured == "LTC ∝ width^1.00"
    assert verdicts["Theorems 4 and 5: length grows like r^(depth · L), least for the CT-RNN, most for the LTC"] == (
        "does not hold"
    )
    assert outcome.tables[0].rows[3][:3] == ["width 100", "1.323", "0.661"]


def test_table_two_is_matched_by_its_own_values_and_by_no_others():
    item = ITEMS["depth"]
    from liquidtime.paper.depth import PUBLISHED

    def points(factor):
        def length(case, layer):
            return 25 * factor * PUBLISHED[case.activation.removeprefix("released ")][case.model]

        return item.judge(QUICK, made_up(item, length))

    right = [f.verdict.kind for f in points(1.0).findings[:3]]
    wrong = [f.verdict.kind for f in points(2.0).findings[:3]]
    assert right == ["holds"] * 3
    assert wrong == ["unclear"] * 3


@pytest.mark.parametrize("setting", ["published", "stated"])
@pytest.mark.parametrize("solver", ["ode45", "ode23", "LSODA", "Radau"])
def test_trajectories_give_what_they_say(setting, solver):
    case = Trajectories(setting, "ltc", "tanh", 1.0, 8, 2, 3, solver)
    value = case.run()
    assert np.shape(value["lengths"]) == np.shape(value["rms"]) == (3, 2)
    assert len(value["points"]) == 3
    assert np.shape(value["plane"])[:2] == (2, 2)
    flat = np.array(value["plane"][0])
    if flat.shape[1] < 1200:
        assert np.linalg.norm(np.diff(flat, axis=1), axis=0).sum() == pytest.approx(value["lengths"][0][0], rel=1e-3)
    assert value == case.run()


def test_as_stated_the_length_does_not_depend_on_the_solver():
    lengths = [
        np.array(Trajectories("stated", "ltc", "tanh", 2.0, 10, 1, 3, solver, rtol=1e-7).run()["rms"])
        for solver in ("ode45", "ode23", "LSODA", "Radau")
    ]
    for other in lengths[1:]:
        np.testing.assert_allclose(other, lengths[0], rtol=1e-3)


def test_the_time_constants_of_the_published_weights_can_be_drawn_otherwise():
    usual = Trajectories("published", "ctrnn", "tanh", 2.0, 20, 1, 5)
    biased = Trajectories("published", "ctrnn", "tanh", 2.0, 20, 1, 5, sigma_tau=1.0)
    assert usual.key != biased.key
    assert np.median(usual.run()["lengths"]) > np.median(biased.run()["lengths"])


def test_a_circle_grows_behind_each_layer_and_a_linear_network_would_say_so():
    case = fig1.Feedforward(networks=3, width=30, depth=4, points=200)
    lengths = np.array(case.run()["lengths"])
    assert lengths.shape == (3, 4)
    assert bool((np.diff(lengths, axis=1) > 0).all())
    item = ITEMS["fig1"]
    (asked,) = item.cases(QUICK)
    shrinking = {
        "lengths": [[6.0, 5.0, 4.0, 3.0, 2.0, 1.0]] * 20,
        "rms": [[6.28] * 6] * 20,
        "planes": [[[0.0, 1.0], [1.0, 0.0]]] * 6,
        "explained": [1.0] * 6,
    }
    outcome = item.judge(QUICK, Results({asked.key: shrinking}, {}))
    assert outcome.verdict.kind == "does not hold"
