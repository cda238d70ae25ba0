import errno
import os
import runpy
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from liquidtime.training import RunFolderError, open_run, train
from liquidtime.training.folder import files

HELPERS = Path(__file__).parents[2] / "tiny.py"


@pytest.mark.parametrize("place", [{"epoch": 1}, {"epoch": 2}, {"epoch": 3}, {"batch": 3}, {"batch": 7}, {"batch": 17}])
def test_an_interrupted_run_continues_bit_for_bit(task, recipe, tmp_path, tools, uninterrupted, place):
    out = tmp_path / "run"
    with pytest.raises(tools.Interrupted):
        train(task, recipe, 3, out, tools.Interrupt(**place))
    with pytest.raises(RunFolderError, match=r"run is an unfinished run: continue it first \(--resume\)"):
        open_run(out)
    follow = tools.Interrupt()
    run = train(task, recipe, 3, out, follow, resume=True)
    assert tools.outcome(out) == uninterrupted
    done = place.get("epoch", place.get("batch", 0) // 8)
    assert [record.epoch for record in follow.records] == list(range(done + 1, 4))
    assert len(run.metrics) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "ltc"},
        {"model": "conductance-ltc", "truncate": 3},
        {"model": "ctgru", "schedule": "cosine", "clip": 0.1, "weight_decay": 0.1},
    ],
)
def test_every_setting_continues_bit_for_bit(task, recipe, tmp_path, tools, changes):
    recipe = replace(recipe, **changes)
    train(task, recipe, 3, tmp_path / "whole")
    with pytest.raises(tools.Interrupted):
        train(task, recipe, 3, tmp_path / "run", tools.Interrupt(epoch=2))
    train(task, recipe, 3, tmp_path / "run", resume=True)
    assert tools.outcome(tmp_path / "run") == tools.outcome(tmp_path / "whole")


def test_a_run_that_predicts_numbers_continues_bit_for_bit(sums, recipe, tmp_path, tools, predicted):
    with pytest.raises(tools.Interrupted):
        train(sums, recipe, 3, tmp_path / "run", tools.Interrupt(epoch=2))
    train(sums, recipe, 3, tmp_path / "run", resume=True)
    assert tools.outcome(tmp_path / "run") == tools.outcome(predicted)


