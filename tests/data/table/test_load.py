"""What is understood of good files: kinds, time, series, target, split, scaling, windows."""

import math

import numpy as np
import polars as pl
import pytest
import torch

from liquidtime.data.table import Options
from own_files import HEADER, occupancy, rows_of, same, sensors, understood, write


def test_one_series_is_cut_in_time_order_and_scaled_by_its_first_part(tmp_path):
    rows = rows_of(120)
    task = understood(write(tmp_path, "a.csv", HEADER, rows)).task
    assert [len(part.inputs) for part in (task.train, task.valid, task.test)] == [84, 18, 18]
    warmth = np.array([row[1] for row in rows])
    mean, std = warmth[:84].mean(), warmth[:84].std()
    assert (task.mean[0], task.std[0]) == pytest.approx((mean, std))
    whole = torch.cat([task.train.inputs, task.valid.inputs, task.test.inputs])
    assert whole[:, 0].numpy() == pytest.approx((warmth - mean) / std, rel=1e-5)
    assert whole[:, 2:].tolist() == [[float(row[3] == sort) for sort in "abc"] for row in rows]
    labels = torch.cat([task.train.labels, task.valid.labels, task.test.labels])
    assert labels.tolist() == [row[4] for row in rows]
    assert task.trained_on == 0.0
    assert task.features == ("warmth", "light", "sort=a", "sort=b", "sort=c")


def test_elapsed_times_are_in_medians_of_the_training_part(tmp_path):
    rows = rows_of(120)
    task = understood(write(tmp_path, "a.csv", HEADER, rows)).task
    spans = np.diff([row[0] for row in rows])
    median = np.median(spans[:83])
    elapsed = torch.cat([task.train.elapsed, task.valid.elapsed, task.test.elapsed])
    assert elapsed[0] == 1
    assert elapsed[1:].numpy() == pytest.approx(spans / median, rel=1e-6)
    assert task.table["schema"]["span"] == median


def test_windows_stay_within_their_part(tmp_path):
    task = understood(sensors(tmp_path), window=5).task
    assert task.train.starts.tolist() == list(range(80))
    assert task.valid.starts.tolist() == [0, 5, 10]
    assert task.train.length == 5


def test_rows_of_the_same_time_count_once_and_it_is_said(tmp_path):
    rows = rows_of()
    doubled = [row for n, row in enumerate(rows) for row in ([row, [row[0], 99.0, 9, "b", 0]] if n % 5 == 0 else [row])]
    seen = understood(write(tmp_path, "a.csv", HEADER, doubled))
    same(seen.task, understood(sensors(tmp_path, "b.csv")).task)
    assert "24 rows with the time of the row before, left out" in seen.lines["time"]


def test_rows_without_a_target_are_left_out_and_it_is_said(tmp_path):
    rows = rows_of()
    more = [
        row for n, row in enumerate(rows) for row in ([[row[0] - 1, 99.0, 9, "b", ""], row] if n % 5 == 0 else [row])
    ]
    seen = understood(write(tmp_path, "a.csv", HEADER, more))
    same(seen.task, understood(sensors(tmp_path, "b.csv")).task)
    assert "24 rows without on, left out" in seen.lines["note"]


def test_gaps_are_told_and_never_filled_in_silence(tmp_path):
    rows = rows_of()
    for n, row in enumerate(rows):
        row[1] = "" if n % 3 else row[1]
    seen = understood(write(tmp_path, "a.csv", HEADER, rows))
    x, known = seen.task.train.inputs, torch.tensor([float(n % 3 == 0) for n in range(84)])
    assert seen.task.features[:3] == ("warmth", "warmth known", "warmth log time since")
    assert torch.equal(x[:, 1], known)
    assert torch.equal(x[:, 0], x[::3, 0].repeat_interleave(3))
    since = [
        math.log1p((row[0] - rows[n - n % 3][0]) / seen.task.table["schema"]["span"]) for n, row in enumerate(rows)
    ]
    assert x[:, 2].numpy() == pytest.approx(since[:84], rel=1e-6)
    assert "warmth (67 % missing)" in seen.lines["inputs"]
    assert "missing values are told to the model" in seen.lines["inputs"]


