"""Reading the room-occupancy files in their original text format."""

import csv
import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np
from numpy.typing import NDArray

from liquidtime.data.text import finite

FEATURES = ("Temperature", "Humidity", "Light", "CO2", "HumidityRatio")
HEADER = ["date", *FEATURES, "Occupancy"]
CHECKSUM = {
    "datatraining.txt": "b2c4d0ce2b9e4e453c476f7125ef31aeec2d1f5c7f5572d0e80de3df6521ab56",
    "datatest.txt": "1b92c7c1b2838963464fa891a610cf3c5db4becb7189189b29b330107a584c7f",
    "datatest2.txt": "d026d1bd5aeccd4aff4f3b3710d48e40613bd5fc370db7e61bbdcaa50d985095",
}


@dataclass(frozen=True, eq=False)
class Table:
    """One file.

    Args:
        time: moments (R,), datetime64[s].
        inputs: the five sensors (R, 5) in their own units, float64.
        labels: 0 free, 1 occupied (R,), int64.
    """

    time: NDArray[np.datetime64]
    inputs: NDArray[np.float64]
    labels: NDArray[np.int64]


def read(name: str, folder: Traversable | None = None) -> Table:
    """One of the three files, unpacked, checked and parsed.

    Args:
        name: `datatraining.txt`, `datatest.txt` or `datatest2.txt`.
        folder: where `name.gz` lies; inside the package if None.

    Raises:
        ValueError: the file is missing, damaged, or not the published one.
    """
    folder = files("liquidtime.data") / "files" / "occupancy" if folder is None else folder
    reinstall = "reinstall liquidtime"
    try:
        content = gzip.decompress((folder / f"{name}.gz").read_bytes())
    except FileNotFoundError as error:
        raise ValueError(f"{name}.gz is missing from {folder}: {reinstall}") from error
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{name}.gz in {folder} cannot be unpacked ({error}): {reinstall}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != CHECKSUM[name]:
        raise ValueError(f"{name} has SHA-256 {found} but the published file has {CHECKSUM[name]}: {reinstall}")
    return parse(content.decode(), name)


def parse(text: str, name: str) -> Table:
    """A file's text: a header of 7 names, then rows of 8 fields, the first a running number.

    Raises:
        ValueError: the text is malformed; the message names file, row and column. Row 1 follows the header.
    """
    try:
        header, *rows = csv.reader(io.StringIO(text, newline=""))
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{name}: not a comma-separated table ({error})") from error
    if header != HEADER:
        raise ValueError(f"{name}, header: found {','.join(header)!r}, expected {','.join(HEADER)!r}")
    time, inputs, labels = [], [], []
    for number, fields in enumerate(rows, 1):
        place = f"{name}, row {number}"
        if len(fields) != len(HEADER) + 1:
            raise ValueError(
                f"{place}: {len(fields)} fields, expected {len(HEADER) + 1} (a row number, then the header's)"
            )
        time.append(_moment(fields[1], place))
        inputs.append([finite(field, place, column) for field, column in zip(fields[2:-1], FEATURES, strict=True)])
        if fields[-1] not in ("0", "1"):
            raise ValueError(f"{place}, column Occupancy: {fields[-1]!r} is neither 0 nor 1")
        labels.append(int(fields[-1]))
    if not time:
        raise ValueError(f"{name}: no rows after the header")
    return Table(np.array(time, "datetime64[s]"), np.array(inputs, np.float64), np.array(labels, np.int64))


def _moment(field: str, place: str) -> datetime:
    try:
        return datetime.strptime(field, "%Y-%m-%d %H:%M:%S")
    except ValueError as error:
        raise ValueError(f"{place}, column date: {field!r} is not a date like 2015-02-04 17:51:00") from error
