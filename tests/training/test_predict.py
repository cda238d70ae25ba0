"""What a run on files of one's own says about new ones: every row, in order, as a stream would have it."""

import json
import math
import shutil

import numpy as np
import polars as pl
import pytest
import torch

from liquidtime.data import with_log_timespans
from liquidtime.data.table import Options, Schema, known_task, load, opened, recognise
from liquidtime.training import (
    Recipe,
    RunFolderError,
    load_model,
    open_run,
    predict,
    read_intervals,
    residual_quantiles,
    train,
    walk,
)
from liquidtime.training.model import draw_model
from own_files import HEADER, rows_of, sensors, write
from tiny import make_task

RECIPE = Recipe("ltc", hidden_size=5, epochs=2, batch_size=8, learning_rate=0.02)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Runs by what they predict."""
    folder = tmp_path_factory.mktemp("own")
    file = sensors(folder)
    asked = {
        "classes": (Options("on", time="time"), RECIPE),
        "number": (Options("warmth", time="time"), RECIPE),
        "forecast": (Options("warmth", time="time", horizon=2), RECIPE),
        "lstm": (Options("on", time="time"), Recipe("lstm", hidden_size=5, epochs=1, batch_size=8)),
    }
    runs = {}
    for name, (options, recipe) in asked.items():
        task = load([file], options).task
        runs[name] = train(with_log_timespans(task) if name == "lstm" else task, recipe, 0, folder / name)
    return runs


def said(run, path):
    with opened([str(path)]) as sources:
        return predict(run, sources[0])


def test_a_whole_series_and_its_pieces_are_the_same():
    for name in ("ltc", "lstm", "ctgru"):
        model = draw_model(Recipe(name, hidden_size=6), 3, 2, seed=1).eval()
        x, spans = torch.randn(50, 3), torch.rand(50) + 0.1
        with torch.no_grad():
            whole, _ = model(x.unsqueeze(0), None, spans.unsqueeze(0) if model.takes_time else None)
        torch.testing.assert_close(walk(model, x, spans, piece=7), whole[0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["classes", "lstm"])
def test_it_says_what_a_stream_of_rows_says(trained, tmp_path, name):
    path = sensors(tmp_path, seed=5)
    run, frame = trained[name], pl.read_csv(path)
    columns, notes = said(run, path)
    model, schema = load_model(run), Schema.from_dict(run.config["table"]["schema"])
    memory = state = None
    for n, row in enumerate(frame.iter_rows(named=True)):
        x, span, memory = schema.encode_row(row, row["time"], memory)
        if name == "lstm":
            x = torch.cat([x, torch.tensor([math.log(max(span, 1e-2))])])
        spans = torch.tensor([[span]]) if model.takes_time else None
        with torch.no_grad():
            output, state = model(x.view(1, 1, -1), state, spans)
        shares = output[0, 0].softmax(-1)
        assert columns["predicted on"][n] == ("0", "1")[int(shares.argmax())]
        assert [columns[f"probability of {c}"][n] for c in "01"] == pytest.approx(shares.tolist(), abs=1e-5)
    assert all("outside" in note for note in notes)


def test_every_row_gets_its_prediction_however_series_are_mixed(tmp_path):
    series = {f"s{k}": rows_of(30, seed=k) for k in range(4)}
    mixed = sorted(([name, *row] for name, one in series.items() for row in one), key=lambda row: row[1])
    file = write(tmp_path, "mixed.csv", ("name", *HEADER), mixed)
    run = train(load([file], Options("on", time="time", group="name")).task, RECIPE, 0, tmp_path / "run")
    columns, _ = said(run, file)
    for name, rows in series.items():
        alone, _ = said(run, write(tmp_path, f"{name}.csv", ("name", *HEADER), [[name, *row] for row in rows]))
        mine = columns.filter(pl.Series([row[0] == name for row in mixed]))
        assert mine["probability of 1"].to_list() == pytest.approx(alone["probability of 1"].to_list(), abs=1e-6)


def test_rows_of_the_same_time_share_what_is_said(trained, tmp_path):
    rows = rows_of(40, seed=2)
    doubled = [row for row in rows for row in (row, [row[0], 50.0, 9, "c", 1])][: 2 * 19] + rows[19:]
    once, _ = said(trained["classes"], write(tmp_path, "once.csv", HEADER, rows))
    twice, _ = said(trained["classes"], write(tmp_path, "twice.csv", HEADER, doubled))
    assert len(twice) == len(doubled)
    expected = [value for n, value in enumerate(once["probability of 1"]) for value in ([value] * (2 if n < 19 else 1))]
    assert twice["probability of 1"].to_list() == expected


def test_the_target_may_be_absent_where_it_is_no_input(trained, tmp_path):
    rows = rows_of(40, seed=2)
    whole, _ = said(trained["classes"], write(tmp_path, "a.csv", HEADER, rows))
    without, _ = said(trained["classes"], write(tmp_path, "b.csv", HEADER[:4], [row[:4] for row in rows]))
    assert whole.equals(without)
    with pytest.raises(ValueError, match=r"c\.csv: no column named 'warmth'.*; the model was trained with it"):
        said(
            trained["forecast"],
            write(tmp_path, "c.csv", ("time", "light", "sort", "on"), [[r[0], *r[2:]] for r in rows]),
        )


def test_a_forecast_is_in_units_of_the_target_and_skips_rows_without_one(trained, tmp_path):
    rows, run = rows_of(40, seed=2), trained["forecast"]
    columns, _ = said(run, write(tmp_path, "a.csv", HEADER, rows))
    assert columns.columns[:4] == [
        "predicted warmth +1",
        "predicted warmth +1 low",
        "predicted warmth +1 high",
        "predicted warmth +2",
    ]
    assert abs(columns["predicted warmth +1"].mean() - 20) < 3
    level, offsets = read_intervals(run.path, run.config["targets"])
    assert level == 0.9
    for k in (1, 2):
        middle = columns[f"predicted warmth +{k}"]
        assert (columns[f"predicted warmth +{k} low"] - middle).to_numpy() == pytest.approx(offsets[k - 1, 0])
        assert (columns[f"predicted warmth +{k} high"] - middle).to_numpy() == pytest.approx(offsets[k - 1, 1])
    gone = [[row[0], "", *row[2:]] if n in (3, 17) else row for n, row in enumerate(rows)]
    some, _ = said(run, write(tmp_path, "b.csv", HEADER, gone))
    assert [n for n, value in enumerate(some["predicted warmth +1"]) if value is None] == [3, 17]
    kept, _ = said(run, write(tmp_path, "c.csv", HEADER, [row for n, row in enumerate(rows) if n not in (3, 17)]))
    assert some.drop_nulls().equals(kept)


def test_an_interval_holds_its_share_of_what_comes():
    random = np.random.default_rng(1)
    held = []
    for _ in range(2000):
        low, high = residual_quantiles(random.gamma(2, 1, 99), 0.9)
        held.append(low <= random.gamma(2, 1) <= high)
    assert 0.87 < np.mean(held) < 0.93


def test_intervals_are_order_statistics_of_the_validation_residuals(trained):
    assert residual_quantiles(np.arange(1.0, 100.0)[::-1], 0.9) == (5.0, 95.0)
    assert residual_quantiles(np.array([3.0, 1.0, 2.0]), 0.9) == (1.0, 3.0)
    run = trained["number"]
    task = load(run.config["table"]["files"], Options.from_dict(run.config["table"]["options"])).task
    with torch.no_grad():
        output, _ = load_model(run)(task.valid.x, None, task.valid.timespans)
    off = ((task.valid.y - output) * task.target_std[0]).flatten().double().numpy()
    _, offsets = read_intervals(run.path, ["warmth"])
    assert offsets[0].tolist() == pytest.approx(residual_quantiles(off, 0.9), rel=1e-5)


def test_what_is_unlike_the_training_is_said_by_name(trained, tmp_path):
    rows = [
        [100 * row[0], row[1] + 100, row[2], "new" if n in (4, 9) else row[3], row[4]]
        for n, row in enumerate(rows_of())
    ]
    _, notes = said(trained["classes"], write(tmp_path, "a.csv", HEADER, rows))
    units, warmth, sort = (note for note in notes if not note.startswith("light"))
    assert "time: rows are 100 times as far apart as in training: is it another unit of time?" in units
    assert "warmth: 120 rows outside 1" in warmth
    assert "(a.csv, row 1, column warmth: 1" in warmth
    assert sort == 'sort: 2 rows of a category that training did not have (a.csv, row 5, column sort: "new")'


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda row: [*row[:2], "", *row[3:]], "row 1, column light: no value, and in training none was missing"),
        (
            lambda row: [*row[:2], "dim", *row[3:]],
            'row 1, column light: "dim" is not a number, as all were in training: mend it, or drop the row',
        ),
        (lambda row: [row[0], "inf", *row[2:]], "row 1, column warmth: inf is not a finite number"),
        (lambda row: ["soon", *row[1:]], 'row 1, column time: "soon" is not a number'),
        (lambda row: [1000 * row[0], *row[1:]], "beyond all dates: is it in another unit than s?"),
        (lambda row: [-row[0], *row[1:]], "row 2, column time: earlier than the row before"),
    ],
    ids=["missing", "words", "infinite", "no time", "another unit", "backwards"],
)
def test_rows_of_another_kind_are_refused(trained, tmp_path, change, words):
    path = write(tmp_path, "a.csv", HEADER, [change(row) for row in rows_of()])
    with pytest.raises(ValueError, match=words):
        said(trained["classes"], path)


def test_labels_of_new_files_have_to_be_known(trained, tmp_path):
    schema = Schema.from_dict(trained["classes"].config["table"]["schema"])
    for value, words in (
        ("maybe", 'row 7, column on: "maybe" is none of the classes'),
        (2, 'row 7, column on: "2" is none'),
    ):
        rows = rows_of()
        rows[6][4] = value
        with opened([write(tmp_path, "a.csv", HEADER, rows)]) as sources:
            known = recognise(schema, sources, labelled=True)
        with pytest.raises(ValueError, match=words):
            known_task(schema, known, "a", trained["classes"].config)
    with opened([write(tmp_path, "b.csv", HEADER, [[*row[:4], f"{row[4]}.0"] for row in rows_of()])]) as sources:
        task = known_task(schema, recognise(schema, sources, labelled=True), "b", trained["classes"].config)
    assert task.test.labels.tolist() == [row[4] for row in rows_of()]
    with opened([write(tmp_path, "c.csv", HEADER, rows_of(5))]) as sources:
        known = recognise(schema, sources, labelled=True)
    with pytest.raises(ValueError, match="c: no series has 8 rows"):
        known_task(schema, known, "c", trained["classes"].config)


def test_a_run_on_a_published_set_predicts_no_file(tmp_path):
    run = train(make_task(), Recipe("lstm", hidden_size=3, epochs=1, batch_size=8), 0, tmp_path / "run")
    with pytest.raises(RunFolderError, match="was trained on the published set tiny"):
        said(run, sensors(tmp_path))


@pytest.fixture
def copied(trained, tmp_path):
    shutil.copytree(trained["forecast"].path, tmp_path / "run")
    return tmp_path / "run"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        '{"level": 0.9}',
        '{"level": 2, "offsets": [[0, 1], [0, 1]]}',
        '{"level": 0.9, "offsets": [[0, 1]]}',
        '{"level": 0.9, "offsets": [[1, 0], [0, 1]]}',
        '{"level": 0.9, "offsets": [[0, null], [0, 1]]}',
    ],
)
def test_damaged_intervals_are_named(copied, content):
    (copied / "intervals.json").write_text(content)
    with pytest.raises(RunFolderError, match=r"intervals\.json"):
        read_intervals(copied, ["a", "b"])
    (copied / "intervals.json").unlink()
    with pytest.raises(RunFolderError, match=r"intervals\.json is missing"):
        read_intervals(copied, ["a", "b"])


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("table",), 3),
        (("table",), {}),
        (("table", "files"), []),
        (("table", "files"), [1]),
        (("table", "window"), 0),
        (("table", "window"), True),
        (("table", "options"), []),
        (("table", "options", "horizon"), -2),
        (("table", "options", "target"), "light"),
        (("table", "schema"), None),
        (("table", "schema", "span"), "long"),
        (("table", "schema", "columns"), []),
        (("table", "schema", "horizon"), 3),
        (("table", "schema", "columns", 1, "name"), "brightness"),
    ],
    ids=lambda value: ".".join(map(str, value)) if isinstance(value, tuple) else repr(value),
)
def test_a_table_that_was_changed_by_hand_is_one_line(copied, place, value):
    path = copied / "config.json"
    config = json.loads(path.read_text())
    inner = config
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    path.write_text(json.dumps(config))
    with pytest.raises(RunFolderError, match=r"config\.json, table: .*changed by hand") as caught:
        open_run(copied)
    assert "\n" not in str(caught.value)
    del config["table"]
    path.write_text(json.dumps(config))
    with pytest.raises(RunFolderError, match="table"):
        open_run(copied)