def interleaved(count=4, size=40):
    """Series of one file, their rows mixed."""
    series = {f"s{k}": rows_of(size + k, seed=k) for k in range(count)}
    rows = sorted(([name, *row] for name, one in series.items() for row in one), key=lambda row: row[1])
    return series, rows


def test_groups_are_series_of_their_own_however_their_rows_are_mixed(tmp_path):
    series, rows = interleaved()
    mixed = write(tmp_path, "mixed.csv", ("name", *HEADER), rows)
    files = [write(tmp_path, f"{name}.csv", HEADER, one) for name, one in series.items()]
    order = [row[0] for row in rows]
    files.sort(key=lambda file: order.index(file.rsplit("/", 1)[1][:2]))
    grouped, apart = understood(mixed, group="name"), understood(files)
    same(grouped.task, apart.task)
    assert "4 series of 40 to 43 rows" in grouped.lines["data"]
    assert "4 files" in apart.lines["data"]
    assert "by whole series: 2 to train (s1, s3), 1 to validate (s0), 1 to test (s2)" in grouped.lines["split"]
    same(understood(mixed, group="name", split="time").task, understood(files, split="time").task)
    with pytest.raises(ValueError, match=r"mixed.csv, row \d+, column time: (earlier than|the same time)"):
        understood(write(tmp_path, "mixed.csv", ("name", *HEADER), sorted(rows)), ignore=("name",))


def test_a_folder_and_a_pattern_name_all_of_their_files(tmp_path):
    for k in range(3):
        sensors(tmp_path, f"f{k}.csv", seed=k)
    (tmp_path / "notes.md").write_text("no table")
    same(understood(tmp_path).task, understood(str(tmp_path / "f?.csv")).task)


def test_the_parts_share_no_series(tmp_path):
    _, rows = interleaved(count=9)
    task = understood(write(tmp_path, "a.csv", ("name", *HEADER), rows), group="name").task
    sizes = [len(part.inputs) for part in (task.train, task.valid, task.test)]
    assert sum(sizes) == len(rows)
    assert min(sizes) >= 40
    assert sizes[0] > 4 * 40


def test_a_forecast_tells_the_next_rows_and_none_beyond_its_part(tmp_path):
    rows = rows_of()
    seen = understood(write(tmp_path, "a.csv", HEADER, rows), target="warmth", horizon=3)
    task, warmth = seen.task, np.array([row[1] for row in rows])
    mean, std = task.target_mean[0], task.target_std[0]
    assert (mean, std) == pytest.approx((warmth[:84].mean(), warmth[:84].std()))
    assert task.targets == ("warmth +1", "warmth +2", "warmth +3")
    for part, start, stop in ((task.train, 0, 84), (task.valid, 84, 102), (task.test, 102, 120)):
        assert len(part.labels) == stop - start - 3
        expected = np.stack([warmth[start + k : stop - 3 + k] for k in (1, 2, 3)], 1)
        assert part.labels.numpy() * std + mean == pytest.approx(expected, rel=1e-5)
    assert task.features[0] == "warmth"
    assert "forecast 1 to 3 rows ahead" in seen.lines["target"]


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        (["yes", "no"], "classification", ("no", "yes")),
        (["True", "False"], "classification", ("false", "true")),
        ([0, 1], "classification", ("0", "1")),
        ([10, 9, 2], "classification", ("2", "9", "10")),
        ([1.0, 2.0], "classification", ("1", "2")),
        (list(range(11)), "regression", ()),
        ([0.5, 1, 2], "regression", ()),
        ([f"sort {k}" for k in range(12)], "classification", tuple(sorted(f"sort {k}" for k in range(12)))),
    ],
    ids=["words", "truths", "bits", "few numbers", "whole floats", "many numbers", "fractions", "many words"],
)
def test_the_task_is_found_in_the_target(tmp_path, values, task, classes):
    rows = [[*row[:4], values[(n * n) % len(values)]] for n, row in enumerate(rows_of())]
    rows[0][4] = values[-1]
    for n, value in enumerate(values):
        rows[n + 1][4] = value
    seen = understood(write(tmp_path, "a.csv", HEADER, rows)).task
    assert seen.table["schema"]["task"] == task
    assert seen.classes == classes


