"""The report page of every kind of model."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from liquidtime.data import Recording, Windows
from liquidtime.report import render, write
from liquidtime.training import MODELS, RunFolderError, open_run, train
from tiny import RECIPE, make_task

TASK = make_task()
SECTIONS = ("learning", "predictions", "liquid", "influence", "errors", "reproducibility")
THIRD = {
    "ltc": "all 250 time constants are inside their bounds",
    "conductance-ltc": "Theorem 1",
    "ctrnn": "learned and then stay",
    "node": "the time constant of every neuron is infinite",
    "ctgru": "fixed grid",
    "lstm": "LSTM is no differential equation",
    "gru": "GRU is no differential equation",
}


def trained(folder, task=TASK, **changes):
    return train(task, replace(RECIPE, epochs=1, **changes), 0, folder / "run", command="liquidtime train tiny")


def body(text):
    """The page without the plotting library."""
    start, end = text.index("<main>"), text.index("</main>")
    return text[text.index("<title>") : text.index("<style>")] + text[start:end]


def figures(text):
    blocks = re.findall(r'<script type="application/json" data-figure="([^"]+)">(.*?)</script>', text, re.DOTALL)
    return {name: json.loads(content) for name, content in blocks}


def recording(rows, name="long.txt"):
    x, y = torch.randn(rows, 3, generator=torch.Generator().manual_seed(5)), torch.arange(rows) // 7 % 2
    time = np.datetime64("2020-01-01T00:00:00") + np.arange(rows).astype("timedelta64[m]")
    return Recording(name, time, x, x.double().numpy(), y)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    run = trained(tmp_path_factory.mktemp("page"), model="ltc")
    return run, write(run, TASK).read_text()


@pytest.mark.parametrize("name", MODELS)
def test_every_model_gets_every_section(name, tmp_path):
    text = body(render(trained(tmp_path, model=name), TASK))
    assert re.findall(r'<section id="(\w+)"><h2>', text) == list(SECTIONS)
    assert THIRD[name] in text
    drawn = figures(text)
    maps = drawn["figure-neurons-0"]["arrays"]
    assert set(maps) == ({"tau", "state"} if name in ("ltc", "conductance-ltc") else {"state"})
    assert ("figure-constants" in drawn) == (name == "ctrnn")


def test_the_page_loads_nothing_from_elsewhere(page):
    text = page[1]
    assert not re.search(r"<(script|img|iframe|link|source)[^>]*\s(src|href)\s*=", body(text))
    assert "default-src &#x27;none&#x27;" in text
    assert text.count("Plotly.newPlot(") == 1
    assert "@import" not in text
    assert "url(" not in re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]


def test_the_page_tells_the_run(page):
    run, text = page[0], body(page[1])
    assert f"{100 * run.results['test_accuracy']:.2f} % of 42 steps in 6 test windows" in text
    assert "<code>liquidtime train tiny</code>" in text
    assert "solver Fused(substeps=6)" in text
    assert "sha256 00ff" in text
    cells = re.findall(r'class="number">([\d,]+)<', text)
    assert [int(cell) for cell in cells[:4]] == [count for row in run.results["confusion"] for count in row]
    assert sum(int(cell) for cell in cells[4:8]) == len(TASK.recordings[0])


def test_hostile_words_stay_words(tmp_path):
    bad = "</script><img src=x onerror=alert(1)>"
    task = replace(TASK, classes=("low", bad), features=(bad, "b", "c"), protocol=bad, name=bad, citation=bad)
    task = replace(task, checksum={bad: bad}, recordings=(replace(TASK.recordings[0], name=bad),))
    run = train(task, replace(RECIPE, epochs=1), 0, tmp_path / "run", command=bad)
    text = render(run, task)
    assert text.count("</script>") == body(text).count("<script") + 2
    assert "<img" not in body(text)
    drawn = json.dumps(figures(text))
    assert "<img" not in drawn
    assert "&lt;img" in drawn


def test_a_thousand_rows_are_drawn_whole_and_a_long_recording_is_thinned(tmp_path):
    run = trained(tmp_path, hidden_size=50)
    whole = render(run, replace(TASK, recordings=(recording(1000),)))
    assert figures(whole)["figure-neurons-0"]["arrays"]["state"]["shape"] == [50, 1000]
    assert "one row in" not in body(whole)
    thinned = render(run, replace(TASK, recordings=(recording(7300),)))
    assert figures(thinned)["figure-neurons-0"]["arrays"]["state"]["shape"] == [50, 2434]
    assert "show one row in 3" in body(thinned)
    bands = figures(thinned)["figure-predictions-0"]["data"]
    assert bands[0]["name"] == "low"
    curve = next(trace for trace in bands if trace["type"] == "scatter")
    assert len(curve["x"]["bdata"]) * 3 // 4 // 8 == 7300


def test_more_neurons_than_can_be_read_are_sampled(tmp_path):
    text = render(trained(tmp_path, hidden_size=70), TASK)
    assert "64 of 70 neurons are drawn" in text
    assert len(figures(text)["figure-neurons-0"]["layout"]["yaxis"]["categoryarray"]) == 64


def test_many_recordings_are_scored_but_not_all_drawn(tmp_path):
    run = trained(tmp_path)
    text = render(run, replace(TASK, recordings=tuple(recording(20, f"r{k}") for k in range(8))))
    assert "2 more recordings not drawn" in text
    assert sum(name.startswith("figure-neurons") for name in figures(text)) == 6
    assert "the 160 rows of the test recordings" in text


def test_a_task_without_test_windows_shows_its_validation(tmp_path):
    task = replace(TASK, test=Windows.stacked(TASK.test.x[:0], TASK.test.y[:0]))
    run = trained(tmp_path, task)
    text = body(render(run, task))
    assert "of the validation steps are right" in text
    assert "Test windows of the protocol" not in text


def test_three_classes(tmp_path):
    parts = {
        part: Windows.stacked(old.x, old.y + (old.x[..., 0] > 1).long())
        for part, old in vars(TASK).items()
        if isinstance(old, Windows)
    }
    one = TASK.recordings[0]
    one = replace(one, y=one.y + (one.x[:, 0] > 1).long())
    task = replace(TASK, **parts, classes=("low", "high", "more"), recordings=(one,))
    text = body(render(trained(tmp_path, task), task))
    assert "that it gave to the true class" in text
    assert "Mean F1 over classes" in text


def test_no_recording_is_refused(page):
    with pytest.raises(ValueError, match="task 'tiny' has no recordings"):
        render(page[0], replace(TASK, recordings=()))
    with pytest.raises(ValueError, match=r"recording 'long\.txt' is empty"):
        render(page[0], replace(TASK, recordings=(recording(0),)))


def test_damaged_weights_give_one_line_and_no_page(tmp_path):
    run = trained(tmp_path)
    weights = run.path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    with pytest.raises(RunFolderError, match=r"model\.safetensors is cut off"):
        write(run, TASK)
    assert not (run.path / "report.html").exists()


def test_writing_again_replaces_the_page_as_a_whole(page, monkeypatch):
    run, text = page
    path = run.path / "report.html"
    path.write_text("old")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "no space")))
    with pytest.raises(RunFolderError, match=r"report\.html cannot be written"):
        write(run, TASK)
    assert path.read_text() == "old"
    monkeypatch.undo()
    assert write(open_run(run.path), TASK).read_text() == text
    assert list(run.path.glob("*.tmp")) == []
