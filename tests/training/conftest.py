import json
import shutil
from dataclasses import replace

import pytest

from liquidtime.data import Windows
from liquidtime.training import open_run, train
from tiny import RECIPE, make_regression, make_task


class Interrupted(BaseException):
    """Stands for a kill: no handler for ordinary errors sees it."""


class Interrupt:
    """Progress that ends the run after an epoch or a batch."""

    def __init__(self, epoch=None, batch=None):
        self.epoch, self.batch, self.batches, self.records = epoch, batch, 0, []

    def on_start(self, records):
        self.before = list(records)

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
def sums():
    return make_regression()


@pytest.fixture(scope="session")
def recipe():
    return RECIPE


@pytest.fixture(scope="session")
def finished(task, recipe, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole") / "run"
    train(task, recipe, 3, folder)
    return folder


@pytest.fixture(scope="session")
def predicted(sums, recipe, tmp_path_factory):
    folder = tmp_path_factory.mktemp("numbers") / "run"
    train(sums, recipe, 3, folder)
    return folder


@pytest.fixture
def regression(predicted, tmp_path):
    """A finished run that predicts numbers, which a test may spoil."""
    shutil.copytree(predicted, tmp_path / "run")
    return open_run(tmp_path / "run")


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
    return replace(task, test=Windows.stacked(task.test.x[:0], task.test.y[:0]))


@pytest.fixture(scope="session")
def tools():
    """What tests need beside fixtures."""

    class Tools:
        Interrupt, Interrupted = Interrupt, Interrupted
        outcome = staticmethod(outcome)

    return Tools
