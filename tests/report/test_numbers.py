"""The report page where numbers are predicted, where no dates are told, and where only the last label counts."""

import base64
import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from liquidtime.data import Recording
from liquidtime.data.table import Options, load
from liquidtime.report import render, replay
from liquidtime.report.clock import Clock
from liquidtime.report.residuals import worst_rows
from liquidtime.report.targets import Targets
from liquidtime.training import MODELS, load_model, read_intervals, train
from own_files import sensors
from tiny import RECIPE, make_regression, make_task

SUMS, TASK = make_regression(), make_task()


def trained(folder, task=SUMS, **changes):
    return train(task, replace(RECIPE, epochs=1, **changes), 0, folder / "run", command="liquidtime train sums")


def body(text):
    start, end = text.index("<main>"), text.index("</main>")
    return text[text.index("<title>") : text.index("<style>")] + text[start:end]


def figures(text):
    blocks = re.findall(r'<script type="application/json" data-figure="([^"]+)">(.*?)</script>', text, re.DOTALL)
    return {name: json.loads(content) for name, content in blocks}


def values(packed):
    if not isinstance(packed, dict):
        return np.array(packed, float)
    flat = np.frombuffer(base64.b64decode(packed["bdata"]), packed["dtype"])
    return flat.reshape([int(n) for n in packed["shape"].split(",")]) if "shape" in packed else flat


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    run = trained(tmp_path_factory.mktemp("page"), model="ltc", timespan=0.6)
    return run, render(run, SUMS)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_gets_every_section(name, tmp_path):
    text = body(render(trained(tmp_path, model=name), SUMS))
    assert re.findall(r'<section id="(\w+)"><h2>', text) == [
        "learning",
        "predictions",
        "liquid",
        "influence",
        "errors",
        "reproducibility",
    ]
    drawn = {"figure-predictions-0", "figure-predictions-1", "figure-neurons-1", "figure-influence", "figure-residuals"}
    assert drawn <= set(figures(text))


def test_the_page_tells_the_scores(page):
    run, text = page[0], body(page[1])
    assert f"<h1>LTC on sums: squared error {run.results['test_squared_error']:.4g} on the test steps</h1>" in text
    assert "of 56 steps in 8 test windows" in text
    assert "on parts of which it was trained" in text
    assert "test recordings" not in text
    assert "accuracy" not in text
    errors = [np.square(replay(load_model(run), one).residual) for one in SUMS.recordings]
    assert f"its squared error is {np.concatenate(errors).mean():.4g}" in text
    assert f"</strong> 50 rows, squared error {errors[0].mean():.4g}" in text


def test_curves_are_truth_and_prediction_in_their_own_units(page):
    run, text = page
    first = SUMS.recordings[0]
    drawn = figures(text)["figure-predictions-0"]["data"]
    assert [trace["name"] for trace in drawn] == ["truth", "model"] * 2
    targets = [trace["hovertemplate"].split(",")[0] for trace in drawn]
    with torch.no_grad():
        said = load_model(run)(first.x.unsqueeze(0), None, first.timespans.unsqueeze(0))[0][0].numpy()
    for trace, name in zip(drawn, targets, strict=True):
        column = SUMS.targets.index(name)
        own = (first.y.numpy() if trace["name"] == "truth" else said)[:, column]
        expected = own * SUMS.target_std[column] + SUMS.target_mean[column]
        np.testing.assert_allclose(values(trace["y"]), expected, rtol=1e-4, atol=1e-5)
        elapsed = np.concatenate([[0], np.cumsum(first.timespans.numpy()[1:].astype(float))])
        np.testing.assert_allclose(values(trace["x"]), elapsed, rtol=1e-6)


def test_the_axis_is_the_elapsed_time_on_every_picture(page):
    drawn = figures(page[1])
    for name in ("figure-predictions-0", "figure-neurons-0"):
        axis = drawn[name]["layout"]["xaxis"]
        assert axis["title"]["text"] == "elapsed time"
        assert "type" not in axis
        assert axis["range"][0] == 0


