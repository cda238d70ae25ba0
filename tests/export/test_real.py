"""What was trained on real recordings, exported, on every row of the test set."""

import numpy as np
import pytest

import liquidtime
import samples
from liquidtime.data import Scaling, cheetah, load, occupancy, walker, with_log_timespans
from liquidtime.data.walker import archive_sum
from liquidtime.export import Series, c_source, check_c, check_onnx, onnx_files
from liquidtime.training import MODELS, Recipe, train


def trained_on(task, folder, model, **changes):
    recipe = Recipe(model, hidden_size=8, epochs=1, batch_size=len(task.train) // 20 + 1, **changes)
    train(task, recipe, 0, folder)
    return liquidtime.load(folder)


def raw_windows(task):
    """The test windows as the files have them."""
    raw = np.concatenate([recording.raw for recording in task.recordings])
    assert (Scaling(task.mean, task.std)(raw) == task.test.inputs).all()
    rows = raw[task.test.rows().numpy()].astype(np.float32)
    spans = task.test.timespans
    return Series(rows, np.ones(rows.shape[:2], np.float32) if spans is None else spans.numpy())


def close(found):
    assert found.obstacle is None
    assert found.difference < 1e-5


@pytest.mark.parametrize("model", MODELS)
def test_occupancy(model, tmp_path):
    """Every test window, and both test recordings whole, 12,417 rows.

    Nothing in the neural ODE ever fades, roundings neither, so that it is held to the windows alone.
    """
    task = occupancy.paper()
    trained = trained_on(task, tmp_path / "r", model)
    windows = raw_windows(task)
    assert windows.rows.shape == (1549, 16, 5)
    close(check_onnx(trained, onnx_files(trained), windows))
    source = c_source(trained)
    close(check_c(trained, source, windows))
    for recording in task.recordings if model != "node" else ():
        rows = recording.raw.astype(np.float32)[None]
        close(check_c(trained, source, Series(rows, np.ones(rows.shape[:2], np.float32))))


@pytest.mark.parametrize("model", ["ltc", "lstm"])
def test_numbers_in_their_own_units(model, tmp_path, monkeypatch):
    samples.provide(monkeypatch, tmp_path, "cheetah", samples.cheetah, cheetah.CHECKSUM)
    task = load("cheetah")
    trained = trained_on(task, tmp_path / "r", model)
    rows = task.test.x.numpy()  # this data set is not scaled
    windows = Series(rows, np.ones(rows.shape[:2], np.float32))
    close(check_c(trained, c_source(trained), windows))
    close(check_onnx(trained, onnx_files(trained), windows))


@pytest.mark.parametrize(
    ("model", "logged"), [("ltc", False), ("ltc", True), ("gru", True)], ids=["ltc", "ltc-log", "gru-log"]
)
def test_irregular_times(model, logged, tmp_path, monkeypatch):
    samples.provide(monkeypatch, tmp_path, "walker", samples.walker, walker.CHECKSUM, digest=archive_sum)
    task = load("walker", "clean")
    trained = trained_on(with_log_timespans(task) if logged else task, tmp_path / "r", model)
    some = next(task.test.batches(100))
    rows = some.x.double().numpy() * task.std + np.array(task.mean)
    windows = Series(rows.astype(np.float32), some.timespans.numpy())
    assert len(np.unique(windows.spans)) > 1
    close(check_c(trained, c_source(trained), windows))
    close(check_onnx(trained, onnx_files(trained), windows))
