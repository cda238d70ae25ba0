"""The item on Theorems 1 and 2: its numbers, and what it says when something is outside or missing."""

import json
from dataclasses import replace

import pytest
import torch

from liquidtime.paper import ITEMS
from liquidtime.paper.engine import Outcome, Results, Scale, does_not_hold, holds
from liquidtime.paper.parts.bounds_limits import BoxWithZero, SignedDecay, without_absolute_value
from liquidtime.paper.parts.bounds_others import Growth
from liquidtime.paper.parts.bounds_steps import FORMS, SOLVERS, STEPS, BoxTrials, walk
from liquidtime.paper.parts.bounds_trained import TrainedWalk, shares
from liquidtime.solvers import ExplicitEuler, ImplicitEuler
from populations import drawn

ITEM, QUICK = ITEMS["bounds"], Scale(quick=True)
KEPT = {"trials": [9] * len(STEPS), "inside": [9] * len(STEPS), "gave_up": [0] * len(STEPS), "excess": 1e-16}
LOST = {**KEPT, "inside": [9] * 8 + [0] * 9, "excess": 1e30}
ENDS = [[0.1, 0.2, 0.4], [1.0, 2.0, 4.0]]
WALK = {
    "visited": {"x": ENDS, "tau": [[0.2, 0.3, 0.4], [0.8, 1.0, 4.0]]},
    "state_excess": 0.0,
    "time_constant_excess": 1e-17,
    "tolerance": 2e-14,
    "values": 1000,
}


def value_of(case):
    """What each case gives when everything is as it should be."""
    if isinstance(case, TrainedWalk):
        walks = [WALK] * len(case.scales)
        return {"accuracy": 0.9, "zero_inside": True, "bounds": {"x": ENDS, "tau": ENDS}, "walks": walks}
    if isinstance(case, BoxTrials):
        return LOST if case.solver in ("explicit Euler", "RK4") else KEPT
    if isinstance(case, BoxWithZero):
        return {"settled": [-0.9, -0.8], "settled_inside": 2, "left_paper": 7, "left_own": 0}
    if isinstance(case, SignedDecay):
        bad = case.published
        return {
            "not_positive": 0.5 if bad else 0.0,
            "least_decay": -0.9 if bad else 0.1,
            "denominator_not_positive": 0.2 if bad else 0.0,
            "least_denominator": 0.01,
            "left": case.networks if bad else 0,
            "largest": 1e300,
        }
    sizes = {"tanh": [1.0, 10.0, 100.0, 1000.0], "ReLU": [1.0, 60.0, 1e24, 1e248]}[case.activation]
    if (case.model, case.activation) == ("CT-RNN", "tanh"):
        sizes = [0.4, 0.9, 0.9, 0.9]
    return {"sizes": [sizes], "inside": [True] * case.networks}


def judged(change=None, failing=()):
    """The outcome when some values are changed and some cases fail."""
    values, failures = {}, {}
    for case in ITEM.cases(QUICK):
        if isinstance(case, failing):
            failures[case.key] = "no data in the folder"
        else:
            values[case.key] = value_of(case) if change is None else change(case, value_of(case))
    outcome = ITEM.judge(QUICK, Results(values, failures))
    again = Outcome.from_dict(json.loads(json.dumps(outcome.to_dict(), allow_nan=False)))
    assert again.to_dict() == json.loads(json.dumps(outcome.to_dict()))
    return outcome


def verdict_of(outcome, what):
    (finding,) = [finding for finding in outcome.findings if what in finding.what]
    return finding.verdict


def test_what_it_says_when_all_is_as_it_should_be():
    outcome = judged()
    assert str(outcome.verdict).startswith("holds if f is not negative")
    for what in ("Theorem 1 on a trained LTC", "Theorem 2 on a trained conductance", "fused step", "midpoint step"):
        assert verdict_of(outcome, what) == holds
    for what in ("with 0 in the box", "published decay", "CT-RNN with ReLU", "neural ODE"):
        assert verdict_of(outcome, what) == does_not_hold
    assert str(verdict_of(outcome, "CT-RNN with bounded f")) == "holds if f is bounded"
    assert "Missing" not in outcome.summary
    assert len(outcome.pictures) == 8


