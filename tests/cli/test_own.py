"""Files of the user's own, from the command that trains to the one that predicts."""

import json

import polars as pl
import pytest

from commands import refused
from liquidtime.training import open_run
from own_files import occupancy, sensors

QUICK = ("--epochs", "2", "--hidden-size", "4")


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def test_a_real_file_is_understood_trained_evaluated_predicted_and_reported(liquidtime_, tmp_path):
    file, other = occupancy(tmp_path), occupancy(tmp_path, "datatraining.txt")
    code, out, err = liquidtime_("train", file, "--target", "Occupancy", "--time", "date", *QUICK)
    assert (code, err) == (0, "")
    said = dict(line.split(maxsplit=1) for line in out.splitlines()[:4])
    assert said["data"].startswith("datatest.txt · 2,665 rows · one series · the first column has no name")
    assert "2015-02-02 14:19 → 2015-02-04 10:43 · median step 60 s, longest 61 s" in said["time"]
    assert "2 classes (0 63.5 %, 1 36.5 %), one label per row" in said["target"]
    assert said["inputs"] == "Temperature, Humidity, Light, CO2, HumidityRatio · 5 inputs in all"
    run = open_run("runs/datatest-ltc-1")
    last = out.splitlines()[-1]
    assert f"test accuracy {100 * run.results['test_accuracy']:.2f} %" in last
    assert last.endswith("→ runs/datatest-ltc-1/report.html")

    assert json.loads(liquidtime_("evaluate", str(run.path), "--json")[1])["accuracy"] == run.results["test_accuracy"]
    code, out, err = liquidtime_("evaluate", str(run.path), other)
    assert code == 0
    assert "on datatraining, all rows: accuracy" in out
    assert "note: Humidity: " in err
    assert "rows outside" in err
    code, out, err = liquidtime_("report", str(run.path), other)
    assert (code, out) == (0, "runs/datatest-ltc-1/report-datatraining.html\n")

    code, out, _ = liquidtime_("predict", str(run.path), other, "-o", "said.csv")
    assert code == 0
    assert "8,143 rows with predicted Occupancy, probability of 0, probability of 1   → said.csv" in out
    before = pl.read_csv(other, has_header=False, skip_rows=1, infer_schema=False)
    after = pl.read_csv("said.csv", infer_schema=False)
    assert after.columns[:2] == ["row number", "date"]
    assert after[:, :8].rows() == before.rows()
    assert set(after["predicted Occupancy"]) <= {"0", "1"}
    assert "said.csv exists already" in refused(liquidtime_("predict", str(run.path), other, "-o", "said.csv"))


def test_an_interrupted_run_goes_on_with_what_it_was_told(liquidtime_, tmp_path):
    file = sensors(tmp_path)
    words = ("train", file, "--target", "on", "--time", "time", "--out", "r", *QUICK)
    code, out, _ = liquidtime_(*words)
    assert code == 0
    code, again, _ = liquidtime_("train", file, "--out", "r", "--resume")
    assert (code, again.splitlines()[-1]) == (0, out.splitlines()[-1])
    assert "was started with " in refused(liquidtime_("train", file, "--out", "r", "--resume", "--target", "sort"))
