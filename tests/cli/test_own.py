"""Files of the user's own, from the command that trains to the one that predicts."""

import errno
import json
from pathlib import Path

import polars as pl
import pytest

from commands import refused
from liquidtime.data.table import Options, load, writing
from liquidtime.training import Recipe, open_run, train
from own_files import HEADER, occupancy, rows_of, sensors, write

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


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run folder by task."""
    folder = tmp_path_factory.mktemp("own")
    file = sensors(folder)
    runs = {}
    for name, options in (
        ("classes", Options("on", time="time")),
        ("number", Options("warmth", time="time")),
        ("forecast", Options("warmth", time="time", horizon=2)),
    ):
        task = load([file], options).task
        runs[name] = str(train(task, Recipe("ltc", 4, epochs=1, batch_size=8), 0, folder / name).path)
    return runs


def test_every_option_reaches_the_task(liquidtime_, tmp_path):
    rows = [[n // 30, *row, n % 3] for n, row in enumerate(rows_of(150))]
    dates = pl.from_epoch(pl.Series([row[1] for row in rows])).dt.strftime("%d.%m.%Y %H:%M:%S")
    rows = [[row[0], date, *row[2:]] for row, date in zip(rows, dates, strict=True)]
    file = write(tmp_path, "a.csv", ("name", *HEADER, "mode"), rows)
    words = "--target on --time time --group name --task classification --split time --window 3 --ignore light "
    words += (
        "--categorical mode --class-weights balanced --out r --epochs 1 --hidden-size 3 --model gru --log-timespans"
    )
    code, out, err = liquidtime_("train", file, *words.split(), "--time-format", "%d.%m.%Y %H:%M:%S")
    assert (code, err) == (0, "")
    run = open_run("r")
    features = ["warmth", "sort=a", "sort=b", "sort=c", "mode=0", "mode=1", "mode=2", "log elapsed time"]
    assert run.config["features"] == features
    assert run.config["class_weights"] is not None
    assert run.config["table"]["window"] == 3
    assert "5 series of 30 rows" in out
    assert "by time within each series" in out
    code, out, _ = liquidtime_("predict", "r", file)
    assert (code, len(out.splitlines())) == (0, 151)
    code, out, _ = liquidtime_("evaluate", "r", file, "--json")
    assert json.loads(out)["accuracy"] == run.results["test_accuracy"]


def test_predictions_go_to_standard_output_or_into_a_file(liquidtime_, trained, tmp_path):
    file = sensors(tmp_path, "new.csv", seed=3)
    code, out, err = liquidtime_("predict", trained["number"], file)
    assert code == 0
    assert out.splitlines()[0] == ",".join(
        (*HEADER, "predicted warmth", "predicted warmth low", "predicted warmth high")
    )
    assert all(line.startswith("note: ") for line in err.splitlines())
    (tmp_path / "out.csv").write_text(out)
    code, out, _ = liquidtime_("predict", trained["number"], file, "-o", "out.parquet", "--json")
    told = json.loads(out)
    assert (told["rows"], told["out"], told["columns"][0]) == (120, "out.parquet", "predicted warmth")
    one, other = pl.read_parquet("out.parquet"), pl.read_csv("out.csv")
    assert one["predicted warmth"].to_list() == pytest.approx(other["predicted warmth"].to_list())
    assert one["time"].cast(pl.Int64).to_list() == other["time"].to_list()


def test_a_pattern_of_several_files_is_predicted_one_by_one(liquidtime_, trained, tmp_path):
    sensors(tmp_path, "a.csv")
    sensors(tmp_path, "b.csv")
    assert "?.csv is 2 files: pass them one by one" in refused(liquidtime_("predict", trained["classes"], "?.csv"))
    code, out, _ = liquidtime_("evaluate", trained["classes"], "a.csv", "b.csv")
    assert code == 0
    assert "all rows: accuracy" in out


def test_numbers_are_evaluated_and_reported_on_new_files(liquidtime_, trained, tmp_path):
    file = sensors(tmp_path, "new.csv", seed=3)
    for name in ("number", "forecast"):
        code, out, _ = liquidtime_("evaluate", trained[name], file)
        assert code == 0
        assert "on new, all rows: squared error" in out
        absolute = json.loads(liquidtime_("evaluate", trained[name], file, "--json")[1])["absolute_error"]
        std = open_run(trained[name]).config["target_std"][0]
        assert f"absolute error {absolute:.4g}, which is {absolute * std:.4g} in units of the target" in out
        code, out, _ = liquidtime_("report", trained[name], file)
        page = Path(out.strip())
        assert page == Path(trained[name]) / "report-new.html"
        text = page.read_text()
        assert "which the model never saw" in text
        assert "predicted" in text or "warmth" in text
        assert not (Path(trained[name]) / "report.html").exists()


def test_the_file_of_a_run_is_checked(liquidtime_, trained, tmp_path):
    file = Path(sensors(tmp_path))
    words = ("train", str(file), "--target", "on", "--time", "time", "--out", "r", *QUICK)
    assert liquidtime_(*words)[0] == 0
    moved = file.rename(tmp_path / "moved.csv")
    assert "sensors.csv' does not exist" in refused(liquidtime_("evaluate", "r"))
    here = json.loads(liquidtime_("evaluate", "r", str(moved), "--json")[1])
    assert here["accuracy"] == open_run("r").results["test_accuracy"]
    file.write_text(moved.read_text().replace(",a,", ",b,", 1))
    for command in ("evaluate", "report"):
        assert "trained on other files" in refused(liquidtime_(command, "r"))


def test_what_makes_no_sense_is_one_line_and_leaves_nothing(liquidtime_, trained, tmp_path):
    file = sensors(tmp_path)
    run = trained["classes"]
    before = set(tmp_path.iterdir())
    for words, said in (
        (("train", file), "is a file of your own: pass --target COLUMN, one of time, warmth, light, sort, on"),
        (("train", "nothing.csv"), "no data set named 'nothing.csv'"),
        (("train", file, "--time", "time"), "--time without --target"),
        (("train", "har", "person"), "2 data sets: pass one, or files of your own with --target COLUMN"),
        (("train", file, "--target", "on", "--protocol", "clean"), "only published sets have one"),
        (("train", file, "--target", "no"), "no column named 'no'. Valid names: time"),
        (("train", "nowhere.csv", "--target", "on"), "'nowhere.csv' does not exist"),
        (("train", "/dev/null", "--target", "on"), "no regular file"),
        (("train", file, "--target", "on", "--model", "lct"), "Did you mean 'ltc'?"),
        (("train", file, "--target", "on", "--horizon", "0"), "horizon=0"),
        (("predict", run, "nowhere.csv"), "'nowhere.csv' does not exist"),
        (("predict", "nowhere", file), "nowhere does not exist"),
        (("predict", run, file, "-o", "out.xlsx"), "ends in neither .csv nor .parquet"),
        (("predict", run, file, "-o", file), "exists already"),
        (("predict", run, file, "--json"), "--json without -o"),
        (("predict", run, file, "-o", "no/folder/out.csv"), "no/folder/out.csv cannot be written"),
        (("evaluate", run, "nowhere.csv"), "'nowhere.csv' does not exist"),
    ):
        assert said in refused(liquidtime_(*words))
    assert set(tmp_path.iterdir()) == before


def test_columns_that_predictions_would_hide_are_refused(liquidtime_, trained, tmp_path):
    rows = [[*row, 1] for row in rows_of()]
    file = write(tmp_path, "a.csv", (*HEADER, "predicted on"), rows)
    assert "has a column 'predicted on' already" in refused(
        liquidtime_("predict", trained["classes"], file, "-o", "b.csv")
    )


def test_a_full_disk_leaves_no_half_of_a_file(liquidtime_, trained, tmp_path, monkeypatch):
    def fill(one, other):
        raise OSError(errno.ENOSPC, "No space left on device")

    file = sensors(tmp_path)
    monkeypatch.setattr(writing.os, "replace", fill)
    assert "out.csv cannot be written" in refused(liquidtime_("predict", trained["classes"], file, "-o", "out.csv"))
    assert {path.name for path in tmp_path.iterdir()} == {"sensors.csv"}


def test_help_shows_the_way_with_files(liquidtime_):
    assert "liquidtime train sensors.csv --target occupied --time date" in liquidtime_("train", "--help")[1]
    assert "-o predicted.csv" in liquidtime_("predict", "--help")[1]


def test_moved_files_keep_their_order(liquidtime_, tmp_path):
    files = [sensors(tmp_path, f"{name}.csv", seed=k) for k, name in enumerate("dacb")]
    assert liquidtime_("train", *files, "--target", "on", "--time", "time", "--out", "r", *QUICK)[0] == 0
    accuracy = open_run("r").results["test_accuracy"]
    moved = [str(Path(file).rename(tmp_path / f"{k}.csv")) for k, file in enumerate(reversed(files))]
    assert json.loads(liquidtime_("evaluate", "r", *moved, "--json")[1])["accuracy"] == accuracy


def test_series_with_one_label_each_go_the_whole_way(liquidtime_, tmp_path):
    rows = [[f"s{k}", *row[:4], "up" if k % 2 else "down"] for k in range(20) for row in rows_of(9 + k, seed=k)]
    file = write(tmp_path, "a.csv", ("name", *HEADER), rows)
    code, out, _ = liquidtime_(
        "train", file, "--target", "on", "--time", "time", "--group", "name", "--out", "r", *QUICK
    )
    assert code == 0
    assert "one label per series" in out
    assert "last steps never trained on" in out.splitlines()[-1]
    results = open_run("r").results
    assert json.loads(liquidtime_("evaluate", "r", "--json")[1])["accuracy"] == results["test_accuracy"]
    more = write(tmp_path, "b.csv", ("name", *HEADER), [*rows, ["new", *rows[0][1:]]])
    assert "over 21 last steps" in liquidtime_("evaluate", "r", more)[1]
    assert len(liquidtime_("predict", "r", file)[1].splitlines()) == len(rows) + 1
    assert liquidtime_("report", "r")[0] == 0