@pytest.mark.parametrize(
    ("what", "kind", "changes"),
    [
        ("fused step", "fused", {"inside": [9] * 16 + [8], "excess": 1e-3}),
        ("exponential midpoint step", "exponential midpoint", {"inside": [8] + [9] * 16}),
        ("Implicit Euler keeps", "implicit Euler", {"inside": [9] * 16 + [8]}),
    ],
    ids=["fused", "midpoint", "implicit"],
)
def test_one_network_outside_ends_the_statement_about_a_step(what, kind, changes):
    def change(case, value):
        return {**value, **changes} if isinstance(case, BoxTrials) and case.solver == kind else value

    outcome = judged(change)
    assert verdict_of(outcome, what) == does_not_hold
    assert outcome.verdict == does_not_hold


@pytest.mark.parametrize("name", ["state_excess", "time_constant_excess"])
def test_one_excess_ends_the_statement_about_a_trained_model(name):
    def change(case, value):
        if not (isinstance(case, TrainedWalk) and case.model == "ltc"):
            return value
        return {**value, "walks": [*value["walks"][:-1], {**WALK, name: 1e-3}]}

    outcome = judged(change)
    number = 2 if name == "state_excess" else 1
    assert verdict_of(outcome, f"Theorem {number} on a trained LTC") == does_not_hold
    assert verdict_of(outcome, f"Theorem {number} on a trained conductance LTC") == holds
    assert outcome.verdict == does_not_hold


def test_what_is_missing_is_said_and_the_rest_is_judged():
    outcome = judged(failing=(TrainedWalk,))
    assert "Missing: TrainedWalk ltc" in outcome.summary
    assert "(no data in the folder)" in outcome.summary
    assert verdict_of(outcome, "fused step") == holds
    assert not any("trained" in finding.what for finding in outcome.findings)
    empty = ITEM.judge(QUICK, Results({}, {}))
    assert str(empty.verdict) == "not reproducible from what was published"


@pytest.mark.parametrize("form", FORMS)
def test_trials_of_a_convex_step_stay_inside_and_those_of_an_explicit_one_do_not(form):
    for solver in ("fused", "exponential midpoint"):
        value = BoxTrials(form, solver, 340).run()
        assert value["inside"] == value["trials"] == [20] * len(STEPS)
        assert value["excess"] < 1e-12
    for solver in ("explicit Euler", "RK4"):
        value = BoxTrials(form, solver, 340).run()
        assert value["inside"][0] == 20
        assert value["inside"][-1] == 0
        json.dumps(value, allow_nan=False)


def test_implicit_euler_that_fails_for_one_network_does_not_take_the_others_along():
    networks, x, u, _ = drawn("conductance", 8, count=24)
    solver = ImplicitEuler(1, max_iterations=4)
    together = walk(solver, networks, x, u.unsqueeze(0), 3.0)
    rows = torch.arange(24).split(1)
    alone = [walk(solver, networks.subset(n), x[n], u[n].unsqueeze(0), 3.0) for n in rows]
    assert torch.equal(together[1], torch.cat([failed for _, failed in alone]))
    assert 0 < int(together[1].sum()) < 24
    assert torch.allclose(together[0], torch.cat([excess for excess, _ in alone]), atol=1e-12)