def test_every_target_has_its_errors(page):
    run, text = page
    walks = [replay(load_model(run), one) for one in SUMS.recordings]
    off = np.concatenate([one.residual for one in walks]) * SUMS.target_std
    truth = np.concatenate([one.truth for one in walks]) * SUMS.target_std
    for column, name in enumerate(SUMS.targets):
        r2 = 1 - np.square(off[:, column]).mean() / truth[:, column].var()
        cells = (np.square(off[:, column]).mean(), np.abs(off[:, column]).mean(), truth[:, column].std())
        row = "".join(f"<td>{value}</td>" for value in (name, *(f"{cell:.4g}" for cell in cells), f"{r2:.3f}"))
        assert row in body(text)


def test_many_targets_are_drawn_from_the_best_to_the_worst():
    random = np.random.default_rng(7)
    truth = random.normal(size=(200, 12))
    said = truth + random.permutation(12) * random.normal(size=(200, 12))
    targets = Targets(tuple("abcdefghijkl"), truth, said)
    chosen = targets.spread(6)
    assert len(set(chosen)) == 6
    assert list(targets.explained[chosen]) == sorted(targets.explained[chosen], reverse=True)
    assert chosen[0] == targets.explained.argmax()
    assert chosen[-1] == targets.explained.argmin()
    np.testing.assert_allclose(targets.explained, 1 - ((said - truth) ** 2).mean(0) / truth.var(0))


def test_a_target_that_never_moves_is_no_reason_to_fail():
    targets = Targets(("flat",), np.full((9, 1), 3.0), np.full((9, 1), 4.0))
    assert targets.explained.tolist() == [0.0]


def test_the_worst_rows_are_the_worst_and_apart(page):
    run = page[0]
    walks = [replay(load_model(run), one) for one in SUMS.recordings]
    targets = Targets.of(run, walks)
    worst = worst_rows(walks, targets)
    size = np.square((targets.said - targets.truth) / targets.truth.std(0)).mean(1)
    assert worst[0].size == pytest.approx(size.max())
    assert [row.size for row in worst] == sorted((row.size for row in worst), reverse=True)
    for row in worst:
        joined = row.index + (len(walks[0]) if row.recording else 0)
        assert size[joined] == pytest.approx(row.size)
        rivals = [other for other in worst if other is not row and other.recording == row.recording]
        assert all(abs(other.index - row.index) >= 16 for other in rivals)
    links = re.findall(r'data-jump="(\d)" data-from="([\d.]+)" data-to="([\d.]+)">time', body(page[1]))
    assert [int(link[0]) for link in links] == [row.recording for row in worst]
    assert all(float(link[1]) < float(link[2]) for link in links)


def test_time_constants_are_told_in_units_of_the_data(tmp_path):
    recording = replace(SUMS.recordings[0], timespans=None)
    slow = load_model(trained(tmp_path, model="ctrnn", timespan=0.25))
    shown = replay(slow, recording).tau
    np.testing.assert_allclose(shown[0], slow.rnn.dynamics().tau.detach().numpy() / 0.25, rtol=1e-6)


def test_bounds_are_in_the_same_units(page):
    assert "time constants are inside their bounds" in body(page[1])
    assert "Checked, and not kept" not in body(page[1])
    side = figures(page[1])["figure-neurons-0"]["data"]
    bounds = next(trace for trace in side if str(trace.get("text", [""])[0]).startswith("bounds"))
    seen = next(trace for trace in side if str(trace.get("text", [""])[0]).startswith("observed"))
    for allowed, observed in zip(bounds["text"][::3], seen["text"][::3], strict=True):
        low, high = map(float, re.findall(r"[\d.e+-]+", allowed)[-2:])
        least, most = map(float, re.findall(r"[\d.e+-]+", observed)[-2:])
        assert low <= least * 1.01
        assert most <= high * 1.01


def test_spans_reach_the_walk(tmp_path):
    model = load_model(trained(tmp_path, model="ltc"))
    one = SUMS.recordings[0]
    with torch.no_grad():
        expected = model(one.x.unsqueeze(0), None, one.timespans.unsqueeze(0))[0][0]
    np.testing.assert_allclose(replay(model, one).output, expected.numpy(), rtol=1e-5)
    assert not np.allclose(replay(model, replace(one, timespans=None)).output, expected.numpy(), rtol=1e-3)


def test_classes_without_dates_count_steps(tmp_path):
    task = replace(TASK, recordings=(replace(TASK.recordings[0], time=None),))
    text = render(trained(tmp_path, task), task)
    axis = figures(text)["figure-predictions-0"]["layout"]["xaxis"]
    assert (axis["title"]["text"], axis["range"]) == ("step", [0.0, 50.0])
    assert 'data-from="' in body(text)
    assert ">step " in body(text)
    assert "2020" not in body(text).split("reproducibility")[0]