def test_the_task_can_be_said(tmp_path):
    assert understood(sensors(tmp_path), task="regression").task.targets == ("on",)
    rows = [[*row[:4], n % 20] for n, row in enumerate(rows_of())]
    assert len(understood(write(tmp_path, "a.csv", HEADER, rows), task="classification").task.classes) == 20


def labelled_series(tmp_path, count=20):
    rows = [[f"s{k}", *row[:4], "up" if k % 2 else "down"] for k in range(count) for row in rows_of(5 + k, seed=k)]
    return write(tmp_path, "a.csv", ("name", *HEADER), rows)


def test_series_with_one_label_each_are_windows_of_their_own_length(tmp_path):
    seen = understood(labelled_series(tmp_path), group="name")
    task = seen.task
    assert task.table["schema"]["task"] == "series-classification"
    assert "2 classes (down 50 %, up 50 %), one label per series" in seen.lines["target"]
    assert task.train.last
    lengths = torch.cat([part.lengths for part in (task.train, task.valid, task.test)])
    assert sorted(lengths.tolist()) == list(range(5, 25))
    for part in (task.train, task.valid, task.test):
        assert part.y.unique().tolist() == [0, 1]
    short = understood(labelled_series(tmp_path), group="name", window=7).task
    assert sorted(torch.cat([p.lengths for p in (short.train, short.valid, short.test)]).tolist()) == [5, 6, *[7] * 18]
    for one, other in ((short.train, task.train), (short.valid, task.valid), (short.test, task.test)):
        assert torch.equal(one.starts + one.lengths, other.starts + other.lengths)


def test_columns_that_say_nothing_are_left_out_and_it_is_said(tmp_path):
    rows = [
        [n + 5, *row, "same", "", f"id {n}", f"2020-01-{1 + n % 28:02d}", n >= 100] for n, row in enumerate(rows_of())
    ]
    header = ("number", *HEADER, "constant", "nothing", "id", "day", "later")
    seen = understood(write(tmp_path, "a.csv", header, rows))
    assert seen.task.features == ("warmth", "light", "sort=a", "sort=b", "sort=c")
    left = seen.lines["left out"]
    for words in ("number (numbers the rows)", "constant (always same in the part to train on)", "id (about 1"):
        assert words in left
    assert "nothing (holds no values)" in left
    assert "later (always False" in left
    assert "day=2020-01-01" not in seen.task.features


def test_dates_that_nobody_asked_for_are_pointed_at(tmp_path):
    path = occupancy(tmp_path)
    assert "date (dates; pass --time 'date'" in understood(path, target="Occupancy", time=None).lines["left out"]


def test_numbers_can_be_categories(tmp_path):
    rows = [[*row[:2], n % 4, *row[3:]] for n, row in enumerate(rows_of())]
    path = write(tmp_path, "a.csv", HEADER, rows)
    assert understood(path, categorical=("light",)).task.features[1:5] == ("light=0", "light=1", "light=2", "light=3")
    pl.read_csv(path).with_columns(pl.col("light").cast(pl.Float64)).write_parquet(tmp_path / "a.parquet")
    same(understood(tmp_path / "a.parquet", categorical=("light",)).task, understood(path, categorical=("light",)).task)


def test_categories_are_those_of_the_part_to_train_on(tmp_path):
    rows = rows_of()
    rows[100][3] = "late"
    task = understood(write(tmp_path, "a.csv", HEADER, rows)).task
    assert task.features == ("warmth", "light", "sort=a", "sort=b", "sort=c")
    assert task.valid.inputs[16, 2:].tolist() == [0, 0, 0]


