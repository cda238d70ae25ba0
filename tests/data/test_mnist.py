import gzip
import hashlib
import struct

import numpy as np
import pytest
import torch

import samples
from liquidtime.data import load, mnist
from liquidtime.data.local import data_folder
from liquidtime.data.mnist import parse

MD5 = {
    "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
}


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    folder = tmp_path_factory.mktemp("d")
    with pytest.MonkeyPatch.context() as patch:
        yield samples.provide(patch, folder, "mnist", samples.mnist, mnist.CHECKSUM, digest=samples.packed)


@pytest.fixture(scope="module")
def paper(real):
    return load("mnist")


def unpacked(name):
    return gzip.decompress((data_folder() / "mnist" / name).read_bytes())


def test_the_published_counts(real, paper):
    sizes = [len(paper.train), len(paper.valid), len(paper.test)]
    assert sizes == ([54_000, 6_000, 10_000] if real else [36, 4, 15])
    assert paper.train.last
    assert (paper.train.length, len(paper.features), len(paper.classes)) == (28, 28, 10)
    if real:
        assert {name: hashlib.md5(unpacked(name)).hexdigest() for name in MD5} == MD5


@pytest.mark.parametrize("number", [0, 3])
def test_an_image_row_is_a_step_and_the_last_one_has_the_label(paper, number):
    held = len(paper.train) + number
    for part, file, image in (
        (paper.train, "train", number),
        (paper.valid, "train", held),
        (paper.test, "t10k", number),
    ):
        pixels = np.frombuffer(unpacked(f"{file}-images-idx3-ubyte.gz"), np.uint8, 784, 16 + 784 * image)
        batch = part[torch.tensor([number])]
        np.testing.assert_allclose(batch.x[0].numpy(), pixels.reshape(28, 28) / 255, rtol=1e-6)
        assert batch.y.tolist() == [unpacked(f"{file}-labels-idx1-ubyte.gz")[8 + image]]


def test_some_test_images_can_be_shown(paper):
    assert [len(one) for one in paper.recordings] == [28] * 6
    np.testing.assert_allclose(paper.recordings[2].raw, paper.test.x[2].numpy() * 255, rtol=1e-6)
    assert set(paper.recordings[2].y.tolist()) == {int(paper.test.y[2])}


def test_clean_is_the_published_split(paper):
    clean = load("mnist", "clean")
    assert clean.protocol_name == "clean"
    assert torch.equal(clean.valid.y, paper.valid.y)


def head(kind, *shape):
    return struct.pack(f">4B{len(shape)}I", 0, 0, 8, kind, *shape)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "x-images", "x-images: not an IDX file of bytes in 3 dimensions"),
        (head(1, 2) + bytes(2), "x-images", "x-images: not an IDX file of bytes in 3 dimensions"),
        (head(3, 2, 28, 28)[:9], "x-images", "x-images: not an IDX file"),
        (head(3, 2, 28, 28) + bytes(100), "x-images", "x-images: 100 values, expected 1,568"),
        (head(3, 2, 14, 28) + bytes(784), "x-images", "x-images: images of 14 × 28 pixels, expected 28 × 28"),
        (head(1, 3) + bytes([1, 2, 10]), "x-labels", "x-labels: label 10 is no digit"),
        (head(1, 4) + bytes(3), "x-labels", "x-labels: 3 values, expected 4"),
    ],
    ids=["empty", "labels", "cut head", "cut off", "size", "no digit", "too few"],
)
def test_what_is_no_such_file_is_refused(content, name, message):
    with pytest.raises(ValueError, match="x-") as caught:
        parse(content, name)
    assert message in str(caught.value)
