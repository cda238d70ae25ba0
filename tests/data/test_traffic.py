import csv
import gzip
import io

import numpy as np
import pytest

import samples
from liquidtime.data import load, traffic
from liquidtime.data.local import data_folder
from liquidtime.data.traffic import mended, parse, read

HEADER = "holiday,temp,rain_1h,snow_1h,clouds_all,weather_main,weather_description,date_time,traffic_volume\n"
ROW = "None,288.28,0.5,0.1,40,Clouds,scattered clouds,2012-10-02 09:00:00,5545\n"


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    folder = tmp_path_factory.mktemp("d")
    with pytest.MonkeyPatch.context() as patch:
        yield samples.provide(patch, folder, "traffic", samples.traffic, traffic.CHECKSUM, digest=samples.packed)


@pytest.fixture(scope="module")
def rows(real):
    text = gzip.decompress((data_folder() / "traffic" / traffic.FILE).read_bytes()).decode()
    return list(csv.reader(io.StringIO(text)))[1:]


@pytest.fixture(scope="module")
def paper(real):
    return load("traffic")


@pytest.fixture(scope="module")
def clean(real):
    return load("traffic", "clean")


def test_the_published_counts(real, paper, rows):
    count = len(range(0, len(rows) - 32, 4))
    sizes = [int(0.1 * count), int(0.15 * count), count - int(0.1 * count) - int(0.15 * count)]
    assert [len(paper.valid), len(paper.test), len(paper.train)] == sizes
    assert paper.train.x.shape[1:] == (32, 7)
    if real:
        assert len(rows) == 48_204
        assert sizes == [1204, 1806, 9033]
        assert round(paper.target_mean[0], 1) == 3259.8


def test_windows_order_and_scaling_are_those_of_the_released_script(paper, rows):
    temperature = np.array([float(row[1]) for row in rows])
    volume = np.array([float(row[8]) for row in rows])
    order = np.random.RandomState(23489).permutation(len(range(0, len(rows) - 32, 4)))
    start = 4 * order[len(paper.valid) + 2]
    window = slice(start, start + 32)
    np.testing.assert_allclose(paper.test.x[2, :, 1], (temperature - temperature.mean())[window], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(paper.test.y[2, :, 0], ((volume - volume.mean()) / volume.std())[window], rtol=1e-5)
    hours = np.array([int(row[7][11:13]) for row in rows])[window]
    np.testing.assert_allclose(paper.test.x[2, :, 6], np.sin(np.pi * hours / 24), atol=1e-6)
    assert paper.train.inputs[:, 0].abs().max() == 0
    assert paper.seen


def test_clean_parts_are_years_without_repeated_hours(clean, rows):
    times = np.array([row[7].replace(" ", "T") for row in rows], "datetime64[s]")
    once = times[np.concatenate([[True], np.diff(times).astype(int) != 0])]
    years = once.astype("datetime64[Y]").astype(int) + 1970
    assert len(clean.train.inputs) == (years < 2017).sum()
    assert len(clean.valid.inputs) == (years == 2017).sum()
    (recording,) = clean.recordings
    np.testing.assert_array_equal(recording.time, once[years == 2018])
    np.testing.assert_allclose(clean.train.labels.mean(), 0, atol=1e-4)
    assert not clean.seen


def test_what_cannot_be_is_mended(real):
    told, whole = read(), mended(read())
    assert whole.inputs[:, 1].min() > 200
    assert told.inputs[:, 1].min() == 0
    assert told.inputs[:, 2].max() > 9000
    assert whole.inputs[:, 2].max() < 100
    days = whole.time.astype("datetime64[D]")
    holidays = np.unique(days[whole.inputs[:, 0] == 1])
    assert len(holidays) > 0
    for day in holidays:
        assert whole.inputs[days == day, 0].min() == 1
    if real:
        assert (told.inputs[:, 1] == 0).sum() == 10
        assert len(told) - len(whole) == 7629


def test_values_are_those_of_the_text():
    rows = parse(HEADER + ROW + ROW.replace("None", "Columbus Day").replace("09:00", "23:00"), "t.csv")
    np.testing.assert_allclose(rows.inputs[0], [0, 288.28, 0.5, 0.1, 40, 1, np.sin(9 * np.pi / 24)])
    assert rows.inputs[1, 0] == 1
    assert rows.labels.tolist() == [[5545.0], [5545.0]]
    assert str(rows.time[1]) == "2012-10-02T23:00:00"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER, "t.csv: no rows after the header"),
        (HEADER.replace("temp", "warmth") + ROW, "t.csv, header: found 'holiday,warmth,"),
        (HEADER + ROW.replace("Clouds,", ""), "t.csv, row 1: 8 fields, expected 9"),
        (HEADER + ROW.replace("288.28", "warm"), "t.csv, row 1, column temp: 'warm' is not a number"),
        (HEADER + ROW.replace("5545", "inf"), "t.csv, row 1, column traffic_volume: 'inf' is not a finite"),
        (HEADER + ROW.replace("10-02", "13-02"), "t.csv, row 1, column date_time: '2012-13-02 09:00:00' is not a date"),
    ],
    ids=["no rows", "header", "short", "word", "infinite", "date"],
)
def test_a_malformed_text_is_refused_with_its_place(text, message):
    with pytest.raises(ValueError, match=r"t\.csv") as caught:
        parse(text, "t.csv")
    assert message in str(caught.value)
