"""Files that are no tables, or make no sense: one line that names file, row, column and the way out."""

import gzip
import io
import math
import os
import zipfile

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liquidtime.data.table import Options, load
from own_files import HEADER, rows_of, sensors, write

GOOD = "\n".join(",".join(map(str, row)) for row in [HEADER, *rows_of()]) + "\n"


def change(row, column, value):
    """The good file with one field changed; row 1 follows the header."""
    lines = [line.split(",") for line in GOOD.splitlines()]
    lines[row][HEADER.index(column)] = value
    return "\n".join(",".join(line) for line in lines) + "\n"


def every(column, value):
    """The good file with one column the same in all rows."""
    lines = [line.split(",") for line in GOOD.splitlines()]
    for line in lines[1:]:
        line[HEADER.index(column)] = value
    return "\n".join(",".join(line) for line in lines) + "\n"


def zipped():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.csv", GOOD)
    return content.getvalue()


def parquet():
    content = io.BytesIO()
    pl.read_csv(io.StringIO(GOOD)).write_parquet(content)
    return content.getvalue()


def refused(path, **options):
    with pytest.raises(ValueError, match=r"^\S") as caught:
        load([str(path)], Options(**{"target": "on", "time": "time", **options}))
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 700
    return message


CASES = {
    "empty": (b"", "a.csv is empty"),
    "blank": (b" \n\n \n", "a.csv is empty"),
    "header only": (GOOD.splitlines()[0].encode() + b"\n", "no rows after the header"),
    "header without an end": (GOOD.splitlines()[0].encode(), "no rows after the header"),
    "one row": ("\n".join(GOOD.splitlines()[:2]).encode(), "one value only"),
    "three rows": ("\n".join(GOOD.splitlines()[:4]).encode(), "one value only"),
    "no header": ("\n".join(line.replace(",a,", ",1,") for line in GOOD.splitlines()[1:]).encode(), "no column named"),
    "only numbers": (b"1,2,3\n4,5,6\n", "its first row holds numbers and no names"),
    "a short row": (GOOD.replace("\n", "\n1,2\n", 1).encode(), "fields, but the header has 5 names"),
    "a short row later": (GOOD.rsplit(",", 1)[0].encode(), "a.csv, row 120: 4 fields, expected 5 fields"),
    "a long row": ((GOOD + "1,2,3,a,1,9\n").encode(), "a.csv, row 121: 6 fields, expected 5 fields"),
    "an empty line": ((GOOD + "\n" + GOOD.splitlines()[-1]).encode(), "a.csv, row 121: an empty line"),
    "a row more than names": (GOOD.replace("\n", ",\n").replace(",\n", "\n", 1).encode(), "does not number the rows"),
    "UTF-16": (GOOD.encode("utf-16"), "is UTF-16"),
    "Latin-1": (change(3, "sort", "é").encode("latin1"), "a.csv, row 3: byte 0xe9 is no UTF-8 text"),
    "NUL": (change(4, "sort", "a\0").encode(), "is NUL"),
    "a later NUL": (GOOD.encode() * 40_000 + b"\0", "row 4840000: byte"),
    "returns alone": (GOOD.replace("\n", "\r").encode(), "carriage returns alone"),
    "an open quote": (change(5, "sort", '"a').encode(), "a quote is never closed"),
    "a quote in a field": (
        change(5, "sort", 'a"b').replace("x", "").encode() + b'1,2,3,"',
        "row 5: a quote within a field",
    ),
    "quotes in two fields": (change(5, "sort", 'a"b').replace(",c,", ',c"d,', 1).encode(), "a quote within a field"),
    "a quote before the end": (change(5, "sort", '"a"b').encode(), "a.csv, row 5: a quote within a field"),
    "a blank before a quote": (change(5, "sort", ' "a"').encode(), "a.csv, row 5: a quote within a field"),
    "a name over two lines": (GOOD.replace("light", '"li\nght"').encode(), "a name in its header has a line break"),
    "an empty first line": (b"\n" + GOOD.encode(), "its first line is empty"),
    "names twice": (GOOD.replace("light", "warmth", 1).encode(), 'two columns are named "warmth"'),
    "a name missing": (GOOD.replace("light", "", 1).encode(), "column 3 has no name"),
    "an enormous field": (change(7, "sort", "x" * 5_000_000).encode(), None),
    "an enormous header": (b"x" * 2_000_000 + b"\n1\n", "no line ends within the first"),
    "zip": (zipped(), "is a zip archive"),
    "gzip cut off": (gzip.compress(GOOD.encode())[:-30], "a.csv cannot be read"),
    "gzip twice": (gzip.compress(gzip.compress(GOOD.encode())), "a gzip file within a gzip file"),
    "Parquet cut off": (parquet()[:-40], "is no whole Parquet file"),
    "Parquet damaged": (parquet()[:200] + b"\0" * 50 + parquet()[250:], "a.csv"),
    "a constant target": (every("on", "1").encode(), "target on holds one value only (1)"),
    "no target": (every("on", "").encode(), "target on holds no values"),
    "only NaN": (every("on", "nan").encode(), "target on holds no values"),
    "infinite": (change(9, "warmth", "inf").encode(), "a.csv, row 9, column warmth: inf is not a finite number"),
    "overflow": (change(9, "warmth", "1e999").encode(), "a.csv, row 9, column warmth: inf is not a finite number"),
    "too large": (
        change(9, "warmth", "1e200").encode(),
        "a.csv, row 9, column warmth: 1e+200 is not a number up to 1e+100",
    ),
    "too far": (change(119, "warmth", "1e90").encode(), "a.csv, row 119, column warmth: 1e+90 is too far from"),
    "a time beyond all dates": (
        change(120, "time", "1e300").encode(),
        'a.csv, row 120, column time: "1e300" lies beyond all dates',
    ),
    "inputs of one name": (
        "\n".join(f"{line},{n % 7 if n else 'sort=a'}" for n, line in enumerate(GOOD.splitlines())).encode(),
        "two inputs would be called 'sort=a'",
    ),
    "mixed": (change(9, "warmth", "warm").encode(), 'a.csv, row 9, column warmth: "warm" is not a number'),
    "no time": (change(9, "time", "").encode(), "a.csv, row 9, column time: no time"),
    "a word for a time": (change(9, "time", "noon").encode(), 'a.csv, row 9, column time: "noon" is not a number'),
    "an infinite time": (change(9, "time", "inf").encode(), 'a.csv, row 9, column time: "inf" is not a number'),
    "out of order": (change(9, "time", "5").encode(), "a.csv, row 9, column time: earlier than the row before"),
    "one time": (every("time", "5").encode(), "the same time as the row before it, like 119 of 120 rows"),
    "the target again": (
        "\n".join(f"{line},{line[-1] if n else 'copy'}" for n, line in enumerate(GOOD.splitlines())).encode(),
        "column copy is the target on in other words",
    ),
}


