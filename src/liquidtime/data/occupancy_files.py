"""Reading the room-occupancy files in their original text format."""

import gzip
import hashlib
import zlib
from datetime import datetime
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np

from liquidtime.data.series import Series
from liquidtime.data.text import finite, table

FEATURES = ("Temperature", "Humidity", "Light", "CO2", "HumidityRatio")
HEADER = ["date", *FEATURES, "Occupancy"]
CHECKSUM = {
    "datatraining.txt": "b2c4d0ce2b9e4e453c476f7125ef31aeec2d1f5c7f5572d0e80de3df6521ab56",
    "datatest.txt": "1b92c7c1b2838963464fa891a610cf3c5db4becb7189189b29b330107a584c7f",
    "datatest2.txt": "d026d1bd5aeccd4aff4f3b3710d48e40613bd5fc370db7e61bbdcaa50d985095",
}


def read(name: str, folder: Traversable | None = None) -> Series:
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


def parse(text: str, name: str) -> Series:
    """A file's text: a header of 7 names, then rows of 8 fields, the first a running number.

    Raises:
        ValueError: the text is malformed; the message names file, row and column. Row 1 follows the header.
    """
    time, inputs, labels = [], [], []
    for number, fields in enumerate(table(text, name, HEADER, fields=len(HEADER) + 1), 1):
        place = f"{name}, row {number}"
        time.append(_moment(fields[1], place))
        inputs.append([finite(field, place, column) for field, column in zip(fields[2:-1], FEATURES, strict=True)])
        if fields[-1] not in ("0", "1"):
            raise ValueError(f"{place}, column Occupancy: {fields[-1]!r} is neither 0 nor 1")
        labels.append(int(fields[-1]))
    return Series(name, np.array(inputs, np.float64), np.array(labels, np.int64), np.array(time, "datetime64[s]"))


def _moment(field: str, place: str) -> datetime:
    try:
        return datetime.strptime(field, "%Y-%m-%d %H:%M:%S")
    except ValueError as error:
        raise ValueError(f"{place}, column date: {field!r} is not a date like 2015-02-04 17:51:00") from error
