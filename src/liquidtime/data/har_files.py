"""Reading the smartphone-activity files: the 561 published features, or the signals that they are made of."""

import hashlib
import io
import zipfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liquidtime.data.local import data_folder, read_file, require
from liquidtime.data.text import decode

CHECKSUM: dict[str, str | None] = {
    "X_train.txt": None,
    "X_test.txt": None,
    "y_train.txt": "415b3357e2e2d5e70a45c781947c6bdd80e0410a579d862eedcd6bbce3c694ef",
    "y_test.txt": "2a94cb53ca46b956c1b2aebd4a09a72badd8a8e9ea9cdfe9f31b3306a08666bb",
    "subject_train.txt": "66e1e2fbe9b396fa5155f531dc3348c803f503be663e2318772d49947db9153a",
    "subject_test.txt": "63b8c577f4a85431c06bd87f6384608c90a9f72f05c7956dd21255dc63515c07",
    "features.txt": "b384889885b1c8680ecf250e0e605b4c79536cdf09ce9f2fa7225a3c6773b5c7",
}
"""Of the published files. Nobody published the sums of the two tables."""
SIGNALS = {
    "inertial_train.npz": "872a47c49b2d6a58835da062da1f74b69db8fad21327b1c31699841036954258",
    "inertial_test.npz": "e8d337a35391a687e63c5d30c6d55089b296188e399e59cb4b3b4a59619ebe46",
}
"""The inertial signals of the same windows, (N, 9, 128), with labels and people."""
PUBLISHED = 561
CHANNELS = (
    *(f"body_{kind}_{axis}" for kind in ("acc", "gyro") for axis in "xyz"),
    *(f"total_acc_{axis}" for axis in "xyz"),
)
"""g, rad/s, g."""
STATISTICS = ("mean", "deviation", "smallest", "largest", "change")
"""Of a channel within a window; the change is the mean absolute difference of neighbouring samples."""


@dataclass(frozen=True, eq=False)
class Part:
    """The training or the test file.

    Args:
        inputs: features of each window (N, I), float64.
        labels: 0 walking, 1 upstairs, 2 downstairs, 3 sitting, 4 standing, 5 laying (N,), int64.
        subject: who wore the phone (N,), int64.
    """

    inputs: NDArray[np.float64]
    labels: NDArray[np.int64]
    subject: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Activity:
    """Both files, and what they were read from.

    Args:
        train: the training file.
        test: the test file.
        features: names of the inputs.
        checksum: SHA-256 of each file.
        variant: empty for the published features, else what stands in for them.
    """

    train: Part
    test: Part
    features: tuple[str, ...]
    checksum: dict[str, str]
    variant: str


def read() -> Activity:
    """The 561 published features where `X_train.txt` and `X_test.txt` are, else statistics of the signals.

    Raises:
        ValueError: both are missing, or files are damaged or not the published ones.
    """
    folder = data_folder() / "har"
    tables = all((folder / name).is_file() for name in ("X_train.txt", "X_test.txt"))
    return _published() if tables or not all((folder / name).is_file() for name in SIGNALS) else _signals()


def _published() -> Activity:
    require("har", CHECKSUM)
    contents = {file: read_file("har", file, published) for file, published in CHECKSUM.items()}
    names = features(decode(contents["features.txt"], "features.txt"), "features.txt")
    train, test = (
        Part(
            table(contents[f"X_{part}.txt"], f"X_{part}.txt", PUBLISHED),
            whole(contents[f"y_{part}.txt"], f"y_{part}.txt", 6) - 1,
            whole(contents[f"subject_{part}.txt"], f"subject_{part}.txt", 30),
        )
        for part in ("train", "test")
    )
    for name, part in (("train", train), ("test", test)):
        if not len(part.inputs) == len(part.labels) == len(part.subject):
            raise ValueError(
                f"X_{name}.txt has {len(part.inputs):,} rows, y_{name}.txt {len(part.labels):,} and subject_{name}.txt "
                f"{len(part.subject):,}: get them anew"
            )
    sums = {file: hashlib.sha256(content).hexdigest() for file, content in contents.items()}
    return Activity(train, test, names, sums, "")


def _signals() -> Activity:
    train, test = (signals(read_file("har", file, published), file) for file, published in SIGNALS.items())
    names = tuple(f"{channel} {statistic}" for channel in CHANNELS for statistic in STATISTICS)
    variant = f"{len(names)} statistics of the inertial signals in place of the {PUBLISHED} published features"
    return Activity(train, test, names, dict(SIGNALS), variant)


def signals(content: bytes, name: str) -> Part:
    """Statistics of each window's nine channels, from the bytes of an `.npz`. Nothing in it can run code.

    Raises:
        ValueError: it is no such file.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as packed:
            x, y, subject = packed["X"], packed["y"], packed["subject"]
    except (ValueError, EOFError, OSError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"{name}: not a NumPy archive of X, y and subject ({error})") from error
    if x.ndim != 3 or x.shape[1] != len(CHANNELS) or y.shape != (len(x),) or subject.shape != (len(x),):
        raise ValueError(
            f"{name}: found X {x.shape}, y {y.shape} and subject {subject.shape}, expected (N, {len(CHANNELS)}, 128) "
            "and (N,) twice"
        )
    x = x.astype(np.float64)
    change = np.abs(np.diff(x, axis=2)).mean(2)
    found = np.stack([x.mean(2), x.std(2), x.min(2), x.max(2), change], 2)
    return Part(found.reshape(len(x), -1), y.astype(np.int64) - 1, subject.astype(np.int64))


def table(content: bytes, name: str, columns: int) -> NDArray[np.float64]:
    """Rows of numbers apart by spaces (N, columns).

    Raises:
        ValueError: a row has another length, or a number is none or not finite; the message names file and row.
    """
    rows = []
    for number, line in enumerate(decode(content, name).splitlines(), 1):
        try:
            row = np.array(line.split(), np.float64)
        except ValueError as error:
            raise ValueError(f"{name}, row {number}: {error}") from error
        if len(row) != columns:
            raise ValueError(f"{name}, row {number}: {len(row)} numbers, expected {columns}")
        if not np.isfinite(row).all():
            column = int(np.flatnonzero(~np.isfinite(row))[0]) + 1
            raise ValueError(f"{name}, row {number}, column {column}: {row[column - 1]} is not a finite number")
        rows.append(row)
    if not rows:
        raise ValueError(f"{name}: no rows")
    return np.stack(rows)


def whole(content: bytes, name: str, most: int) -> NDArray[np.int64]:
    """Whole numbers from 1 to `most`, one a row (N,).

    Raises:
        ValueError: a row holds something else; the message names file and row.
    """
    lines = decode(content, name).split()
    for number, line in enumerate(lines, 1):
        if not (line.isdecimal() and 1 <= int(line) <= most):
            raise ValueError(f"{name}, row {number}: {line!r} is no number from 1 to {most}")
    return np.array(lines, np.int64)


def features(text: str, name: str) -> tuple[str, ...]:
    """The names of the published features, each with its number, for some names occur more than once.

    Raises:
        ValueError: there are not 561.
    """
    names = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(names) != PUBLISHED:
        raise ValueError(f"{name}: {len(names)} names, expected {PUBLISHED}")
    return names
