"""Raw rows as inputs: whole series and row by row, the same numbers, kept as JSON."""

import json
import math

import numpy as np
import polars as pl
import pytest
import torch

from liquidtime.data.table import Options, Schema, load
from own_files import HEADER, occupancy, rows_of, sensors, write


@pytest.fixture
def schema(tmp_path):
    """Of a file with gaps in numbers, booleans and categories, and irregular dates."""
    random = np.random.default_rng(4)
    rows = []
    for time, warmth, light, sort, on in rows_of(200):
        known = random.random(3) > 0.3
        date = str(np.datetime64(int(time), "s")).replace("T", " ")
        door = "True" if random.random() < 0.5 else "false"
        rows.append([date, warmth if known[0] else "", light, sort if known[1] else "", door if known[2] else "", on])
    path = write(tmp_path, "a.csv", ("date", *HEADER[1:4], "door", "on"), rows)
    table = load([path], Options("on", time="date")).task.table
    return Schema.from_dict(json.loads(json.dumps(table["schema"])))


RAW = {
    "date": ["2020-01-01 00:00:00", "2020-01-01 00:01:00", "2020-01-01 00:01:30", "2020-01-01 01:00:00.5"],
    "warmth": [None, "20.5", " 21 ", "NA"],
    "light": ["3", "4.0", "5", "6"],
    "sort": ["b", "", "never seen", "a"],
    "door": ["TRUE", "false", "", "true"],
}


def test_each_kind_of_column_is_encoded_as_its_docstring_says(schema):
    x, spans = schema.encode(pl.DataFrame(RAW))
    warmth, light = schema.columns[0], schema.columns[1]
    names = ("warmth", "warmth known", "warmth log time since", "light", "sort=a", "sort=b", "sort=c")
    assert schema.features == (*names, "door", "door known", "door log time since")
    scaled = [0.0, *((value - warmth.mean) / warmth.std for value in (20.5, 21, 21))]
    since = [math.log1p(age / schema.span) for age in (0, 0, 0, 3510.5)]
    ages = [math.log1p(age / schema.span) for age in (0, 0, 30, 0)]
    expected = [scaled, [0, 1, 1, 0], since, [(v - light.mean) / light.std for v in (3, 4, 5, 6)]]
    expected += [[0, 0, 0, 1], [1, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 1], [1, 1, 0, 1], ages]
    torch.testing.assert_close(x, torch.tensor(expected).T, rtol=1e-6, atol=1e-7)
    torch.testing.assert_close(spans, torch.tensor([schema.span, 60, 30, 3510.5]) / schema.span)


def test_before_a_value_was_ever_known_its_age_counts_from_the_start(schema):
    raw = {name: [values[0], *values[:3]] for name, values in RAW.items()}
    raw["date"] = RAW["date"]
    x, _ = schema.encode(pl.DataFrame(raw))
    assert x[:2, 1].tolist() == [0, 0]
    assert x[1, 2] == pytest.approx(math.log1p(60 / schema.span))


def test_row_by_row_gives_the_same_numbers(schema):
    whole, spans = schema.encode(pl.DataFrame(RAW))
    memory = None
    for row in range(4):
        values = {name: column[row] for name, column in RAW.items()}
        x, span, memory = schema.encode_row(values, values["date"], memory)
        assert torch.equal(x, whole[row])
        assert np.float32(span) == spans[row].item()


def test_row_by_row_takes_what_a_program_has(schema):
    text, _, _ = schema.encode_row({name: column[1] for name, column in RAW.items()}, "2020-01-01 00:01:00", None)
    values = {"warmth": 20.5, "light": 4, "sort": None, "door": False, "more": object()}
    typed, span, _ = schema.encode_row(values, "2020-01-01 00:01:00", None)
    assert torch.equal(text, typed)
    assert span == 1.0
    assert torch.equal(schema.encode_row({**values, "warmth": math.nan}, RAW["date"][0], None)[0][:2], torch.zeros(2))


def test_rows_that_make_no_sense_are_refused(schema):
    row = {name: column[1] for name, column in RAW.items()}
    _, _, memory = schema.encode_row(row, row["date"], None)
    for changed, time, words in (
        ({"light": ""}, row["date"], "column light: no value, and in training none was missing"),
        ({"light": "bright"}, row["date"], 'column light: "bright" is not a number'),
        ({"light": math.inf}, row["date"], "not a finite number"),
        ({"light": 1e60}, row["date"], "1e\\+60 is too far from the values in training"),
        ({"light": object()}, row["date"], "is not a number"),
        ({"door": "ajar"}, row["date"], 'column door: "ajar" is neither true nor false'),
        ({}, RAW["date"][0], "earlier than that of the row before"),
        ({}, "noon", "date='noon': pass a time"),
        ({}, None, "date=None: pass a time"),
    ):
        with pytest.raises(ValueError, match=words):
            schema.encode_row(row | changed, time, memory)
    with pytest.raises(ValueError, match="no column named 'light'"):
        schema.encode_row({"warmth": 1}, row["date"], None)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"light": ["3", "", "5", "6"]}, "row 2, column light: no value, and in training none was missing"),
        ({"light": ["3", "4", "inf", "6"]}, 'row 3, column light: "inf" is no finite number'),
        ({"light": ["3", "4", "5", "dark"]}, 'row 4, column light: "dark" is no finite number'),
        ({"light": ["3", "4", "1e60", "6"]}, r"row 3, column light: 1e\+60 is too far from the values in training"),
        ({"door": ["true", "ajar", "", ""]}, 'row 2, column door: "ajar" is no truth value'),
        ({"date": RAW["date"][::-1]}, "row 2, column date: earlier than the row before"),
        ({"date": ["noon", *RAW["date"][1:]]}, "column date has rows without a time"),
    ],
    ids=["missing", "infinite", "word", "too far", "truth", "backwards", "no date"],
)
def test_frames_that_make_no_sense_are_refused(schema, changed, words):
    with pytest.raises(ValueError, match=words):
        schema.encode(pl.DataFrame(RAW | changed))


