import hashlib
import io
import struct
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch

import samples
from liquidtime.data import load, walker, with_log_timespans
from liquidtime.data.local import data_folder
from liquidtime.data.walker import archive_sum, parse


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    folder = tmp_path_factory.mktemp("d")
    with pytest.MonkeyPatch.context() as patch:
        yield samples.provide(patch, folder, "walker", samples.walker, walker.CHECKSUM, digest=archive_sum)


@pytest.fixture(scope="module")
def paper(real):
    return load("walker")


@pytest.fixture(scope="module")
def clean(real):
    return load("walker", "clean")


@pytest.fixture(scope="module")
def rollouts(real):
    with zipfile.ZipFile(data_folder() / "walker" / "walker.zip") as archive:
        return {
            name.split("/")[1]: np.load(io.BytesIO(archive.read(name)))
            for name in sorted(archive.namelist())
            if name.endswith(".npy")
        }


def test_the_published_counts(real, paper, rollouts):
    assert paper.train.x.shape[1:] == paper.train.y.shape[1:] == (64, 17)
    assert len(paper.recordings) == int(0.15 * len(rollouts))
    if real:
        content = (data_folder() / "walker" / "walker.zip").read_bytes()
        assert hashlib.sha256(content).hexdigest() == walker.CHECKSUM[walker.FILE]
        assert sum(map(len, rollouts.values())) == 254_963
        assert [len(paper.train), len(paper.valid), len(paper.test)] == [9684, 1272, 1937]
        unpacked = archive({f"elsewhere/{name}": saved(rows) for name, rows in rollouts.items()})
        assert len(unpacked) > len(content)
        assert archive_sum(unpacked) == walker.CHECKSUM[walker.FILE]


def test_rows_are_dropped_and_times_counted_as_published(paper, rollouts):
    """One draw per row, in the order training, validation, test."""
    names = list(rollouts)
    np.random.RandomState(125487).shuffle(names)
    tested, held = int(0.15 * len(names)), int(0.25 * len(names))
    random = np.random.RandomState(891374)
    thinned = {}
    for name in [*names[held:], *names[tested:held], *names[:tested]]:
        kept, waited, spans = [], 0, []
        for row in range(len(rollouts[name]) - 1):
            waited += 1
            if random.rand() < 0.9:
                kept.append(row)
                spans.append(waited)
                waited = 0
        thinned[name] = np.array(kept), np.array(spans)
    assert [recording.name for recording in paper.recordings] == names[:tested]
    for recording in paper.recordings:
        kept, spans = thinned[recording.name]
        np.testing.assert_array_equal(recording.timespans.numpy(), spans)
        np.testing.assert_array_equal(recording.raw, rollouts[recording.name][kept])
        np.testing.assert_array_equal(recording.y.numpy(), rollouts[recording.name][kept + 1].astype(np.float32))
    first = names[held]
    starts = range(0, len(thinned[first][0]) - 64, 16)
    np.testing.assert_array_equal(paper.train.timespans[1].numpy(), thinned[first][1][16:80])
    assert len(paper.train) == sum(len(range(0, len(thinned[name][0]) - 64, 16)) for name in names[held:])
    assert len(starts) >= 2


def test_clean_is_scaled_by_the_training_rollouts_and_tells_the_times(clean, paper):
    torch.testing.assert_close(clean.train.inputs.mean(0), torch.zeros(17), atol=1e-4, rtol=0)
    torch.testing.assert_close(clean.train.labels.std(0, correction=0), torch.ones(17), atol=1e-3, rtol=0)
    assert torch.equal(clean.train.elapsed, paper.train.elapsed)
    assert [one.name for one in clean.recordings] == [one.name for one in paper.recordings]
    assert len(clean.test) == sum(len(one) // 64 for one in clean.recordings)


def test_log_times_are_one_more_input(clean):
    task = with_log_timespans(clean)
    assert task.features == (*clean.features, "log elapsed time")
    assert task.train.x.shape[2] == len(task.mean) == len(task.std) == 18
    for part in ("train", "valid", "test"):
        old, new = getattr(clean, part), getattr(task, part)
        torch.testing.assert_close(new.x[..., :17], old.x)
        torch.testing.assert_close(new.x[..., 17], old.timespans.log())
        assert torch.equal(new.timespans, old.timespans)
    torch.testing.assert_close(task.recordings[0].x[:, 17], clean.recordings[0].timespans.log())
    with pytest.raises(ValueError, match="has the input 'log elapsed time' already"):
        with_log_timespans(task)
    none = {part: replace(getattr(clean, part), elapsed=None) for part in ("train", "valid", "test")}
    with pytest.raises(ValueError, match="tells no elapsed times"):
        with_log_timespans(replace(clean, **none))


def archive(members, kind=zipfile.ZIP_STORED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", kind) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return content.getvalue()


def saved(array):
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


WHOLE = {"walker/rollout_000.npy": saved(np.ones((9, 17))), "walker/rollout_001.npy": saved(np.zeros((7, 17)))}


PRESSED = archive({"rollout_000.npy": bytes(range(16)) * 9}, zipfile.ZIP_DEFLATED)


def test_another_packing_of_the_same_rollouts_is_the_same(monkeypatch):
    turned = archive(dict(reversed(WHOLE.items())))
    published = hashlib.sha256(archive(WHOLE)).hexdigest()
    assert archive_sum(turned) == hashlib.sha256(turned).hexdigest() != published
    monkeypatch.setitem(walker.CHECKSUM, walker.FILE, published)
    monkeypatch.setattr(walker, "CONTENTS", hashlib.sha256(b"".join(WHOLE.values())).hexdigest())
    assert archive_sum(turned) == archive_sum(archive(WHOLE)) == published
    assert list(parse(turned, "w.zip", published)) == ["rollout_000.npy", "rollout_001.npy"]


def flipped(content, place, value):
    """An archive whose directory says something else of its first member."""
    entry = content.index(b"PK\x01\x02")
    return content[: entry + place] + struct.pack("<H", value) + content[entry + place + 2 :]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no zip", "w.zip is no whole zip archive"),
        (archive(WHOLE)[:-30], "w.zip is no whole zip archive"),
        (PRESSED[:45] + bytes(9) + PRESSED[54:], "w.zip is no whole zip archive (Error -3 while decompressing"),
        (flipped(archive(WHOLE), 10, 77), "w.zip is no whole zip archive (That compression method is not supported)"),
        (flipped(archive(WHOLE), 8, 1), "w.zip is no whole zip archive"),
        (archive({}), " and 0 rollouts, but the published archive has"),
        (archive(WHOLE | {"walker/rollout_001.npy": b""}), " and 2 rollouts, but the published archive has"),
    ],
    ids=["foreign", "cut off", "zeroed", "packed by nothing known", "encrypted", "empty", "tampered"],
)
def test_another_archive_is_refused(content, message):
    with pytest.raises(ValueError, match=r"w\.zip") as caught:
        parse(content, "w.zip", archive_sum(archive(WHOLE)))
    assert message in str(caught.value)
    assert "get it anew with `liquidtime data get walker`" in str(caught.value)


@pytest.mark.parametrize(
    "array", [np.ones((9, 16)), np.full((9, 17), np.nan), np.ones(17)], ids=["width", "nan", "flat"]
)
def test_a_rollout_of_another_kind_is_refused(array):
    content = archive({"rollout_000.npy": saved(array)})
    with pytest.raises(ValueError, match=r"w\.zip, rollout_000\.npy: found float64"):
        parse(content, "w.zip", archive_sum(content))
