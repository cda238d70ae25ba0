import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from liquidtime.data import Recording, Task, Windows
from liquidtime.data.windows import cut, pick
from liquidtime.training import Recipe, open_run, train

ROWS, T, FEATURES = 50, 7, ("warmth", "light", "noise")


def make_task():
    """Do the last two values of the second feature sum to more than zero? 31, 6 and 6 windows of 7 steps."""
    generator = torch.Generator().manual_seed(11)
    x = torch.randn(ROWS, len(FEATURES), generator=generator)
    y = (x[:, 1] + x[:, 1].roll(1) > 0).long()
    windows = cut(x, y, T)
    order = torch.randperm(len(windows), generator=generator)
    time = np.datetime64("2020-01-01T00:00:00") + np.arange(ROWS).astype("timedelta64[s]")
    return Task(
        name="tiny",
        features=FEATURES,
        classes=("low", "high"),
        train=pick(windows, order[:31]),
        valid=pick(windows, order[31:37]),
        test=pick(windows, order[37:]),
        recordings=(Recording("tiny.txt", time, x, x.double().numpy(), y),),
        mean=(0.0, 1.0, 2.0),
        std=(1.0, 2.0, 3.0),
        checksum={"tiny.txt": "00ff"},
        protocol="made up",
        citation="none",
        licence="none",
    )


RECIPE = Recipe("lstm", hidden_size=5, epochs=3, batch_size=4, learning_rate=0.01)


class Interrupted(BaseException):
    """Stands for a kill: no handler for ordinary errors sees it."""


class Interrupt:
    """Progress that ends the run after an epoch or a batch."""

    def __init__(self, epoch=None, batch=None):
        self.epoch, self.batch, self.batches, self.records = epoch, batch, 0, []

    def on_epoch(self, record):
        self.records.append(record)
        if record.epoch == self.epoch:
            raise Interrupted

    def on_batch(self, done, total):
        self.batches += 1
        if self.batches == self.batch:
            raise Interrupted


def outcome(folder):
    """All that two equal runs have in common."""
    metrics = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    results = json.loads((folder / "results.json").read_text())
    for measured in (*metrics, results):
        measured.pop("seconds")
    return (folder / "model.safetensors").read_bytes(), metrics, results


@pytest.fixture(scope="session")
def task():
    return make_task()


@pytest.fixture(scope="session")
def recipe():
    return RECIPE


@pytest.fixture(scope="session")
def finished(task, recipe, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    train(task, recipe, 3, folder)
    return folder


@pytest.fixture
def run(finished, tmp_path):
    """A finished run that a test may spoil."""
    shutil.copytree(finished, tmp_path / "run")
    return open_run(tmp_path / "run")


@pytest.fixture(scope="session")
def uninterrupted(finished):
    return outcome(finished)


@pytest.fixture
def without_test(task):
    return replace(task, test=Windows(task.test.x[:0], task.test.y[:0]))


@pytest.fixture(scope="session")
def tools():
    """What tests need beside fixtures."""

    class Tools:
        Interrupt, Interrupted = Interrupt, Interrupted
        outcome = staticmethod(outcome)

    return Tools