def test_only_last_labels_are_counted_as_such(tmp_path):
    last = {part: replace(getattr(TASK, part), last=True) for part in ("train", "valid", "test")}
    one = TASK.recordings[0]
    ends = tuple(
        replace(one, name=f"r{rows}", time=one.time[:rows], x=one.x[:rows], raw=one.raw[:rows], y=one.y[:rows])
        for rows in (7, 9, 14, 23)
    )
    task = replace(TASK, **last, recordings=ends)
    run = trained(tmp_path, task)
    text = body(render(run, task))
    assert "of 6 last steps in 6 test windows" in text
    walks = [replay(load_model(run), recording, last=True) for recording in ends]
    right = sum(int(walk.predicted[-1] == walk.truth[-1]) for walk in walks)
    assert 0 < right < 4, "the test needs both"
    assert f"it is right at the end of {right} of 4" in text
    cells = [int(cell) for cell in re.findall(r'class="number">([\d,]+)<', text)]
    assert sum(cells[4:8]) == 4
    assert "the second the last row of each of the test recordings once" in text
    assert f"{4 - right} row" in text
    assert "right at the end" in text
    assert "wrong at the end" in text
    assert all(walk.wrong[:-1].sum() == 0 for walk in walks)


def test_the_chosen_score_is_the_one_that_is_shown(tmp_path):
    task = replace(TASK, metric="f1", class_weights=(0.5, 2.0))
    run = trained(tmp_path, task)
    text = body(render(run, task))
    assert f"F1 {run.results['test_f1']:.3f} on the test steps" in text
    assert f"there the F1 on the validation windows was highest, {run.results['valid_f1']:.3f}" in text


def test_the_page_says_when_patience_ended_a_run(tmp_path):
    run = train(TASK, replace(RECIPE, epochs=40, learning_rate=0.3, patience=3), 3, tmp_path / "run")
    assert run.results["epochs"] < 40
    text = body(render(run, TASK))
    assert f"after each of the {run.results['epochs']} epochs." in text
    assert "Training ended when 3 epochs in a row had been no better." in text
    (tmp_path / "whole").mkdir()
    assert "Training ended" not in body(render(trained(tmp_path / "whole", TASK, patience=3), TASK))


def test_a_clock_of_each_kind():
    time = np.datetime64("2020-01-01T00:00:00") + np.array([0, 10, 20, 50]).astype("timedelta64[s]")
    dated = Clock(4, time)
    assert dated.moment(2) == "2020-01-01 00:00:20"
    assert (dated.ends - dated.starts).tolist() == [10e3, 10e3, 30e3, 10e3]
    assert dated.sample == "10 s"
    steps = Clock(4)
    assert (steps.moment(2), steps.ends.tolist(), steps.sample) == ("step 2", [1, 2, 3, 4], "")
    elapsed = Clock(3, None, np.array([9.0, 0.5, 2.0], np.float32))
    assert (elapsed.moment(2), elapsed.starts.tolist()) == ("time 2.5", [0.0, 0.5, 2.5])


def test_a_recording_of_one_row_can_be_shown(tmp_path):
    one = SUMS.recordings[0]
    short = Recording("one", None, one.x[:1], one.raw[:1], one.y[:1], one.timespans[:1])
    task = replace(SUMS, recordings=(short,))
    assert "1 row" in body(render(trained(tmp_path, task), task))


def test_a_forecast_is_drawn_inside_its_intervals(tmp_path):
    task = load([sensors(tmp_path)], Options("warmth", time="time", horizon=2, window=16)).task
    run = train(task, replace(RECIPE, epochs=1), 0, tmp_path / "run")
    level, offsets = read_intervals(run.path, run.outputs)
    text = render(run, task)
    drawn = figures(text)["figure-predictions-0"]["data"]
    assert f"The pale band held {100 * level:.0f} % of the truth" in text
    for place, (low, high) in enumerate(offsets):
        lower, upper, _, model = drawn[4 * place : 4 * place + 4]
        assert upper["fill"] == "tonexty"
        assert model["name"] == "model"
        assert np.allclose(values(lower["y"]) - values(model["y"]), low, atol=1e-4)
        assert np.allclose(values(upper["y"]) - values(model["y"]), high, atol=1e-4)
