"""Sequential MNIST (LeCun, Cortes & Burges): which digit is it, told after its last row?"""

import struct
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from liquidtime.data.local import read_file, require
from liquidtime.data.split import Parts
from liquidtime.data.task import Recording, Task
from liquidtime.data.windows import Windows, pick

CHECKSUM = {
    "train-images-idx3-ubyte.gz": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte.gz": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte.gz": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte.gz": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
"""Of what the gzipped files hold."""
SIDE = 28
FEATURES = tuple(f"column {column}" for column in range(SIDE))
CITATION = "Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits, 1998"
LICENCE = "CC BY-SA 3.0"
SHOWN = 6
"""How many test images are recordings."""


def paper() -> Task:
    """The protocol of the LTC paper's code (Hasani et al. 2021).

    A row of an image is a step: 28 steps of 28 pixels from 0 to 1, and only the last label counts. The last tenth of
    the training images, unshuffled, is for validation.

    Raises:
        ValueError: files are missing, damaged, or not the published ones.
    """
    require("mnist", CHECKSUM)
    parts = []
    for name in ("train", "t10k"):
        images, labels = (
            parse(read_file("mnist", file, CHECKSUM[file], unpack=True), file)
            for file in (f"{name}-images-idx3-ubyte.gz", f"{name}-labels-idx1-ubyte.gz")
        )
        parts.append(_windows(images, labels))
    training, test = parts
    kept = len(training) - len(training) // 10
    split = Parts(pick(training, torch.arange(kept)), pick(training, torch.arange(kept, len(training))), test)
    return Task(
        name="mnist",
        features=FEATURES,
        classes=tuple("0123456789"),
        train=split.train,
        valid=split.valid,
        test=split.test,
        recordings=tuple(_recording(test, number) for number in range(min(SHOWN, len(test)))),
        mean=(0.0,) * SIDE,
        std=(255.0,) * SIDE,
        checksum=dict(CHECKSUM),
        protocol="an image row is a step, the label counts at the last one; the last tenth of the training images for "
        "validation, the test images for test; pixels divided by 255",
        citation=CITATION,
        licence=LICENCE,
    )


def clean() -> Task:
    """The published split keeps images and writers apart and fits nothing, so it is the same.

    Raises:
        ValueError: files are missing, damaged, or not the published ones.
    """
    return replace(paper(), protocol_name="clean")


def parse(content: bytes, name: str) -> NDArray[np.uint8]:
    """The array in an IDX file of bytes.

    Raises:
        ValueError: it is no such file, is cut off, or holds images of another size.
    """
    dimensions = 3 if "images" in name else 1
    if content[:4] != bytes((0, 0, 8, dimensions)) or len(content) < 4 + 4 * dimensions:
        raise ValueError(f"{name}: not an IDX file of bytes in {dimensions} dimensions")
    shape = struct.unpack(f">{dimensions}I", content[4 : 4 + 4 * dimensions])
    if dimensions == 3 and shape[1:] != (SIDE, SIDE):
        raise ValueError(f"{name}: images of {shape[1]} × {shape[2]} pixels, expected {SIDE} × {SIDE}")
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions)
    if len(values) != np.prod(shape, dtype=np.int64):
        raise ValueError(f"{name}: {len(values):,} values, expected {np.prod(shape, dtype=np.int64):,}")
    if dimensions == 1 and len(values) and values.max() > 9:
        raise ValueError(f"{name}: label {values.max()} is no digit")
    return values.reshape(shape)


def _windows(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> Windows:
    if len(images) != len(labels):
        raise ValueError(f"{len(images):,} images but {len(labels):,} labels: get the files anew")
    x = torch.from_numpy(images.astype(np.float32)).flatten(0, 1).div_(255)
    y = torch.from_numpy(labels.astype(np.int64)).repeat_interleave(SIDE)
    return Windows(x, y, SIDE * torch.arange(len(images)), SIDE, last=True)


def _recording(windows: Windows, number: int) -> Recording:
    rows = slice(number * SIDE, (number + 1) * SIDE)
    x, y = windows.inputs[rows], windows.labels[rows]
    return Recording(f"image {number}, a {int(y[0])}", None, x, 255 * x.double().numpy(), y)
