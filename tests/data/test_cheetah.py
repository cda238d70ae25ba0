import io

import numpy as np
import pytest
import torch

import samples
from liquidtime.data import cheetah, load
from liquidtime.data.cheetah import parse
from liquidtime.data.local import data_folder


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield samples.provide(patch, tmp_path_factory.mktemp("d"), "cheetah", samples.cheetah, cheetah.CHECKSUM)


@pytest.fixture(scope="module")
def paper(real):
    return load("cheetah")


def trace(number):
    return np.load(data_folder() / "cheetah" / f"trace_{number:04d}.npy")


def test_the_published_counts(real, paper):
    assert [len(paper.valid), len(paper.test), len(paper.train)] == [485, 970, 970]
    assert paper.train.x.shape == paper.train.y.shape == (970, 32, 17)
    assert paper.classes == ()
    assert len(paper.targets) == len(paper.features) == 17
    assert paper.metric == "squared_error"
    assert len(paper.checksum) == 30
    if real:
        values = np.stack([trace(number) for number in range(31)])
        assert (round(values.min(), 1), round(values.max(), 1)) == (-24.9, 22.9)


def test_the_target_is_the_observation_one_step_later(paper):
    for part, first in ((paper.valid, 0), (paper.test, 5), (paper.train, 15)):
        for number in (0, 3):
            values = torch.tensor(trace(first + number), dtype=torch.float32)
            for window, start in ((0, 0), (1, 10), (96, 960)):
                batch = part[torch.tensor([97 * number + window])]
                assert torch.equal(batch.x[0], values[start : start + 32])
                assert torch.equal(batch.y[0], values[start + 1 : start + 33])


def test_nothing_is_scaled_and_the_recordings_are_those_of_the_test(paper):
    assert set(paper.mean) == {0.0}
    assert set(paper.std) == {1.0}
    assert [recording.name for recording in paper.recordings] == [f"trace_{k:04d}.npy" for k in range(5, 15)]
    values = trace(5)
    np.testing.assert_array_equal(paper.recordings[0].raw, values[:-1])
    np.testing.assert_array_equal(paper.recordings[0].y.numpy(), values[1:].astype(np.float32))
    assert not paper.seen


def saved(array):
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


WHOLE = np.ones((1000, 17))
HOLED = WHOLE.copy()
HOLED[3, 8] = np.nan


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "t.npy: not a NumPy file of numbers"),
        (b"no array", "t.npy: not a NumPy file of numbers"),
        (saved(WHOLE)[:-8], "t.npy: not a NumPy file of numbers"),
        (saved(WHOLE[1:]), "t.npy: found float64 (999, 17), expected float64 (1000, 17)"),
        (saved(WHOLE.astype(np.float32)), "t.npy: found float32 (1000, 17)"),
        (saved(HOLED), "t.npy, row 3, column forward velocity: nan is not a finite number"),
        (saved(np.array([{}], dtype=object)), "t.npy: not a NumPy file of numbers"),
    ],
    ids=["empty", "foreign", "cut off", "too short", "single", "not finite", "pickle"],
)
def test_what_is_no_such_recording_is_refused(content, message):
    with pytest.raises(ValueError, match=r"t\.npy") as caught:
        parse(content, "t.npy")
    assert message in str(caught.value)


def test_clean_is_scaled_by_the_training_recordings(real, paper):
    clean = load("cheetah", "clean")
    training = np.concatenate([trace(number)[:-1] for number in range(15, 25)])
    targets = np.concatenate([trace(number)[1:] for number in range(15, 25)])
    np.testing.assert_allclose(clean.mean, training.mean(0))
    np.testing.assert_allclose(clean.target_std, targets.std(0))
    assert [one.name for one in clean.recordings] == [one.name for one in paper.recordings]
    assert [len(clean.train), len(clean.valid), len(clean.test)] == [970, 5 * 31, 10 * 31]
    own = clean.test.y[0] * torch.tensor(clean.target_std) + torch.tensor(clean.target_mean)
    np.testing.assert_allclose(own.numpy(), trace(5)[1:33], rtol=1e-4, atol=1e-4)
    first = clean.valid.x[0] * torch.tensor(clean.std) + torch.tensor(clean.mean)
    np.testing.assert_allclose(first.numpy(), trace(25)[:32], rtol=1e-4, atol=1e-4)
    if real:
        published = (np.concatenate([trace(number)[1:] for number in range(5)]) - clean.target_mean) / clean.target_std
        assert round((published[:, 1] ** 2).mean()) == 289, "two animals fall onto their backs"
        assert (clean.valid.y.square().mean((0, 1)) < 2).all()
