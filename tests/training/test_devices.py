"""Runs that two processes share, over gloo on the loopback."""

import multiprocessing
import os
import subprocess
import sys
from dataclasses import replace
from multiprocessing.context import SpawnProcess

import pytest
import torch

from liquidtime.training import Devices, LostRankError, RunFolderError, load_model, open_run, train
from liquidtime.training.devices import LOOPBACK

TWO = Devices(2, accelerator="cpu")
MACHINE = """
import sys
from liquidtime.cli import main
sys.exit(main())
"""


@pytest.fixture
def uneven(recipe):
    """Batches of 5 between two."""
    return replace(recipe, batch_size=5, clip=0.1, truncate=3)


def others():
    """The other processes of a run; the workers of a grid, which other tests may have left waiting, are none."""
    return [child for child in multiprocessing.active_children() if isinstance(child, SpawnProcess)]


class Killer:
    """Progress that kills the other process in the second epoch."""

    def on_start(self, records):
        self.epoch = 0

    def on_batch(self, done, total):
        if self.epoch == 1 and done == 2:
            for process in others():
                process.kill()

    def on_epoch(self, record):
        self.epoch = record.epoch


def agree(run, one):
    """Equal to rounding in float32.

    Losses agree to a few units in the last place. Adam divides by the size of the gradient, so that weights whose
    gradients almost cancel carry more of their rounding: up to a few thousandths of one of some 20 steps of 0.01.
    """
    torch.testing.assert_close(load_model(run).state_dict(), load_model(one).state_dict(), rtol=1e-6, atol=1e-5)
    for mine, its in zip(run.metrics, one.metrics, strict=True):
        assert mine["train_loss"] == pytest.approx(its["train_loss"], rel=1e-6)
        assert mine["valid_loss"] == pytest.approx(its["valid_loss"], rel=1e-6)
        assert mine["best"] == its["best"]
    assert run.results["test_loss"] == pytest.approx(one.results["test_loss"], rel=1e-6)
    assert run.results["test_windows"] == one.results["test_windows"]


def test_two_processes_train_a_classifier_as_one_does_and_resume_what_was_interrupted(task, uneven, tmp_path, tools):
    weighted = replace(task, class_weights=(1.0, 3.0))
    one = train(weighted, uneven, 3, tmp_path / "one")
    with pytest.raises(tools.Interrupted):
        train(weighted, uneven, 3, tmp_path / "two", tools.Interrupt(epoch=1), devices=TWO)
    assert others() == []
    assert not torch.distributed.is_initialized()
    progress = tools.Interrupt()
    run = train(weighted, uneven, 3, tmp_path / "two", progress, resume=True, devices=TWO)
    assert [record.epoch for record in progress.before] == [1]
    assert [record.epoch for record in progress.records] == [2, 3]
    agree(run, one)
    assert sorted(path.name for path in run.path.iterdir()) == sorted(path.name for path in one.path.iterdir())
    assert others() == []
    assert not torch.distributed.is_initialized()


def test_two_processes_train_a_regression_over_time_as_one_does(sums, recipe, tmp_path):
    timed = replace(recipe, model="ltc", batch_size=8, learning_rate=0.02, patience=2)
    agree(train(sums, timed, 3, tmp_path / "two", devices=TWO), train(sums, timed, 3, tmp_path / "one"))


def test_what_cannot_be_trained_is_said_by_one_process(task, uneven, tmp_path, capfd):
    with pytest.raises(ValueError, match="batch_size=1 on 2 devices"):
        train(task, replace(uneven, batch_size=1), 3, tmp_path / "two", devices=TWO)
    assert others() == []
    assert capfd.readouterr() == ("", "")


def test_a_process_that_is_killed_ends_the_run_with_one_line_and_it_can_be_resumed(task, uneven, tmp_path):
    with pytest.raises(LostRankError, match=r"a process of the run was lost: .* continue it") as raised:
        train(task, uneven, 3, tmp_path / "two", Killer(), devices=TWO)
    assert str(raised.value).startswith(f"{tmp_path / 'two'}: ")
    assert "\n" not in str(raised.value)
    with pytest.raises(RunFolderError, match="unfinished"):
        open_run(tmp_path / "two")
    agree(train(task, uneven, 3, tmp_path / "two", resume=True), train(task, uneven, 3, tmp_path / "one"))


def test_an_existing_folder_and_devices_that_are_not_there_are_refused_at_once(task, uneven, tmp_path, monkeypatch):
    monkeypatch.setattr(multiprocessing, "get_context", lambda method: pytest.fail(f"{method} was begun"))
    (tmp_path / "there").mkdir()
    with pytest.raises(RunFolderError, match="exists already"):
        train(task, uneven, 3, tmp_path / "there", devices=TWO)
    many = Devices(64, accelerator="cuda")
    with pytest.raises(ValueError, match="devices=64, accelerator='cuda': not on this machine"):
        train(task, uneven, 3, tmp_path / "run", devices=many)
    assert not (tmp_path / "run").exists()


def test_without_lightning_devices_are_refused(task, uneven, tmp_path, monkeypatch):
    monkeypatch.delitem(sys.modules, "liquidtime.training.fabric", raising=False)
    monkeypatch.setitem(sys.modules, "lightning_fabric", None)
    with pytest.raises(ValueError, match=r"pip install 'liquidtime\[devices\]'"):
        train(task, uneven, 3, tmp_path / "run", devices=TWO)


def test_two_machines_share_a_run_and_the_first_one_keeps_it(tmp_path):
    port = str(Devices().meeting[1])
    command = [sys.executable, "-c", MACHINE, "train", "occupancy", "--model", "gru", "--hidden-size", "4"]
    command += ["--epochs", "1", "--batch-size", "256", "--out", "run", "--accelerator", "cpu", "--nodes", "2"]
    machines = []
    for number in ("0", "1"):
        folder = tmp_path / number
        folder.mkdir()
        environment = {"NODE_RANK": number, "MASTER_ADDR": LOOPBACK, "MASTER_PORT": port}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        machines.append(subprocess.Popen(command, cwd=folder, env=os.environ | environment, **pipes))
    (out, _), (nothing, silence) = (machine.communicate(timeout=120) for machine in machines)
    assert [machine.returncode for machine in machines] == [0, 0]
    assert "test accuracy" in out
    assert (nothing, silence) == ("", "")
    assert open_run(tmp_path / "0" / "run").results["epochs"] == 1
    assert list((tmp_path / "1").iterdir()) == []
