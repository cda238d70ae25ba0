import hashlib

import numpy as np
import pytest
import torch

import samples
from liquidtime.data import gesture_files, load
from liquidtime.data.gesture_files import parse
from liquidtime.data.local import data_folder

HEADER = ",".join([*map(str, range(1, 33)), "Phase"]) + "\n"
ROW = ",".join(f"{0.01 * k:.2f}" for k in range(32)) + ",S\n"
ORDER = ("a3", "b1", "b3", "c1", "c3", "a2", "a1")


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield samples.provide(patch, tmp_path_factory.mktemp("d"), "gesture", samples.gesture, gesture_files.CHECKSUM)


@pytest.fixture(scope="module")
def videos(real):
    """Inputs and phases by video, read by other means than the package's."""
    found = {}
    for video in ORDER:
        lines = (data_folder() / "gesture" / f"{video}_va3.csv").read_text().split("\n")[1:]
        fields = [line.strip().split(",") for line in lines if line.strip()]
        found[video] = np.array([row[:32] for row in fields], float), "".join(row[32] for row in fields)
    return found


@pytest.fixture(scope="module")
def paper(real):
    return load("gesture")


def test_the_published_counts(real, paper, videos):
    assert [len(paper.valid), len(paper.test), len(paper.train)] == [60, 90, 455]
    assert paper.train.x.shape == (455, 32, 32)
    assert paper.train.y.shape == (455, 32)
    assert len(paper.features) == 32
    assert paper.classes == ("rest", "preparation", "stroke", "hold", "retraction")
    assert {f"{video}_va3.csv": len(phases) for video, (_, phases) in videos.items()} == {
        recording.name: len(recording) for recording in paper.recordings
    }
    assert sum(map(len, paper.recordings)) == 9873
    if real:
        counts = torch.cat([recording.y for recording in paper.recordings]).bincount()
        shares = [round(100 * int(count) / 9873, 1) for count in counts]
        assert shares == [27.8, 21.2, 29.9, 10.1, 11.0]


def windows_by_hand(videos):
    """As the released script cuts: consecutive windows, and between any two of them one over their seam."""
    inputs, labels = [], []
    for video in ORDER:
        values, phases = videos[video]
        count = len(values) // 32
        for window in range(count):
            starts = [32 * window] + ([32 * window + 16] if window < count - 1 else [])
            inputs += [values[start : start + 32] for start in starts]
            labels += [["DPSHR".index(phase) for phase in phases[start : start + 32]] for start in starts]
    return np.array(inputs), np.array(labels)


def test_windows_order_and_scaling_are_those_of_the_released_script(paper, videos):
    inputs, labels = windows_by_hand(videos)
    assert len(inputs) == 605
    mean, std = inputs.reshape(-1, 32).mean(0), inputs.reshape(-1, 32).std(0)
    np.testing.assert_allclose(paper.mean, mean)
    np.testing.assert_allclose(paper.std, std)
    order = np.random.RandomState(23489).permutation(605)
    for part, index in ((paper.valid, order[:60]), (paper.test, order[60:150]), (paper.train, order[150:])):
        np.testing.assert_allclose(part.x.numpy(), (inputs[index] - mean) / std, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(part.y.numpy(), labels[index])


def test_recordings_are_whole_and_hold_training_rows(paper, videos):
    assert paper.seen
    for recording in paper.recordings:
        values, phases = videos[recording.name[:2]]
        np.testing.assert_array_equal(recording.raw, values)
        assert "".join("DPSHR"[label] for label in recording.y) == phases
        assert recording.time is None


def test_the_files_named_are_those_read(paper):
    assert set(paper.checksum) == {f"{video}_va3.csv" for video in ORDER}
    for name, checksum in paper.checksum.items():
        assert hashlib.sha256((data_folder() / "gesture" / name).read_bytes()).hexdigest() == checksum


def test_values_are_those_of_the_text():
    video = parse(HEADER + ROW + ROW.replace(",S\n", ",R\n"), "a1.csv")
    np.testing.assert_allclose(video.inputs, np.arange(32) / 100 + np.zeros((2, 1)))
    assert video.labels.tolist() == [2, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a1.csv, header: found ''"),
        (HEADER, "a1.csv: no rows after the header"),
        (HEADER.replace("Phase", "phase") + ROW, "a1.csv, header: found '1,2,3"),
        (HEADER + ROW + ROW.replace(",S\n", "\n"), "a1.csv, row 2: 32 fields, expected 33"),
        (HEADER + ROW.replace(",S\n", ",X\n"), "a1.csv, row 1, column Phase: 'X' is none of D, P, S, H, R"),
        (HEADER + ROW.replace(",S\n", ",\n"), "a1.csv, row 1, column Phase: '' is none of"),
        (HEADER + ROW.replace("0.03", "fast"), "a1.csv, row 1, column 4: 'fast' is not a number"),
        (HEADER + ROW.replace("0.31", "inf"), "a1.csv, row 1, column 32: 'inf' is not a finite number"),
        (HEADER + '"' + "x" * 200_000, "a1.csv: not a comma-separated table"),
    ],
    ids=["empty", "no rows", "header", "too few", "phase", "no phase", "word", "infinite", "no table"],
)
def test_a_malformed_text_is_refused_with_its_place(text, message):
    with pytest.raises(ValueError, match=r"a1\.csv") as caught:
        parse(text, "a1.csv")
    assert message in str(caught.value)


def test_clean_leaves_whole_videos_out(real, videos):
    clean = load("gesture", "clean")
    rows = {video: len(phases) for video, (_, phases) in videos.items()}
    assert len(clean.train.inputs) == sum(rows[video] for video in ("a1", "a3", "b1", "c1"))
    assert len(clean.valid) == rows["a2"] // 32
    assert [one.name for one in clean.recordings] == ["b3_va3.csv", "c3_va3.csv"]
    assert len(clean.test) == rows["b3"] // 32 + rows["c3"] // 32
    training = np.concatenate([videos[video][0] for video in ("a1", "a3", "b1", "c1")])
    np.testing.assert_allclose(clean.mean, training.mean(0))
    np.testing.assert_allclose(clean.std, training.std(0))
    assert len(clean.train) == sum(len(range(0, rows[video] - 31, 16)) for video in ("a1", "a3", "b1", "c1"))
    assert not clean.seen
