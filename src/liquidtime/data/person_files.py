"""Reading the person-activity file, `ConfLongDemo_JSI.txt`, in its original format."""

import hashlib
from datetime import UTC, datetime

import numpy as np

from liquidtime.data.local import data_folder, read_file, require
from liquidtime.data.series import Series
from liquidtime.data.text import decode, finite, table

FILE = "ConfLongDemo_JSI.txt"
CHECKSUM: dict[str, str | None] = {FILE: None}
"""Of the published file; nobody published its sum."""
ROWS = 164_860
"""Of the published file."""
TAGS = ("010-000-024-033", "010-000-030-096", "020-000-033-111", "020-000-032-221")
"""Left ankle, right ankle, chest, belt."""
FEATURES = ("left ankle", "right ankle", "chest", "belt", "x", "y", "z")
"""Which tag reports, and where it is (m)."""
COLUMNS = ("sequence", "tag", "timestamp", "date", "x", "y", "z", "activity")
MERGED = {
    "lying": 0,
    "lying down": 0,
    "sitting": 1,
    "sitting down": 1,
    "standing up from lying": 2,
    "standing up from sitting": 2,
    "standing up from sitting on the ground": 2,
    "walking": 3,
    "falling": 4,
    "on all fours": 5,
    "sitting on the ground": 6,
}
"""The eleven activities of the file, merged into seven as in the LTC paper's code."""
TICKS = 10_000_000
"""Time stamps count tenths of a microsecond …"""
EPOCH = (datetime(1970, 1, 1, tzinfo=UTC) - datetime(1, 1, 1, tzinfo=UTC)).days * 86_400 * TICKS
"""… since the year 1."""


def read() -> tuple[list[Series], dict[str, str]]:
    """The sequences in the order of the file, and the SHA-256 that it was found to have.

    Raises:
        ValueError: the file is missing or malformed, or has not as many rows as the published one.
    """
    require("person", CHECKSUM)
    content = read_file("person", FILE, CHECKSUM[FILE])
    sequences = parse(decode(content, FILE), FILE)
    rows = sum(len(one.inputs) for one in sequences)
    if rows != ROWS:
        raise ValueError(
            f"{data_folder() / 'person' / FILE} has {rows:,} rows but the published file has {ROWS:,}: delete it and "
            "get it anew with `liquidtime data get person`"
        )
    return sequences, {FILE: hashlib.sha256(content).hexdigest()}


def parse(text: str, name: str) -> list[Series]:
    """A file's text: rows of a sequence, a tag, a time stamp, a date, a place and an activity.

    The elapsed time of a row is in tenths of a second, after which a tag reports again. That of a sequence's first row
    is the usual one; where a time stamp lies before the one above it, it is 0.

    Raises:
        ValueError: the text is malformed; the message names file, row and column.
    """
    names, stamps, inputs, labels = [], [], [], []
    for number, fields in enumerate(table(text, name, None, fields=len(COLUMNS)), 1):
        place = f"{name}, row {number}"
        sequence, tag, stamp, _, *position, activity = (field.strip() for field in fields)
        if tag not in TAGS:
            raise ValueError(f"{place}, column tag: {tag!r} is none of {', '.join(TAGS)}")
        if activity not in MERGED:
            raise ValueError(f"{place}, column activity: {activity!r} is none of {', '.join(MERGED)}")
        if not stamp.isdecimal() or len(stamp) > 18:
            raise ValueError(f"{place}, column timestamp: {stamp!r} is no count of tenths of a microsecond")
        names.append(sequence)
        stamps.append(int(stamp))
        here = [finite(field, place, column) for field, column in zip(position, "xyz", strict=True)]
        inputs.append([*(float(tag == other) for other in TAGS), *here])
        labels.append(MERGED[activity])
    begins = [row for row in range(len(names)) if row == 0 or names[row] != names[row - 1]]
    ticks, x, y = np.array(stamps, np.int64), np.array(inputs), np.array(labels, np.int64)
    gaps = np.maximum(np.diff(ticks, prepend=ticks[:1]), 0) / (TICKS / 10)
    inner = np.ones(len(gaps), bool)
    inner[begins] = False
    gaps[~inner] = np.median(gaps[inner]) if inner.any() else 1.0
    time = ((ticks - EPOCH) // 10).astype("datetime64[us]").astype("datetime64[ms]")
    whole = Series(name, x, y, time, gaps)
    return [
        whole.part(slice(first, last), names[first])
        for first, last in zip(begins, [*begins[1:], len(names)], strict=True)
    ]
