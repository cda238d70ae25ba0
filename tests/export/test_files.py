"""The folder of an export: what it says of itself, and what is left when something goes wrong."""

import errno
import os
import shutil
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from liquidtime.export import Series, c_source, check, check_c, check_onnx, drawn, export, onnx_files
from liquidtime.training import RunFolderError, Trained
from trained_runs import renamed, rows_for, tiny_run


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return tiny_run(tmp_path_factory.mktemp("run") / "tiny-ltc-1", "ltc")


def refused(action, kind, *words):
    with pytest.raises(kind) as caught:
        action()
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("to", "names"),
    [("onnx", {"step.onnx", "sequence.onnx"}), ("c", {"tiny_ltc_1.h", "tiny_ltc_1.c", "main.c"})],
    ids=["onnx", "c"],
)
def test_an_export_writes_a_folder_and_checks_itself(to, names, trained, tmp_path):
    done = export(trained, to, tmp_path / "deep" / "out", rows_for(trained))
    assert done.folder == tmp_path / "deep" / "out"
    assert {path.name: path.stat().st_size for path in done.folder.iterdir()} == done.files
    assert set(done.files) == names
    assert done.check.obstacle is None
    assert 0 <= done.check.difference < 1e-6
    assert (done.flash is None) == (done.ram is None) == (to == "onnx")
    assert [path.name for path in done.folder.parent.iterdir()] == ["out"]


def test_an_existing_folder_is_never_touched(trained, tmp_path):
    (tmp_path / "out").mkdir()
    refused(lambda: export(trained, "c", tmp_path / "out"), RunFolderError, "out exists already", "--out")
    (tmp_path / "link").symlink_to("nowhere")
    refused(lambda: export(trained, "c", tmp_path / "link"), RunFolderError, "link exists already")
    assert not list((tmp_path / "out").iterdir())


def test_a_form_that_is_none(trained, tmp_path):
    refused(lambda: export(trained, "tflite", tmp_path / "out"), ValueError, "no form named 'tflite'", "onnx, c")


@pytest.mark.parametrize("written", range(3))
def test_a_full_disk_leaves_nothing(written, trained, tmp_path, monkeypatch):
    counter, fsync = iter(range(100)), os.fsync

    def fill(descriptor):
        if next(counter) == written:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", fill)
    refused(
        lambda: export(trained, "c", tmp_path / "out"), RunFolderError, "out cannot be made", "No space left", "--out"
    )
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_read_only(trained, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    refused(lambda: export(trained, "c", tmp_path / "out"), RunFolderError, "Read-only file system", "--out")
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_way_of_the_folder(trained, tmp_path):
    (tmp_path / "file").write_text("mine")
    refused(lambda: export(trained, "c", tmp_path / "file" / "out"), RunFolderError, "cannot be made")
    assert (tmp_path / "file").read_text() == "mine"


def test_without_a_compiler_it_says_so(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    done = export(trained, "c", tmp_path / "out")
    assert done.check == (None, "there is no C compiler here (cc, gcc, clang)")
    assert len(done.files) == 3


def test_a_compiler_that_fails_is_no_failure_of_the_export(trained, tmp_path, monkeypatch):
    (tmp_path / "cc").write_text("#!/bin/sh\necho 'out of\nluck' >&2\nexit 1\n")
    (tmp_path / "cc").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = check_c(trained, c_source(trained), rows_for(trained))
    assert found == (None, f"{tmp_path / 'cc'} did not compile it (out of luck)")


def test_without_onnxruntime_it_says_so(trained, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert check_onnx(trained, {}, rows_for(trained)) == (None, "onnxruntime is not installed")


def test_a_model_that_differs_is_refused_and_nothing_is_left(trained, tmp_path, monkeypatch):
    other = tiny_run(tmp_path / "tiny-ltc-1", "ltc", learning_rate=0.5)
    monkeypatch.setattr("liquidtime.export.files.c_source", lambda _: c_source(other))
    monkeypatch.setattr("liquidtime.export.files.onnx_files", lambda _: onnx_files(other))
    for to in ("c", "onnx"):
        refused(lambda to=to: export(trained, to, tmp_path / "out"), ValueError, "differs from PyTorch by", "fused")
    assert [path.name for path in tmp_path.iterdir()] == ["tiny-ltc-1"]


@pytest.mark.parametrize("name", ["step.onnx", "sequence.onnx"])
def test_the_check_looks_at_both_models(name, trained, tmp_path):
    files = onnx_files(trained)
    files[name] = onnx_files(tiny_run(tmp_path / "r", "ltc", learning_rate=0.5))[name]
    refused(lambda: check_onnx(trained, files, rows_for(trained)), ValueError, f"{name} differs from PyTorch")


def test_where_torch_itself_gives_no_numbers_there_is_nothing_to_compare(tmp_path):
    runaway = tiny_run(tmp_path / "explicit", "ltc", "explicit-euler")
    rows = rows_for(runaway)
    found = check_c(runaway, c_source(runaway), Series(rows.rows, rows.spans + np.float32(1e12)))
    assert found == (None, "PyTorch itself gives no finite numbers on these rows")
    stiff = tiny_run(tmp_path / "implicit", "node", "implicit-euler")
    with torch.no_grad():
        stiff.model.rnn.dynamics().f.weight_recurrent *= 100
    found = check._compared(stiff, Series(rows.rows, rows.spans + np.float32(1e6)), {})
    assert found.difference is None
    assert "did not converge" in found.obstacle


def both_agree(trained, series):
    for found in (
        check_c(trained, c_source(trained), series),
        check_onnx(trained, onnx_files(trained), series),
    ):
        assert found.obstacle is None
        assert found.difference < 1e-6


def test_the_layers_own_unit_of_time(tmp_path):
    trained = tiny_run(tmp_path / "r", "node", "rk4", timespan=0.3)
    both_agree(trained, rows_for(trained))
    stream = trained.stream()
    assert stream([1, 2, 3], 2.0) != tiny_run(tmp_path / "one", "node", "rk4").stream()([1, 2, 3], 2.0)


def test_a_feature_far_from_zero_loses_nothing(trained):
    config = trained.run.config | {"mean": [1e6 + 0.03, 0.0, -1e5 + 0.003], "std": [1.0, 1e-3, 50.0]}
    far = Trained(replace(trained.run, config=config), trained.model)
    both_agree(far, rows_for(far))


def test_drawn_rows_look_like_the_data_and_hold_a_time_of_zero(trained):
    series = drawn(trained)
    assert series.rows.shape == (4, 16, 3)
    assert np.abs(series.rows.mean((0, 1)) - trained.scaling.mean).max() < 1
    assert (series.spans == 0).any()
    assert drawn(trained).rows.tobytes() == series.rows.tobytes()


def test_hostile_names_pass_the_check_too(trained, tmp_path):
    other = renamed(trained, ["line\nbreak\r\u2028", "a,b", '"'])
    assert export(other, "c", tmp_path / "out").check.difference < 1e-6
