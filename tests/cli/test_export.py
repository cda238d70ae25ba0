"""`liquidtime export` as a user types it."""

import json
import shutil
import sys
from dataclasses import replace

import pytest

from commands import refused
from liquidtime import data
from liquidtime.export import export
from liquidtime.training import Recipe, train
from tiny import make_task

TASK = make_task()


@pytest.fixture(autouse=True)
def tiny(monkeypatch, tmp_path):
    monkeypatch.setitem(data.TASKS, ("tiny", "paper"), lambda: TASK)
    monkeypatch.chdir(tmp_path)
    train(TASK, Recipe("ctgru", hidden_size=5, epochs=1, batch_size=31), 0, "r")


def test_to_c(liquidtime_, tmp_path):
    code, out, err = liquidtime_("export", "r", "--to", "c")
    assert (code, err) == (0, "")
    *files, memory, checked = out.splitlines()
    assert [line.split("  ")[0] for line in files] == ["r/c/r.h", "r/c/r.c", "r/c/main.c"]
    assert memory == "flash 688 bytes of constants, RAM 432 bytes"
    assert checked.startswith("equal to PyTorch within ")
    assert checked.endswith(" on test windows")
    assert (tmp_path / "r" / "c" / "main.c").exists()
    assert "r/c exists already" in refused(liquidtime_("export", "r", "--to", "c"))


def test_to_onnx_elsewhere_as_json(liquidtime_, tmp_path):
    code, out, err = liquidtime_("export", "r", "--to", "onnx", "--out", "models", "--json")
    assert (code, err) == (0, "")
    said = json.loads(out)
    assert said["files"] == {path.name: path.stat().st_size for path in (tmp_path / "models").iterdir()}
    assert {key: said[key] for key in ("run", "to", "folder", "not_checked")} == {
        "run": "r",
        "to": "onnx",
        "folder": "models",
        "not_checked": None,
    }
    assert said["difference"] < 1e-6
    assert "flash_bytes" not in said


def test_without_the_data_it_compares_on_drawn_rows(liquidtime_, monkeypatch):
    monkeypatch.delitem(data.TASKS, ("tiny", "paper"))
    assert liquidtime_("export", "r", "--to", "c")[1].endswith(" on drawn rows\n")


def test_without_test_windows_too(liquidtime_, monkeypatch):
    bare = replace(TASK, test=data.Windows.stacked(TASK.test.x[:0], TASK.test.y[:0]))
    monkeypatch.setitem(data.TASKS, ("tiny", "paper"), lambda: bare)
    assert liquidtime_("export", "r", "--to", "c")[1].endswith(" on drawn rows\n")


def test_it_says_where_it_could_not_compare(liquidtime_, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    out = liquidtime_("export", "r", "--to", "c")[1]
    assert out.endswith("not compared with PyTorch: there is no C compiler here (cc, gcc, clang)\n")


def test_the_test_windows_are_given_in_their_own_units(liquidtime_, monkeypatch):
    seen = []
    monkeypatch.setattr("liquidtime.export.export", lambda *given: seen.append(given) or export(*given))
    assert liquidtime_("export", "r", "--to", "c")[0] == 0
    series = seen[0][3]
    window = TASK.test.x[0].numpy()
    assert series.rows.shape == (4, 7, 3)
    assert abs(series.rows[0] - (window * TASK.std + TASK.mean)).max() < 1e-6


def test_user_errors_are_one_line(liquidtime_, tmp_path, monkeypatch):
    assert "nowhere does not exist" in refused(liquidtime_("export", "nowhere", "--to", "c"))
    assert "no form named 'cc'" in refused(liquidtime_("export", "r", "--to", "cc"))
    assert "--to" in refused(liquidtime_("export", "r"))
    train(TASK, Recipe("ltc", hidden_size=5, epochs=1, batch_size=31, solver="adaptive"), 0, "a")
    for to in ("c", "onnx"):
        assert "chooses its own steps" in refused(liquidtime_("export", "a", "--to", to))
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert 'pip install "liquidtime[export]"' in refused(liquidtime_("export", "r", "--to", "onnx"))
    (tmp_path / "file").write_text("")
    assert "file/out cannot be made" in refused(liquidtime_("export", "r", "--to", "c", "--out", "file/out"))
    assert {path.name for path in tmp_path.iterdir()} == {"r", "a", "file"}
    assert not (tmp_path / "r" / "c").exists()


def test_help_has_examples(liquidtime_):
    code, out, _ = liquidtime_("export", "--help")
    assert code == 0
    assert "liquidtime export runs/occupancy-ltc-1 --to onnx" in " ".join(out.split())