@pytest.mark.parametrize("name", list(CASES))
def test_a_broken_file_is_one_line(tmp_path, name):
    content, words = CASES[name]
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    if words is None:
        assert (
            "sort (4 different texts of up to 5,000,000 characters)"
            in load([str(path)], Options("on", time="time")).lines["left out"]
        )
    else:
        assert words in refused(path)


def test_the_good_file_is_good(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(GOOD)
    assert load([str(path)], Options("on", time="time")).task.classes == ("0", "1")


def test_what_is_no_file_is_named(tmp_path):
    assert "does not exist" in refused(tmp_path / "nowhere.csv")
    assert "matches no file" in refused(tmp_path / "*.csv")
    assert "is a folder without CSV or Parquet files" in refused(tmp_path)
    assert "is no regular file" in refused("/dev/null")
    os.mkfifo(tmp_path / "pipe.csv")
    assert "is no regular file" in refused(tmp_path / "pipe.csv")
    assert "is no path" in refused("a\0b")
    (tmp_path / "no.parquet").write_text(GOOD)
    assert "no.parquet is no Parquet file" in refused(tmp_path / "no.parquet")


def test_what_is_asked_has_to_be_there(tmp_path):
    path = sensors(tmp_path)
    message = refused(path, target="oon")
    assert message == "no column named 'oon'. Did you mean 'on'? Valid names: time, warmth, light, sort, on"
    for option in ("time", "group"):
        assert "no column named 'when'" in refused(path, **{option: "when"})
    assert "no column named 'x'" in refused(path, ignore=("x",))
    assert "no column named 'x'" in refused(path, categorical=("x",))
    assert "holds no numbers" in refused(path, target="sort", task="regression")
    assert "holds no numbers" in refused(path, target="sort", horizon=2)
    (tmp_path / "long.csv").write_text(change(7, "sort", "x" * 200))
    assert "target sort holds texts of up to 200 characters" in refused(tmp_path / "long.csv", target="sort")
    assert "more than 100 classes" in refused(path, target="warmth", task="classification")
    assert "another label than in the first row" in refused(path, task="series-classification")
    assert "split='group' with 1 series" in refused(path, split="group")
    assert "too few for windows of 90 rows" in refused(path, window=90)
    assert "no column is left as an input" in refused(path, ignore=("warmth", "light", "sort"))
    assert '"1500000067" is not a date like %d.%m.%Y' in refused(path, time_format="%d.%m.%Y")
    assert 'sensors.csv, row 1, column sort: "b" is neither a date' in refused(path, time="sort")


def test_files_that_do_not_belong_together_are_refused(tmp_path):
    one = sensors(tmp_path, "a.csv")
    other = write(tmp_path, "b.csv", ("time", "warmth", "light", "kind", "on"), rows_of())
    with pytest.raises(ValueError, match=r"b\.csv has no column 'sort', unlike a.csv"):
        load([one, other], Options("on"))
    pl.read_csv(one).with_columns(pl.col("warmth").cast(pl.String)).write_parquet(tmp_path / "c.parquet")
    pl.read_csv(one).write_parquet(tmp_path / "d.parquet")
    with pytest.raises(ValueError, match="column warmth is String, but Float64"):
        load([str(tmp_path / "d.parquet"), str(tmp_path / "c.parquet")], Options("on"))


def test_the_future_of_the_target_is_refused(tmp_path):
    rows = rows_of()
    for k, row in enumerate(rows):
        row.append(3 * rows[min(k + 2, len(rows) - 1)][1] - 1)
    path = write(tmp_path, "a.csv", (*HEADER, "later"), rows[:-2])
    assert "column later is the target warmth 2 rows ahead, up to scale" in refused(path, target="warmth", horizon=3)
    assert "--ignore 'later'" in refused(path, target="warmth", horizon=3)
    load([path], Options("warmth", time="time", horizon=1))
    rows = [[*row, 7 - 2 * row[1]] for row in rows_of()]
    path = write(tmp_path, "b.csv", (*HEADER, "copy"), rows)
    assert "column copy is the target warmth, up to scale" in refused(path, target="warmth")


CHARACTERS = st.sampled_from([*'ab10.,;"\n\r\t \0é-+eE:/', "nan", "inf", "1e999", "2015-01-01", "\ufeff", '""'])


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.lists(CHARACTERS, max_size=60).map("".join), options=st.booleans())
def test_random_text_gives_a_task_or_one_line(tmp_path, content, options):
    path = tmp_path / "x.csv"
    path.write_text(content, encoding="utf-8", newline="")
    names = content.splitlines()[0].split(",") if content.splitlines() else []
    target = next((name for name in names if name.strip()), "a")
    attempt(path, Options(target.strip(), horizon=1 if options else None))


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 120), st.sampled_from(HEADER), st.text(st.characters(codec="utf-8"), max_size=6)),
        max_size=4,
    ),
    cuts=st.tuples(st.integers(0, 30), st.integers(0, 3000)),
    target=st.sampled_from(HEADER[1:]),
    ahead=st.sampled_from([None, 1, 3]),
    timed=st.booleans(),
)
def test_a_good_file_with_faults_gives_a_task_or_one_line(tmp_path, changes, cuts, target, ahead, timed):
    lines = [line.split(",") for line in GOOD.splitlines()]
    for row, column, value in changes:
        lines[row][HEADER.index(column)] = value
    text = "\n".join(",".join(line) for line in lines)
    first, last = cuts
    path = tmp_path / "x.csv"
    path.write_text(text[: len(text) - last] if first < 5 else text, encoding="utf-8", newline="")
    attempt(path, Options(target, time="time" if timed else None, horizon=ahead))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 5000), junk=st.binary(max_size=20), drop=st.integers(0, 60))
def test_damaged_parquet_gives_a_task_or_one_line(tmp_path, at, junk, drop):
    whole = parquet()
    at = min(at, len(whole))
    path = tmp_path / "x.parquet"
    path.write_bytes(whole[:at] + junk + whole[at + drop :])
    attempt(path, Options("on", time="time"))


def attempt(path, options):
    """A task whose numbers are all finite, or one line."""
    try:
        task = load([str(path)], options).task
    except ValueError as error:
        message = str(error)
        assert message.strip()
        assert "\n" not in message
        assert len(message) < 1000
        return
    for windows in (task.train, task.valid, task.test):
        assert len(windows) > 0
        assert bool(windows.inputs.isfinite().all())
    assert all(map(math.isfinite, (*task.mean, *task.std)))