@pytest.mark.parametrize("written", range(8))
@pytest.mark.parametrize("within", [True, False])
def test_a_kill_at_any_write_can_be_resumed(task, recipe, tmp_path, tools, uninterrupted, monkeypatch, written, within):
    """3 epochs × (checkpoint, metrics), weights, results: killed with half a file written, or before the rename."""
    counter = iter(range(100))
    replace_file = os.replace

    def kill(aside, path):
        if next(counter) == written:
            if within:
                aside.write_bytes(aside.read_bytes()[: aside.stat().st_size // 2])
            raise tools.Interrupted
        replace_file(aside, path)

    out = tmp_path / "run"
    monkeypatch.setattr(files.os, "replace", kill)
    with pytest.raises(tools.Interrupted):
        train(task, recipe, 3, out)
    monkeypatch.undo()
    with pytest.raises(RunFolderError, match="unfinished"):
        open_run(out)
    train(task, recipe, 3, out, resume=True)
    assert tools.outcome(out) == uninterrupted
    assert not list(out.rglob("*.tmp"))


def test_a_kill_before_the_folder_is_there_leaves_the_path_free(task, recipe, tmp_path, tools, monkeypatch):
    def kill(*_):
        raise tools.Interrupted

    monkeypatch.setattr(os, "rename", kill)
    with pytest.raises(tools.Interrupted):
        train(task, recipe, 3, tmp_path / "run")
    monkeypatch.undo()
    with pytest.raises(RunFolderError, match="run does not exist"):
        train(task, recipe, 3, tmp_path / "run", resume=True)
    train(task, recipe, 3, tmp_path / "run")


@pytest.mark.parametrize("written", range(9))
def test_a_full_disk_is_one_clear_error_and_spoils_nothing(
    task, recipe, tmp_path, tools, uninterrupted, monkeypatch, written
):
    counter = iter(range(100))
    fsync = os.fsync

    def fill(descriptor):
        if next(counter) == written:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    out = tmp_path / "run"
    monkeypatch.setattr(files.os, "fsync", fill)
    with pytest.raises(RunFolderError, match="No space left on device") as caught:
        train(task, recipe, 3, out)
    monkeypatch.undo()
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.rglob("*.tmp"))
    if written == 0:
        assert not list(tmp_path.iterdir())
        return
    assert "(--resume)" in str(caught.value)
    train(task, recipe, 3, out, resume=True)
    assert tools.outcome(out) == uninterrupted


def test_a_real_kill_can_be_resumed(task, recipe, tmp_path, tools, uninterrupted):
    out = tmp_path / "run"
    script = f"""
import os, runpy, signal
from liquidtime.training import train
from liquidtime.training.progress import Silent

class Kill(Silent):
    def on_epoch(self, record):
        if record.epoch == 2:
            os.kill(os.getpid(), signal.SIGKILL)

helpers = runpy.run_path({str(HELPERS)!r})
train(helpers["make_task"](), helpers["RECIPE"], 3, {str(out)!r}, Kill())
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert ended.returncode == -9, ended.stderr.decode()
    with pytest.raises(RunFolderError, match="unfinished"):
        open_run(out)
    train(task, recipe, 3, out, resume=True)
    assert tools.outcome(out) == uninterrupted


def test_a_finished_run_is_returned_as_it_is(task, recipe, run):
    before = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    again = train(task, recipe, 3, run.path, resume=True)
    assert again == run
    assert {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()} == before


@pytest.fixture
def interrupted(task, recipe, tmp_path, tools):
    out = tmp_path / "run"
    with pytest.raises(tools.Interrupted):
        train(task, recipe, 3, out, tools.Interrupt(epoch=2))
    return out


@pytest.mark.parametrize(
    ("task_changes", "recipe_changes", "seed", "message"),
    [
        ({}, {"epochs": 4}, 3, "started with recipe.epochs 3, but now recipe.epochs is 4"),
        ({}, {"learning_rate": 0.02}, 3, "started with recipe.learning_rate 0.01, but now"),
        ({}, {"model": "gru"}, 3, "started with recipe.model 'lstm', but now recipe.model is 'gru'"),
        ({}, {}, 4, "started with seed 3, but now seed is 4"),
        ({"checksum": {"tiny.txt": "ee11"}}, {}, 3, "started with checksum"),
        ({"name": "other"}, {}, 3, "started with data 'tiny', but now data is 'other'"),
        ({"classes": ("high", "low")}, {}, 3, "started with classes"),
        ({"metric": "f1"}, {}, 3, "started with metric 'accuracy', but now metric is 'f1'"),
        ({"class_weights": (1.0, 2.0)}, {}, 3, "started with class_weights None, but now class_weights is [1.0, 2.0]"),
        ({"protocol_name": "clean"}, {}, 3, "started with protocol_name 'paper'"),
        ({}, {"model": "ltc", "timespan": 0.6}, 3, "started with recipe.model"),
    ],
)
def test_another_task_recipe_or_seed_is_refused(task, recipe, interrupted, task_changes, recipe_changes, seed, message):
    with pytest.raises(RunFolderError) as caught:
        train(replace(task, **task_changes), replace(recipe, **recipe_changes), seed, interrupted, resume=True)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def rewrite(change):
    def apply(path):
        tensors = load_file(path)
        metadata = files.read_tensors(path)[1]
        tensors, metadata = change(tensors, metadata)
        save_file(tensors, path, metadata)

    return apply


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-5]), "is cut off or damaged"),
        (lambda path: path.write_bytes(b""), "is cut off or damaged"),
        (rewrite(lambda t, m: (t, {})), "its records is cut off or damaged"),
        (rewrite(lambda t, m: (t, {"state": "[]"})), "its records holds no JSON object"),
        (rewrite(lambda t, m: (t, {"state": '{"records": []}'})), "records that make no sense"),
        (rewrite(lambda t, m: (t, {"state": '{"records": [3]}'})), "expected the fields epoch, "),
        (rewrite(lambda t, m: (t, {"state": m["state"].replace('"epoch": 1', '"epoch": 7')})), "make no sense"),
        (rewrite(lambda t, m: ({k: v for k, v in t.items() if k != "adam.0.exp_avg"}, m)), "adam.0.exp_avg is missing"),
        (rewrite(lambda t, m: (t | {"best.head.bias": t["best.head.weight"].clone()}, m)), "tensor best.head.bias is"),
        (rewrite(lambda t, m: (t | {"weights.more": t["adam.0.step"].clone()}, m)), "weights.more is unknown"),
    ],
)
def test_a_damaged_checkpoint_is_refused(task, recipe, interrupted, damage, message):
    damage(interrupted / "checkpoint" / "last.safetensors")
    with pytest.raises(RunFolderError) as caught:
        train(task, recipe, 3, interrupted, resume=True)
    assert message in str(caught.value)
    assert "last.safetensors" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_without_a_checkpoint_the_run_starts_over(task, recipe, interrupted, tools, uninterrupted):
    shutil.rmtree(interrupted / "checkpoint")
    train(task, recipe, 3, interrupted, resume=True)
    assert tools.outcome(interrupted) == uninterrupted


def test_metrics_follow_the_checkpoint(task, recipe, interrupted, tools, uninterrupted):
    (interrupted / "metrics.jsonl").write_text('{"epoch": 1, "tra')
    train(task, recipe, 3, interrupted, resume=True)
    assert tools.outcome(interrupted) == uninterrupted


def test_helpers_outside_pytest_are_those_inside(recipe):
    assert runpy.run_path(str(HELPERS))["RECIPE"] == recipe
