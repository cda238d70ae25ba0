import io
from dataclasses import astuple

import numpy as np
import pytest
import torch

import samples
from liquidtime.data import har, har_files, load
from liquidtime.data.har_files import features, signals, table, whole
from liquidtime.data.local import data_folder

COUNTS = {"train": [1226, 1073, 986, 1286, 1374, 1407], "test": [496, 471, 420, 491, 532, 537]}


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield samples.provide(patch, tmp_path_factory.mktemp("d"), "har", samples.har_signals, har_files.SIGNALS)


@pytest.fixture(scope="module")
def parts(real):
    return {part: np.load(data_folder() / "har" / f"inertial_{part}.npz") for part in ("train", "test")}


@pytest.fixture(scope="module")
def paper(real):
    return load("har")


@pytest.fixture(scope="module")
def clean(real):
    return load("har", "clean")


@pytest.fixture
def published(monkeypatch, tmp_path):
    """The published tables, shortened, beside nothing else."""
    monkeypatch.setenv("LIQUIDTIME_DATA", str(tmp_path))
    (tmp_path / "har").mkdir()
    for file, content in samples.har_features().items():
        (tmp_path / "har" / file).write_bytes(content)
        if har_files.CHECKSUM[file]:
            monkeypatch.setitem(har_files.CHECKSUM, file, samples.plain(content))
    return tmp_path / "har"


def test_the_published_counts(real, paper, parts):
    count = len(parts["train"]["y"]) - 16
    assert [len(paper.valid), len(paper.train)] == [int(0.1 * count), count - int(0.1 * count)]
    assert len(paper.test) == len(range(0, len(parts["test"]["y"]) - 16, 8))
    assert paper.train.length == 16
    assert paper.variant == "45 statistics of the inertial signals in place of the 561 published features"
    if real:
        assert [len(paper.valid), len(paper.train), len(paper.test)] == [733, 6603, 367]
        for part, counts in COUNTS.items():
            assert np.bincount(parts[part]["y"])[1:].tolist() == counts


def test_sequences_are_those_of_the_released_script(paper, parts):
    labels = parts["train"]["y"].astype(int) - 1
    order = np.random.RandomState(893429).permutation(len(labels) - 16)
    for part, first in ((paper.valid, 0), (paper.train, len(paper.valid))):
        for index in (0, 5):
            start = order[first + index]
            assert part.y[index].tolist() == labels[start : start + 16].tolist()
    assert paper.test.y[2].tolist() == (parts["test"]["y"][16:32] - 1).tolist()


def test_statistics_are_those_of_the_signals_within_one(paper, parts):
    x = parts["train"]["X"].astype(float)
    found = np.stack([x.mean(2), x.std(2), x.min(2), x.max(2), np.abs(x[:, :, 1:] - x[:, :, :-1]).mean(2)], 2).reshape(
        len(x), 45
    )
    low, high = found.min(0), found.max(0)
    np.testing.assert_allclose(paper.train.inputs.numpy(), 2 * (found - low) / (high - low) - 1, atol=1e-4)
    assert paper.features[:6] == (
        *(f"body_acc_x {what}" for what in ("mean", "deviation", "smallest", "largest", "change")),
        "body_acc_y mean",
    )


def test_clean_parts_are_people(clean, parts):
    people = np.unique(parts["train"]["subject"])
    held = np.isin(parts["train"]["subject"], people[-5:])
    assert len(clean.valid.inputs) == held.sum()
    assert len(clean.train.inputs) == (~held).sum()
    assert [one.name for one in clean.recordings] == [f"person {p}" for p in np.unique(parts["test"]["subject"])]
    sizes = [(parts["test"]["subject"] == p).sum() for p in np.unique(parts["test"]["subject"])]
    assert len(clean.test) == sum(size // 16 for size in sizes)
    torch.testing.assert_close(clean.train.inputs.mean(0), torch.zeros(45), atol=1e-4, rtol=0)


def test_the_published_features_are_taken_as_they_are_where_they_are(published):
    task = har.paper()
    assert task.variant == ""
    assert task.train.inputs.shape == (140, 561)
    rows = np.loadtxt(published / "X_train.txt")
    np.testing.assert_allclose(task.train.inputs.numpy(), rows, atol=1e-6)
    assert task.features[:2] == ("1 name 1", "2 name 2")
    assert len(set(task.features)) == 561
    assert set(task.checksum) == set(har_files.CHECKSUM)
    assert task.checksum["X_test.txt"] == samples.plain((published / "X_test.txt").read_bytes())
    assert har.clean().variant == ""


def test_missing_tables_are_named(published):
    (published / "X_test.txt").unlink()
    with pytest.raises(ValueError, match=r"har: X_test\.txt is missing from .*`liquidtime data get har`"):
        har.paper()


def test_tables_of_different_length_are_refused(published):
    path = published / "X_train.txt"
    path.write_text("".join(path.read_text().splitlines(True)[:-1]))
    with pytest.raises(ValueError, match=r"X_train\.txt has 139 rows, y_train\.txt 140 and subject_train\.txt 140"):
        har.paper()


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda: table(b"", "X.txt", 2), "X.txt: no rows"),
        (lambda: table(b" 1 2\n 3\n", "X.txt", 2), "X.txt, row 2: 1 numbers, expected 2"),
        (lambda: table(b" 1 2\n 3 x\n", "X.txt", 2), "X.txt, row 2: could not convert string to float"),
        (lambda: table(b" 1 2\n 3 nan\n", "X.txt", 2), "X.txt, row 2, column 2: nan is not a finite number"),
        (lambda: table(b"\xff\xfe", "X.txt", 2), "X.txt: no utf-8 text"),
        (lambda: whole(b"1\n7\n", "y.txt", 6), "y.txt, row 2: '7' is no number from 1 to 6"),
        (lambda: whole(b"1\nwalk\n", "y.txt", 6), "y.txt, row 2: 'walk' is no number"),
        (lambda: features("1 a\n2 b\n", "f.txt"), "f.txt: 2 names, expected 561"),
        (lambda: signals(b"no archive", "s.npz"), "s.npz: not a NumPy archive of X, y and subject"),
        (lambda: signals(packed(X=np.zeros((3, 9, 8))), "s.npz"), "s.npz: not a NumPy archive of X, y and subject"),
        (
            lambda: signals(packed(X=np.zeros((3, 8, 8)), y=np.ones(3), subject=np.ones(3)), "s.npz"),
            "found X (3, 8, 8)",
        ),
        (lambda: signals(packed(X=np.array([{}], object), y=np.ones(1), subject=np.ones(1)), "s.npz"), "not a NumPy"),
    ],
    ids=[
        "empty",
        "short",
        "word",
        "nan",
        "no text",
        "label",
        "activity",
        "names",
        "foreign",
        "lacking",
        "shape",
        "pickle",
    ],
)
def test_what_is_malformed_is_refused(read, message):
    with pytest.raises(ValueError, match=r"\.(txt|npz)") as caught:
        read()
    assert message in str(caught.value)


def packed(**arrays):
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def test_a_channel_that_never_moves_is_no_reason_to_fail():
    content = packed(X=np.ones((4, 9, 8), np.float32), y=np.ones(4), subject=np.ones(4))
    inputs, labels, _ = astuple(signals(content, "s.npz"))
    assert inputs.shape == (4, 45)
    assert labels.tolist() == [0, 0, 0, 0]