def test_rare_and_untrained_classes_are_pointed_at(tmp_path):
    rows = rows_of()
    rows[110][4] = 7
    seen = understood(write(tmp_path, "a.csv", HEADER, rows))
    assert "class 7 has 1 row only (a.csv, row 111, column on)" in seen.lines["note"]
    assert "class 7 is not in the part to train on" in seen.lines["note"]


def test_classes_can_be_balanced(tmp_path):
    rows = [[*row[:4], int(n % 20 == 0)] for n, row in enumerate(rows_of(400))]
    path = write(tmp_path, "a.csv", HEADER, rows)
    seen = understood(path)
    assert "--class-weights balanced" in seen.lines["note"]
    assert (seen.task.class_weights, seen.task.metric) == (None, "f1")
    balanced = understood(path, class_weights="balanced")
    assert balanced.task.class_weights == pytest.approx((280 / (2 * 266), 280 / (2 * 14)))
    assert "note" not in balanced.lines
    rows[7][4] = 9
    rare = understood(write(tmp_path, "b.csv", HEADER, rows), class_weights="balanced").task
    assert rare.class_weights == pytest.approx((280 / (3 * 265), 280 / (3 * 14), 280 / (3 * 2.8)))


def test_the_same_files_give_the_same_task(tmp_path):
    _, rows = interleaved(count=9)
    path = write(tmp_path, "a.csv", ("name", *HEADER), rows)
    one, other = understood(path, group="name").task, understood(path, group="name").task
    same(one, other)
    assert one.table == other.table


def test_the_page_shows_no_more_rows_than_it_can(tmp_path, monkeypatch):
    monkeypatch.setattr("liquidtime.data.table.understood.SHOWN", 10)
    shown = understood(sensors(tmp_path)).task.recordings
    assert [(one.name, len(one)) for one in shown] == [("sensors.csv (its first 10 of 18 rows)", 10)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"task": "clasification"}, "Did you mean 'classification'"),
        ({"split": "random"}, "no split named 'random'"),
        ({"class_weights": "some"}, "no class weights named 'some'"),
        ({"horizon": 0}, "horizon=0: pass a whole number"),
        ({"window": True}, "window=True: pass a whole number"),
        ({"task": "forecast"}, "without a horizon: pass --horizon N"),
        ({"task": "regression", "horizon": 2}, "only a forecast has one"),
        ({"time": None, "time_format": "%Y"}, "without a time column"),
        ({"time": "on"}, "time='on' is the target"),
        ({"group": "on"}, "group='on' is the target"),
        ({"group": "time"}, "time='time' is the group"),
        ({"ignore": ("on",)}, "ignore='on' is a column that is asked for"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_options_that_contradict_each_other_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        Options(**{"target": "on", "time": "time", **options})


def test_options_come_back_from_json():
    options = Options("a", time="b", ignore=("c", "d"), horizon=3)
    assert Options.from_dict(options.to_dict()) == options
    for changed in ({"horizon": -1}, {"target": None}, {"ignore": "c"}, {"more": 1}):
        with pytest.raises(ValueError, match=r"=|named"):
            Options.from_dict({**options.to_dict(), **changed})
    with pytest.raises(ValueError, match="the option time is missing"):
        Options.from_dict({name: value for name, value in options.to_dict().items() if name != "time"})


def test_what_the_simplest_guess_reaches_is_said(tmp_path):
    rows = rows_of()
    path = write(tmp_path, "a.csv", HEADER, rows)
    on, warmth = np.array([row[4] for row in rows]), np.array([row[1] for row in rows])
    share = 100 * np.mean(on[102:] == np.bincount(on[:84]).argmax())
    assert f"is right in {share:.1f} %" in understood(path).lines["to beat"]
    variance = warmth[:84].var()
    mean = np.square(warmth[102:] - warmth[:84].mean()).mean() / variance
    assert f"always the mean has squared error {mean:.4g}" in understood(path, target="warmth").lines["to beat"]
    off = [warmth[102 + k : 118 + k] - warmth[102:118] for k in (1, 2)]
    last = np.square(off).mean() / variance
    seen = understood(path, target="warmth", horizon=2)
    assert f"always the last value has squared error {last:.4g}" in seen.lines["to beat"]