def test_a_column_that_is_missing_is_named(schema):
    with pytest.raises(ValueError, match="no column named 'light'"):
        schema.encode(pl.DataFrame(RAW).drop("light"))


def test_a_real_file_is_encoded_as_in_training(tmp_path):
    path = occupancy(tmp_path)
    task = load([path], Options("Occupancy", time="date")).task
    names = ["row number", "date", *task.features, "Occupancy"]
    frame = pl.read_csv(path, has_header=False, skip_rows=1, new_columns=names, infer_schema=False)
    x, spans = Schema.from_dict(task.table["schema"]).encode(frame)
    parts = (task.train, task.valid, task.test)
    assert torch.equal(x, torch.cat([part.inputs for part in parts]))
    assert torch.equal(spans, torch.cat([part.elapsed for part in parts]))


def test_types_of_a_frame_do_not_matter(schema):
    texts = pl.DataFrame(RAW)
    types = texts.with_columns(
        pl.col("date").str.to_datetime("%Y-%m-%d %H:%M:%S%.f"),
        pl.col("light").cast(pl.Float32),
        pl.col("sort").cast(pl.Categorical),
        pl.col("door").replace({"TRUE": "true", "": None}).replace_strict({"true": True, "false": False}),
        pl.Series("warmth", [math.nan, 20.5, 21.0, None]),
    )
    for one, other in zip(schema.encode(texts), schema.encode(types), strict=True):
        assert torch.equal(one, other)


def test_it_comes_back_from_json(schema):
    again = Schema.from_dict(json.loads(json.dumps(schema.to_dict())))
    assert again == schema


def damages():
    """How a stored schema may be damaged, a place and a value each."""
    for value in (None, 3, "text", [], {}):
        for key in ("target", "task", "columns", "classes", "horizon", "target_std", "clock", "span"):
            if (key, value) not in (("clock", None), ("target_std", 3), ("span", 3), ("target", "text")):
                yield (key,), value
        for key in ("name", "kind", "gaps", "mean", "std", "low", "high", "categories"):
            if (key, value) not in (
                ("mean", 3),
                ("std", 3),
                ("low", 3),
                ("high", 3),
                ("name", "text"),
                ("categories", []),
            ):
                yield ("columns", 0, key), value
        for key in ("column", "form", "epoch"):
            if (key, value) not in (("column", "text"), ("form", None), ("form", "text")):
                yield ("clock", key), value
    yield ("span",), math.nan
    yield ("span",), -1.0
    yield ("columns", 0, "std"), 0.0
    yield ("columns", 1, "name"), "warmth"
    yield ("group",), 3
    yield ("more",), 1


def named(value):
    return ".".join(map(str, value)) if isinstance(value, tuple) else repr(value)


@pytest.mark.parametrize(("place", "value"), list(damages()), ids=named)
def test_a_damaged_schema_is_refused(schema, place, value):
    stored = schema.to_dict()
    inner = stored
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    with pytest.raises(ValueError, match="makes no sense"):
        Schema.from_dict(stored)


def test_epochs_are_seconds_of_the_same_time(tmp_path):
    rows = rows_of()
    spans = []
    for name, factor in (("s", 1), ("ms", 1000), ("us", 10**6)):
        path = write(tmp_path, f"{name}.csv", HEADER, [[row[0] * factor, *row[1:]] for row in rows])
        task = load([path], Options("on", time="time")).task
        assert task.table["schema"]["clock"]["epoch"] == name
        assert task.recordings[0].time[0] == np.datetime64(int(rows[102][0]), "s")
        spans.append(task.train.elapsed)
    assert torch.equal(spans[0], spans[1])
    assert torch.equal(spans[0], spans[2])


def test_a_file_without_a_clock_counts_rows(tmp_path):
    task = load([sensors(tmp_path)], Options("on", ignore=("time",))).task
    schema = Schema.from_dict(task.table["schema"])
    assert task.train.elapsed is None
    x, span, memory = schema.encode_row({"warmth": 1, "light": 2, "sort": "a"}, None, None)
    assert span is None
    assert schema.encode_row({"warmth": 1, "light": 2, "sort": "a"}, None, memory)[2].time == 1.0
    assert x.shape == (5,)
