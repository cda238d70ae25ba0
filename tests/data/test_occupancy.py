import gzip
from datetime import date
from importlib.resources import files

import numpy as np
import pytest
import torch

from liquidtime.data import TASKS, occupancy

DAY = "2015-02-06"


def columns(name):
    """Inputs, labels and days of a file, read by other means than the package's."""
    with gzip.open(str(files("liquidtime.data") / "files" / "occupancy" / f"{name}.gz"), "rt") as text:
        lines = [line.strip().replace('"', "").split(",") for line in text][1:]
    values = np.array([[float(field) for field in line[2:]] for line in lines])
    return values[:, :5], values[:, 5].astype(int), np.array([line[1][:10] for line in lines])


@pytest.fixture(scope="module")
def paper():
    return TASKS["occupancy", "paper"]()


@pytest.fixture(scope="module")
def held_out():
    return occupancy.by_day(DAY)


def test_the_published_counts(paper):
    assert paper.train.x.shape == (7315, 16, 5)
    assert paper.valid.x.shape == (812, 16, 5)
    assert paper.test.x.shape == (1549, 16, 5)
    assert paper.features == ("Temperature", "Humidity", "Light", "CO2", "HumidityRatio")
    assert paper.classes == ("free", "occupied")
    assert len(paper.checksum) == 3


def test_the_published_order_and_scaling(paper):
    inputs, labels, _ = columns("datatraining.txt")
    mean, std = inputs.mean(0), inputs.std(0)
    np.testing.assert_allclose(paper.mean, mean)
    np.testing.assert_allclose(paper.std, std)
    scaled = torch.tensor((inputs - mean) / std, dtype=torch.float32)
    order = np.random.RandomState(893429).permutation(8127)
    for part, offset, index in ((paper.valid, 0, (0, 1, 400, 811)), (paper.train, 812, (0, 1, 3000, 7314))):
        for i in index:
            start = order[offset + i]
            torch.testing.assert_close(part.x[i], scaled[start : start + 16])
            assert part.y[i].tolist() == labels[start : start + 16].tolist()


def test_the_test_files_are_cut_separately_and_scaled_by_the_training_file(paper):
    first, second = (columns(name) for name in ("datatest.txt", "datatest2.txt"))
    for i, (inputs, labels, _), start in ((0, first, 0), (331, first, 2648), (332, second, 0), (1548, second, 9728)):
        scaled = torch.tensor((inputs[start : start + 16] - paper.mean) / paper.std, dtype=torch.float32)
        torch.testing.assert_close(paper.test.x[i], scaled)
        assert paper.test.y[i].tolist() == labels[start : start + 16].tolist()


def test_the_recordings_are_the_test_files_whole_and_in_time_order(paper):
    assert [(r.name, len(r)) for r in paper.recordings] == [("datatest.txt", 2665), ("datatest2.txt", 9752)]
    time = np.concatenate([recording.time for recording in paper.recordings])
    assert (np.diff(time).astype(int) > 0).all()
    for recording in paper.recordings:
        assert len(recording.time) == len(recording.raw) == len(recording.y) == len(recording)
        scaled = torch.tensor((recording.raw - paper.mean) / paper.std, dtype=torch.float32)
        torch.testing.assert_close(recording.x, scaled)


def test_by_day_keeps_the_day_out_of_training_and_scaling(held_out):
    inputs, labels, days = columns("datatraining.txt")
    rest = days != DAY
    mean, std = inputs[rest].mean(0), inputs[rest].std(0)
    np.testing.assert_allclose(held_out.mean, mean)
    np.testing.assert_allclose(held_out.std, std)
    scaled = torch.tensor((inputs - mean) / std, dtype=torch.float32)
    starts = [s for s in range(len(days)) if rest[s : s + 17].sum() == 17]
    assert len(held_out.train) == len(starts)
    assert not any(DAY in days[s : s + 16] for s in starts)
    torch.testing.assert_close(held_out.train.x, torch.stack([scaled[s : s + 16] for s in starts]))
    assert torch.equal(held_out.train.y, torch.stack([torch.tensor(labels[s : s + 16]) for s in starts]))


def test_by_day_validates_on_the_day_alone_and_tests_nothing(held_out):
    inputs, labels, days = columns("datatraining.txt")
    rows = np.flatnonzero(days == DAY)
    starts = range(rows[0], rows[-1] + 1 - 16, 8)
    assert len(held_out.valid) == len(starts) == 178
    assert held_out.valid.y[-1].tolist() == labels[starts[-1] : starts[-1] + 16].tolist()
    assert held_out.test.x.shape == (0, 16, 5)
    assert list(held_out.checksum) == ["datatraining.txt"]
    (recording,) = held_out.recordings
    np.testing.assert_array_equal(recording.raw, inputs[rows])
    assert held_out.name != "occupancy"


def test_by_day_cuts_the_day_as_views(held_out):
    assert held_out.valid.x.untyped_storage().data_ptr() == held_out.recordings[0].x.untyped_storage().data_ptr()


def test_by_day_reads_no_test_file(monkeypatch):
    read = occupancy.read
    seen = []
    monkeypatch.setattr(occupancy, "read", lambda name: seen.append(name) or read(name))
    occupancy.by_day(date(2015, 2, 4))
    assert seen == ["datatraining.txt"]


@pytest.mark.parametrize(("day", "windows"), [("2015-02-04", 45), ("2015-02-10", 70)])
def test_the_first_and_the_last_day_can_be_held_out(day, windows):
    task = occupancy.by_day(day)
    assert len(task.valid) == windows
    rows = 8143 - len(task.recordings[0])
    assert len(task.train) == rows - 16


@pytest.mark.parametrize("day", ["2015-02-11", "today", "", "2015-02-06T10"])
def test_a_day_that_is_not_there_is_refused(day):
    with pytest.raises(ValueError, match=rf"day='{day}': pass one of 2015-02-04, .*, 2015-02-10"):
        occupancy.by_day(day)


def test_clean_holds_a_day_out_and_tests_on_the_other_files():
    clean, held = TASKS["occupancy", "clean"](), occupancy.by_day("2015-02-09")
    assert (clean.name, clean.protocol_name) == ("occupancy", "clean")
    assert torch.equal(clean.train.x, held.train.x)
    assert clean.mean == held.mean
    rows = len(held.recordings[0])
    assert len(clean.valid) == rows // 16
    assert clean.valid.y.flatten().tolist() == held.recordings[0].y[: rows // 16 * 16].tolist()
    assert [one.name for one in clean.recordings] == ["datatest.txt", "datatest2.txt"]
    inputs = columns("datatest2.txt")[0]
    last = torch.tensor((inputs - clean.mean) / clean.std, dtype=torch.float32)
    torch.testing.assert_close(clean.test.x[-1], last[len(last) // 16 * 16 - 16 : len(last) // 16 * 16])
    assert len(clean.test) == 2665 // 16 + 9752 // 16
    assert len(clean.checksum) == 3
