from datetime import date

import numpy as np
import pytest
import torch

import samples
from liquidtime.data import load, ozone
from liquidtime.data.local import data_folder
from liquidtime.data.ozone import FEATURES, parse

ROW = ",".join(["1/2/1998", *(f"{0.1 * k:.1f}" for k in range(72)), "0."]) + "\n"


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield samples.provide(patch, tmp_path_factory.mktemp("d"), "ozone", samples.ozone, ozone.CHECKSUM)


@pytest.fixture(scope="module")
def rows(real):
    lines = (data_folder() / "ozone" / "eighthr.data").read_text().split()
    return [line.split(",") for line in lines]


@pytest.fixture(scope="module")
def paper(real):
    return load("ozone")


@pytest.fixture(scope="module")
def clean(real):
    return load("ozone", "clean")


def test_the_published_counts(real, paper, rows):
    assert [len(paper.valid), len(paper.test), len(paper.train)] == [3, 4, 25]
    assert paper.train.x.shape == (25, 626, 72)
    assert (paper.metric, paper.class_weights) == ("f1", (0.1, 1.6))
    assert len(paper.features) == len(set(paper.features)) == 72
    if real:
        values = np.array([row[1:-1] for row in rows])
        assert (len(rows), (values == "?").any(1).sum(), (values == "?").sum()) == (2534, 687, 14937)
        assert int(paper.recordings[0].y.sum()) == 160
        np.testing.assert_allclose((paper.mean[0], paper.std[0]), (284.39, 1383.26), atol=0.005)


def test_sequences_are_every_fourth_day_from_each_of_the_first_32(paper, rows):
    table = np.array([[0 if cell == "?" else float(cell) for cell in row[1:-1]] for row in rows])
    scaled = (table - table.mean()) / table.std()
    windows = np.stack([scaled[start : start + 32] for start in range(0, len(table) - 32, 4)], 1)
    turned = np.stack(windows, 1)  # the axes that the released script swaps
    order = np.random.RandomState(23489).permutation(turned.shape[1])
    assert order[:3].tolist() == [7, 12, 9]
    assert order[3:7].tolist() == [22, 23, 8, 21]
    for part, index in ((paper.valid, order[:3]), (paper.test, order[3:7]), (paper.train, order[7:])):
        np.testing.assert_allclose(part.x.numpy(), turned[:, index].swapaxes(0, 1), rtol=1e-4, atol=1e-6)
        expected = [[float(rows[k + 4 * t][-1]) for t in range(626)] for k in index]
        assert part.y.tolist() == expected


def test_clean_parts_are_years(clean, rows):
    years = np.array([int(row[0].split("/")[2]) for row in rows])
    assert len(clean.train.inputs) == (years <= 2002).sum()
    assert len(clean.valid.inputs) == (years == 2003).sum()
    (recording,) = clean.recordings
    assert len(recording) == (years == 2004).sum()
    assert recording.time[0].astype("datetime64[D]") >= np.datetime64("2004-01-01")
    assert clean.test.y.flatten().tolist() == recording.y[: clean.test.y.numel()].tolist()
    assert not clean.seen


def test_clean_scaling_knows_the_training_years_only(clean):
    torch.testing.assert_close(clean.train.inputs.mean(0), torch.zeros(72), atol=1e-4, rtol=0)
    torch.testing.assert_close(clean.train.inputs.std(0, correction=0), torch.ones(72), atol=1e-3, rtol=0)
    assert clean.test.inputs.mean(0).abs().max() > 0.01


def test_values_are_those_of_the_text():
    days = parse(ROW + ROW.replace(",0.3,", ",?,").replace("0.\n", "1.\n"), "o.data")
    np.testing.assert_allclose(days.inputs[0], np.arange(72) / 10)
    assert np.isnan(days.inputs[1, 3])
    assert days.labels.tolist() == [0, 1]
    assert days.time[0].astype("datetime64[D]").item() == date(1998, 1, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "o.data: no rows"),
        (ROW + ROW.replace(",0.\n", "\n"), "o.data, row 2: 73 fields, expected 74"),
        (ROW.replace("1/2/1998", "1998-01-02"), "o.data, row 1, column date: '1998-01-02' is not a date like"),
        (ROW.replace(",0.3,", ",hot,"), "o.data, row 1, column WSR3: 'hot' is not a number"),
        (ROW.replace(",7.1,", ",nan,"), "o.data, row 1, column Precp: 'nan' is not a finite number"),
        (ROW.replace(",0.\n", ",2.\n"), "o.data, row 1, column class: '2.' is neither 0 nor 1"),
    ],
    ids=["empty", "short", "date", "word", "nan", "class"],
)
def test_a_malformed_text_is_refused_with_its_place(text, message):
    with pytest.raises(ValueError, match=r"o\.data") as caught:
        parse(text, "o.data")
    assert message in str(caught.value)
    assert FEATURES[71] == "Precp"