def test_a_walk_measures_the_worst_of_its_samples():
    networks, x, u, _ = drawn("ltc", 9, count=6)
    excess, gave_up = walk(ExplicitEuler(1), networks, x, torch.stack([u, -u]), 30.0)
    first = ExplicitEuler(1).integrate(networks.field(u), x, torch.full((6, 1), 30.0).double())
    second = ExplicitEuler(1).integrate(networks.field(-u), first, torch.full((6, 1), 30.0).double())
    assert torch.allclose(excess, torch.maximum(networks.excess(first), networks.excess(second)))
    assert not gave_up.any()


def test_every_solver_has_trials():
    assert {case.solver for case in ITEM.cases(QUICK) if isinstance(case, BoxTrials)} == set(SOLVERS)


def test_the_share_of_an_interval_is_logarithmic_for_time_constants():
    value = {"bounds": {"x": [[-1.0], [3.0]], "tau": [[0.01], [100.0]]}}
    walked = {"visited": {"x": [[0.0], [1.0]], "tau": [[0.1], [10.0]]}}
    assert shares(value, walked, "x") == pytest.approx([0.25])
    assert shares(value, walked, "tau") == pytest.approx([0.5])


def test_the_box_with_zero_fails_and_its_own_does_not():
    value = BoxWithZero(30).run()
    assert max(value["settled"]) < -0.5
    assert min(value["settled"]) > -1
    assert value["settled_inside"] == 30
    assert value["left_paper"] > 0
    assert value["left_own"] == 0


def test_the_published_decay_is_that_without_the_absolute_value():
    networks, x, u, _ = drawn("signed", 10, count=5, size=1.0)
    drive, decay = without_absolute_value(networks.field(u), networks)(x)
    rate, A, W, W_in, b = networks.coefficients
    f = torch.tanh(torch.einsum("nhk,nk->nh", W, x) + torch.einsum("nhi,ni->nh", W_in, u) + b)
    assert torch.allclose(decay, rate + f)
    assert torch.allclose(drive, f * A)


def test_a_signed_decay_fails_as_published_and_holds_with_the_absolute_value():
    published, safe = (SignedDecay(40, decay, "fused", 10.0).run() for decay in (True, False))
    assert published["not_positive"] > 0.2
    assert published["denominator_not_positive"] > 0
    assert published["left"] > 30
    assert (safe["not_positive"], safe["left"]) == (0, 0)
    assert safe["least_denominator"] >= 1
    json.dumps(published, allow_nan=False)


def test_how_far_the_other_models_go():
    for model, activation in (("CT-RNN", "tanh"), ("CT-RNN", "ReLU"), ("N-ODE", "tanh")):
        value = Growth(model, activation, 3, times=(1, 10, 100)).run()
        json.dumps(value, allow_nan=False)
        last = [sizes[-1] for sizes in value["sizes"]]
        if (model, activation) == ("CT-RNN", "tanh"):
            assert value["bounded"]
            assert all(value["inside"])
            assert max(last) <= 1
        else:
            assert not value["bounded"]
            assert max(last) > 50


@pytest.mark.parametrize("model", ["ltc", "conductance-ltc"])
def test_a_trained_walk_is_inside_its_bounds_and_visits_part_of_them(model, monkeypatch):
    from liquidtime.paper.parts import bounds_trained
    from liquidtime.training import recipe_for

    monkeypatch.setattr(
        bounds_trained,
        "recipe_for",
        lambda *names: replace(recipe_for(*names), epochs=1, hidden_size=4, batch_size=512),
    )
    value = TrainedWalk(model, rows=40, scales=(1.0, 1e6)).run()
    json.dumps(value, allow_nan=False)
    for quantity in ("x", "tau"):
        low, high = value["bounds"][quantity]
        for walked in value["walks"]:
            assert walked["state_excess"] <= walked["tolerance"]
            assert walked["time_constant_excess"] <= walked["tolerance"]
            least, most = walked["visited"][quantity]
            edges = zip(low, least, most, high, strict=True)
            assert all(a * (1 - 1e-9) - 1e-9 <= b <= c <= d * (1 + 1e-9) + 1e-9 for a, b, c, d in edges)
