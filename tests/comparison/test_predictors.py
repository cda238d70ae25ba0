"""What the documents say of predictors without a memory is what was measured."""

import importlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def predictors(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return importlib.import_module("simple_predictors")


def test_the_table_is_made_of_the_results(predictors):
    rows = json.loads(predictors.RESULT.read_text())
    text = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    assert "\n".join(predictors.table(rows)) in text


def test_one_set_measured_anew_leaves_the_others(predictors, monkeypatch, tmp_path):
    kept = json.loads(predictors.RESULT.read_text())
    monkeypatch.setattr(predictors, "RESULT", tmp_path / "results.json")
    predictors.RESULT.write_text(json.dumps(kept))
    monkeypatch.setattr("sys.argv", ["simple_predictors.py", "occupancy"])
    monkeypatch.setattr(predictors, "scores", lambda task: {"constant": 1.0})
    predictors.main()
    found = json.loads(predictors.RESULT.read_text())
    assert [row["data"] for row in found] == [row["data"] for row in kept]
    for before, now in zip(kept, found, strict=True):
        if now["data"] == "occupancy":
            assert now == {name: before[name] for name in ("data", "protocol", "measure")} | {"constant": 100.0}
        else:
            assert now == before
