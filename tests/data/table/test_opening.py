"""The same table, however it is written: separators, quotes, Parquet, dates."""

import gzip

import numpy as np
import polars as pl
import pytest

from own_files import HEADER, rows_of, same, sensors, understood, write


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (lambda text: text.replace(",", ";").encode(), "a.csv"),
        (lambda text: text.replace(",", "\t").encode(), "a.txt"),
        (lambda text: text.replace("\n", "\r\n").encode(), "a.csv"),
        (lambda text: b"\xef\xbb\xbf" + text.encode(), "a.csv"),
        (lambda text: gzip.compress(text.encode()), "a.csv.gz"),
        (lambda text: (text + "\n\n\r\n").encode(), "a.csv"),
        (lambda text: text.rstrip("\n").encode(), "a.csv"),
        (lambda text: text.replace(",", " , ").encode(), "a.csv"),
        (
            lambda text: "\n".join(",".join(f'"{f}"' for f in one.split(",")) for one in text.splitlines()).encode(),
            "a.csv",
        ),
    ],
    ids=["semicolons", "tabs", "CRLF", "BOM", "gzip", "empty lines at the end", "no end", "blanks", "quotes"],
)
def test_the_way_a_file_is_written_does_not_matter(tmp_path, written, name):
    plain = tmp_path / "plain.csv"
    sensors(tmp_path, "plain.csv")
    (tmp_path / name).write_bytes(written(plain.read_text()))
    same(understood(tmp_path / name).task, understood(plain).task)


def test_quotes_may_hold_what_separates_and_quotes_twice(tmp_path):
    names = ['say ""hi""', "one,two", "a\nb"]
    rows = [[*row[:3], f'"{names["abc".index(row[3])]}"', row[4]] for row in rows_of()]
    task = understood(write(tmp_path, "a.csv", HEADER, rows)).task
    assert task.features[2:] == ("sort=a\nb", "sort=one,two", 'sort=say "hi"')
    assert [len(part.inputs) for part in (task.train, task.valid, task.test)] == [84, 18, 18]


def test_parquet_is_the_same_as_text(tmp_path):
    path = sensors(tmp_path)
    frame = pl.read_csv(path)
    frame.write_parquet(tmp_path / "a.parquet")
    same(understood(tmp_path / "a.parquet").task, understood(path).task)
    dated = frame.with_columns(
        pl.from_epoch("time"), pl.col("on").cast(pl.Boolean), pl.col("sort").cast(pl.Categorical)
    )
    dated.write_parquet(tmp_path / "b.parquet")
    task = understood(tmp_path / "b.parquet").task
    assert task.classes == ("false", "true")
    same(task, understood(path).task)


@pytest.mark.parametrize("dtype", [pl.Date, pl.Datetime("ms", "Europe/Berlin"), pl.Datetime("ns")], ids=str)
def test_dates_of_parquet_are_taken_as_they_are(tmp_path, dtype):
    days = pl.Series([86400 * (17000 + n + n // 9) for n in range(120)])
    rows = pl.DataFrame(rows_of(), schema=HEADER, orient="row", strict=False)
    frame = rows.with_columns(time=pl.from_epoch(days).dt.replace_time_zone("UTC").cast(pl.Datetime("us", "UTC")))
    zoned = frame.with_columns(
        pl.col("time").dt.convert_time_zone(getattr(dtype, "time_zone", None) or "UTC").cast(dtype)
    )
    zoned.write_parquet(tmp_path / "a.parquet")
    task = understood(tmp_path / "a.parquet").task
    same(task, understood(write(tmp_path, "b.csv", HEADER, rows.with_columns(time=days).rows())).task)
    assert task.recordings[0].time[0] == np.datetime64(days[102], "s")


@pytest.mark.parametrize(
    ("form", "given"),
    [
        ("%Y-%m-%d %H:%M:%S", None),
        ("%Y-%m-%dT%H:%M:%S", None),
        ("%Y-%m-%dT%H:%M:%SZ", None),
        ("%Y-%m-%dT%H:%M:%S.250", None),
        ("%Y-%m-%d %H:%M:%S+02:00", None),
        ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M:%S"),
        ("%m/%d/%y, %I:%M:%S %p", "%m/%d/%y, %I:%M:%S %p"),
    ],
    ids=["blank", "T", "Z", "fraction", "zone", "German", "American"],
)
def test_dates_are_read_as_people_write_them(tmp_path, form, given):
    rows = rows_of()
    dates = pl.from_epoch(pl.Series([row[0] for row in rows])).dt.strftime(form).to_list()
    path = write(tmp_path, "a.csv", HEADER, [[date, *row[1:]] for date, row in zip(dates, rows, strict=True)], ";")
    task = understood(path, time_format=given).task
    same(task, understood(sensors(tmp_path)).task)
    shift = {"fraction": 250_000, "zone": -7_200_000_000}.get(
        {".250": "fraction", "2:00": "zone"}.get(form[-4:], ""), 0
    )
    first = task.recordings[0].time[0]
    assert first == np.datetime64(int(rows[102][0]), "s") + np.timedelta64(shift, "us")


def test_a_fraction_of_a_second_may_come_late(tmp_path):
    rows = rows_of()
    dates = [str(np.datetime64(int(row[0]), "s")) for row in rows]
    dates[50] += ".5"
    path = write(tmp_path, "a.csv", HEADER, [[date, *row[1:]] for date, row in zip(dates, rows, strict=True)])
    task = understood(path).task
    assert task.train.elapsed[50] == pytest.approx((rows[50][0] + 0.5 - rows[49][0]) / task.table["schema"]["span"])
