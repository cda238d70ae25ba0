"""The item on stiffness: its reference, its orders, its regions, and what it says when results are bad or missing."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from liquidtime import ConductanceLTC
from liquidtime.paper import ITEMS
from liquidtime.paper.engine import Outcome, Results, Scale, does_not_hold, holds
from liquidtime.paper.parts import stability_region, stability_scores
from liquidtime.paper.parts.stability_accuracy import FIXED, ORDERS, SLOW, Accuracy, Update, errors, median_error, order
from liquidtime.paper.parts.stability_effort import Effort
from liquidtime.paper.parts.stability_region import Region, at_rest
from liquidtime.paper.parts.stability_scores import Trained, compare
from liquidtime.paper.parts.stability_settings import FUSED, MIDPOINT, SETTINGS
from liquidtime.paper.parts.stability_time import TimeForError, TrainingStep, rounds_of
from liquidtime.solvers import RK4, Adaptive, ExponentialMidpoint, Fused, ImplicitEuler
from liquidtime.theory import time_constant_bounds
from populations import Extrapolating, MidpointOfTwoMinds

ITEM = ITEMS["stability"]
QUICK, FULL = Scale(quick=True), Scale(quick=False)


def value_of(case):
    """What each case gives when everything is as it should be."""
    if isinstance(case, Accuracy):
        runs = {}
        for solver, p in ORDERS.items():
            each = FIXED[solver][1] if solver in FIXED else 1
            steps = [work // each for work in case.evaluations if work % each == 0]
            runs[solver] = [
                {"steps": n, "evaluations": n * each, "errors": [0.5 / n**p] * case.networks} for n in steps
            ]
        runs["RK45"] = [{"steps": 1e-3, "evaluations": 50.0, "errors": [1e-4] * case.networks}]
        return {"runs": runs, "reference_difference": 1e-12, "decay": 6.0, "fastest": 9.0}
    if isinstance(case, Region):
        limits = {"explicit Euler": 1.5, "RK4": 2.2}
        each = {s: [limits.get(s)] * case.networks for s in (*FIXED, "implicit Euler")}
        decays = {"decay": [7.0] * case.networks, "largest_decay": [20.0] * case.networks}
        return {**decays, "inside": each, "near": each, "end": 200.0}
    if isinstance(case, Effort):
        found = {
            name: [0.01] * case.networks for name in ("RK45", "fused, six steps", "exponential midpoint, three steps")
        }
        counts = [int(50 * case.stiffness)] * case.networks
        return {"evaluations": counts, "decay": [7 * case.stiffness] * case.networks, "errors": found}
    if isinstance(case, TimeForError):
        one = {"work": "3 steps", "error": 0.009, "seconds": 0.002}
        return {"fused": {**one, "ratio": 1.0}, "exponential midpoint": {**one, "ratio": 0.5}}
    if isinstance(case, TrainingStep):
        return {name: {"seconds": 0.004, "ratio": evaluations / 6} for name, (_, _, evaluations) in SETTINGS.items()}
    base = {"gesture": 69.0, "cheetah": 2.4}[case.data]
    return {"score": base + 0.1 * case.seed, "best_epoch": 9}


def judged(scale=FULL, change=None, failing=lambda case: False):
    """The outcome when some values are changed and some cases fail."""
    values, failures = {}, {}
    for case in ITEM.cases(scale):
        if failing(case):
            failures[case.key] = "gesture: a1_va3.csv is missing"
        else:
            values[case.key] = value_of(case) if change is None else change(case, value_of(case))
    outcome = ITEM.judge(scale, Results(values, failures))
    stored = json.loads(json.dumps(outcome.to_dict(), allow_nan=False))
    assert json.loads(json.dumps(Outcome.from_dict(stored).to_dict())) == stored
    return outcome


def verdicts(outcome, what):
    found = [finding.verdict for finding in outcome.findings if what in finding.what]
    assert found, what
    return found


@pytest.mark.parametrize("scale", [QUICK, FULL], ids=["quick", "full"])
def test_what_it_says_when_all_is_as_it_should_be(scale):
    outcome = judged(scale)
    assert outcome.verdict == holds
    assert "Missing" not in outcome.summary
    for what in ("fused step is stable", "midpoint step is stable", "second order", "RK45 takes the more"):
        assert verdicts(outcome, what) == [holds]
    trained = [finding for finding in outcome.findings if "train a better model" in finding.what]
    # With one seed nothing follows; with five equal scores there is no gain.
    assert [finding.verdict for finding in trained] == ([] if scale.quick else [does_not_hold] * 4)


def test_a_fused_step_that_leaves_the_box_ends_the_claim():
    def change(case, value):
        if isinstance(case, Region) and case.hidden == 16:
            return {**value, "inside": {**value["inside"], "fused": [3.0, *value["inside"]["fused"][1:]]}}
        return value

    outcome = judged(change=change)
    assert verdicts(outcome, "fused step is stable") == [does_not_hold]
    assert verdicts(outcome, "midpoint step is stable") == [holds]
    assert outcome.verdict == does_not_hold


def test_explicit_steps_without_a_limit_would_end_theirs():
    def change(case, value):
        if isinstance(case, Region):
            return {**value, "near": {**value["near"], "RK4": [None] * case.networks}}
        return value

    assert verdicts(judged(change=change), "RK4 is stable only") == [does_not_hold]


def test_newton_that_fails_makes_implicit_euler_conditional():
    def change(case, value):
        if isinstance(case, Region):
            near = {**value["near"], "implicit Euler": [5.0, *[None] * (case.networks - 1)]}
            return {**value, "near": near}
        return value

    (verdict,) = verdicts(judged(change=change), "Implicit Euler is stable")
    assert str(verdict).startswith("holds if its equation is solved")


def test_a_midpoint_of_first_order_is_no_second_order():
    def change(case, value):
        if isinstance(case, Accuracy):
            runs = {**value["runs"], "exponential midpoint": value["runs"]["fused"]}
            return {**value, "runs": runs}
        return value

    outcome = judged(change=change)
    assert verdicts(outcome, "second order") == [does_not_hold]
    assert verdicts(outcome, "more accurate than the fused") == [does_not_hold] * 2


@pytest.mark.parametrize(
    ("gain", "noise", "words"),
    [(1.0, 0.01, "holds"), (1.0, 0.75, "holds if"), (0.0, 0.5, "does not hold"), (-1.0, 0.01, "does not hold")],
    ids=["clear", "perhaps", "none", "loss"],
)
def test_a_gain_in_score_is_held_against_the_number_of_tests(gain, noise, words):
    spread = noise * np.array([1, -1, 0.5, -0.5, 0.0])

    def change(case, value):
        if isinstance(case, Trained) and (case.solver, case.substeps) == SETTINGS[MIDPOINT][:2]:
            better = 1 if case.data == "gesture" else -1
            return {**value, "score": value["score"] + better * (gain + spread[case.seed])}
        return value

    for verdict in verdicts(judged(change=change), "train a better model"):
        assert str(verdict).startswith(words)
        assert words != "holds" or verdict == holds


def test_fewer_evaluations_that_cost_score_are_found():
    def change(case, value):
        if isinstance(case, Trained) and (case.solver, case.substeps) == ("exponential-midpoint", 1):
            worse = -1 if case.data == "gesture" else 1
            return {**value, "score": value["score"] + worse * (2 + 0.1 * case.seed)}
        return value

    assert verdicts(judged(), "Fewer than six") == [does_not_hold] * 4
    assert verdicts(judged(change=change), "Fewer than six") == [holds] * 4


def test_a_data_set_that_is_missing_is_said_and_the_rest_is_judged():
    outcome = judged(failing=lambda case: isinstance(case, Trained) and case.data == "gesture")
    assert "Missing: Trained gesture" in outcome.summary
    assert "and 49 more (gesture: a1_va3.csv is missing)" in outcome.summary
    assert len(verdicts(outcome, "train a better model")) == 2
    assert all("gesture" not in finding.what for finding in outcome.findings)
    assert outcome.verdict == holds
    nothing = ITEM.judge(FULL, Results({}, {}))
    assert str(nothing.verdict) == "not reproducible from what was published"


def test_a_training_without_its_data_raises_value_error(monkeypatch, tmp_path):
    monkeypatch.setenv("LIQUIDTIME_DATA", str(tmp_path))
    for data in ("gesture", "cheetah"):
        with pytest.raises(ValueError, match=data):
            Trained(data, "ncps", "fused", 6, seed=0, epochs=1).run()


def test_a_training_gives_a_score_in_its_unit(monkeypatch):
    from tiny import make_task

    score = replace(stability_scores.DATA["gesture"], read=make_task)
    monkeypatch.setitem(stability_scores.DATA, "gesture", score)
    value = Trained("gesture", "published", "exponential-midpoint", 1, seed=0, epochs=1).run()
    assert 0 <= value["score"] <= 100
    assert value["best_epoch"] == 1


def test_the_reference_is_right():
    update = Update.draw(2, SLOW)
    fine, finer = (update.after(RK4(n))[0] for n in (250, 500))
    adaptive, _ = update.after(Adaptive(rtol=1e-10, atol=1e-12))
    assert torch.allclose(fine, finer, atol=1e-8)
    assert torch.allclose(finer, adaptive, atol=1e-9)


def test_the_reference_of_a_case_that_is_too_coarse_shows():
    fine, coarse = (Accuracy(SLOW, 2, n, evaluations=(6,), newton=(1,), tolerances=(1e-1,)).run() for n in (300, 12))
    assert fine["reference_difference"] < 1e-7
    assert coarse["reference_difference"] > 1e-5
    json.dumps(fine, allow_nan=False)


@pytest.fixture(scope="module")
def update():
    """Three networks, and their exact states after one unit of time."""
    drawn = Update.draw(3, SLOW)
    return drawn, drawn.after(RK4(400))[0]


@pytest.mark.parametrize("solver", sorted(ORDERS))
def test_measured_orders_are_those_of_the_methods(solver, update):
    make, steps = (FIXED[solver][0], (96, 192)) if solver in FIXED else (ImplicitEuler, (12, 24))
    steps = (48, 96) if solver == "RK4" else steps
    drawn, exact = update
    runs = [{"steps": n, "errors": errors(drawn.after(make(n))[0], exact)} for n in steps]
    assert order(runs) == pytest.approx(ORDERS[solver], abs=0.25)


@pytest.mark.parametrize("wrong", [MidpointOfTwoMinds, Extrapolating], ids=lambda method: method.__name__)
def test_a_wrong_midpoint_shows_in_its_order_or_its_invariance(wrong, update):
    drawn, exact = update
    second, kept = {}, {}
    for method in (wrong, ExponentialMidpoint):
        runs = [{"steps": n, "errors": errors(drawn.after(method(n))[0], exact)} for n in (96, 192)]
        second[method] = abs(order(runs) - 2) < 0.2
        networks, u = drawn.networks.subset(torch.arange(3).repeat(40)), drawn.u.repeat(40, 1)
        start, spans = networks.states(torch.Generator().manual_seed(0)), torch.logspace(-2, 1, 120).double()
        after = method(1).integrate(networks.field(u), start, spans.unsqueeze(-1))
        kept[method] = float(networks.excess(after).max()) < 1e-12
    assert second[ExponentialMidpoint]
    assert kept[ExponentialMidpoint]
    assert second[wrong] == (wrong is Extrapolating)
    assert not (second[wrong] and kept[wrong])


def test_six_evaluations_cost_what_the_first_measurements_said():
    # Those networks had half the leak conductance: median errors of 0.079 with fused and 0.015 with midpoint steps.
    update = Update.draw(40, SLOW)
    halved = [0.5 * c if n in (8, 9) else c for n, c in enumerate(update.networks.coefficients)]
    update = Update(replace(update.networks, coefficients=tuple(halved)), update.x, update.u)
    exact, _ = update.after(RK4(200))
    found = {s: float(np.median(errors(update.after(s)[0], exact))) for s in (Fused(6), ExponentialMidpoint(3))}
    assert found[Fused(6)] == pytest.approx(0.079, rel=0.15)
    assert found[ExponentialMidpoint(3)] == pytest.approx(0.015, rel=0.15)


def test_evaluations_are_counted():
    update = Update.draw(2, SLOW)
    for solver, calls in ((Fused(5), 5), (ExponentialMidpoint(3), 6), (RK4(2), 8)):
        assert update.after(solver)[1] == calls
    assert update.after(ImplicitEuler(1))[1] > 4


def test_a_network_alone_is_that_of_the_batch():
    update = Update.draw(3, SLOW)
    together, _ = update.after(Fused(6))
    for n in range(3):
        assert torch.allclose(update.one(n).after(Fused(6))[0][0], together[n], rtol=1e-12)


def test_networks_are_those_of_the_library_at_its_own_start():
    networks = Update.draw(200, SLOW).networks
    torch.manual_seed(0)
    intervals = [time_constant_bounds(ConductanceLTC(4, 16, init="ncps")) for _ in range(20)]
    lower = torch.stack([interval.lower for interval in intervals])
    assert (1 / networks.fastest).median() == pytest.approx(float(lower.median()), rel=0.05)
    assert torch.allclose(1 / networks.slowest, torch.full_like(networks.slowest, 0.5))


def test_the_region_of_a_linear_network_ends_where_theory_says(monkeypatch):
    # Without synapses dx/dt = decay (E_leak − x): Euler ends at h · decay = 2, and leaves the box at 1.
    class Linear(Update):
        @classmethod
        def draw(cls, count, C, seed=0, hidden=4):
            update = Update.draw(count, C, seed, hidden)
            still = [0.0 * c if n in (2, 3, 6, 7) else c for n, c in enumerate(update.networks.coefficients)]
            return Update(replace(update.networks, coefficients=tuple(still)), update.x, update.u)

    monkeypatch.setattr(stability_region, "Update", Linear)
    value = Region(4, 2, per_decade=20, steps=300, newton=1).run()
    step = 10 ** (1 / 20)
    for solver, limit in (("explicit Euler", 2.0), ("RK4", 2.785)):
        for found in value["near"][solver]:
            assert limit / step < found <= limit * 1.001
    assert all(found <= 2 for found in value["inside"]["explicit Euler"])
    for solver in ("fused", "exponential Euler", "exponential midpoint", "implicit Euler"):
        assert value["near"][solver] == value["inside"][solver] == [None] * len(value["near"][solver])
    assert value["decay"] == pytest.approx([2.0] * 2)


def test_rk45_pays_for_stiffness_and_fixed_steps_do_not():
    slow, fast = (Effort(stiffness, 1).run() for stiffness in (1.0, 12.0))
    assert np.median(fast["evaluations"]) > 2 * np.median(slow["evaluations"])
    assert np.median(fast["decay"]) == pytest.approx(12 * np.median(slow["decay"]), rel=1e-6)
    json.dumps(fast, allow_nan=False)


def test_a_decay_at_rest_is_that_of_the_equilibrium():
    update = Update.draw(3, SLOW)
    end, _ = update.after(RK4(400), span=20.0)
    decay = update.networks.field(update.u)(end)[1].amax(-1)
    assert torch.allclose(at_rest(update), decay, rtol=0.02)


def test_medians_count_what_diverged():
    assert median_error({"errors": [0.1, None, 0.3]}) == 0.3
    assert median_error({"errors": [0.1, None, None]}) is None
    exact = torch.zeros(3, 2, dtype=torch.float64)
    states = torch.tensor([[0.1, -0.2], [torch.nan, 0.0], [1e9, 0.0]], dtype=torch.float64)
    assert errors(states, exact) == [pytest.approx(0.2), None, None]


def test_paired_comparisons():
    fused, ours = [2.0, 2.2, 2.1, 2.4], [1.9, 2.1, 2.05, 2.2]
    result = compare(ours, fused, better=-1)
    gains = np.subtract(fused, ours)
    assert result.gain == pytest.approx(gains.mean())
    half = 3.182446 * gains.std(ddof=1) / math.sqrt(4)
    assert (result.low, result.high) == pytest.approx((gains.mean() - half, gains.mean() + half), rel=1e-5)
    assert compare([1.0], [2.0], 1).p is None
    assert compare([1.0, 2.0], [0.0, 1.0], 1).p is None


def test_rounds_time_every_job_once_and_start_with_another():
    order_of_calls = []
    jobs = {name: lambda name=name: order_of_calls.append(name) for name in "abc"}
    seconds = rounds_of(jobs, 2)
    assert order_of_calls == list("abcbcacab")
    assert [len(taken) for taken in seconds.values()] == [2, 2, 2]


def test_times_are_relative_to_fused():
    value = TimeForError(SLOW, 5e-2, networks=2, rounds=1).run()
    assert value["fused"]["ratio"] == 1
    assert all(one["error"] <= 5e-2 for one in value.values())
    assert TimeForError.alone
    step = TrainingStep(3, 2, rounds=1, hidden=4, batch=2, length=3).run()
    assert step[FUSED]["ratio"] == 1
    assert set(step) == set(SETTINGS)
    json.dumps([value, step], allow_nan=False)


def test_every_setting_says_its_evaluations():
    for solver, substeps, evaluations in SETTINGS.values():
        assert evaluations == substeps * {"fused": 1, "exponential-midpoint": 2}[solver]
