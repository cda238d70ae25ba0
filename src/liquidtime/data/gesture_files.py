"""Reading the gesture-phase files, `*_va3.csv`, in their original format."""

import numpy as np

from liquidtime.data.local import read_files
from liquidtime.data.series import Series
from liquidtime.data.text import decode, finite, table

CHECKSUM = {
    "a1_va3.csv": "df3fcdd481cf746e10e380c02f28d4554d7d67e53eda5bfd8b861dcb2037300c",
    "a2_va3.csv": "3f921cab6fc8395b26ec772874583fe4eb211e15f856b6bfb45627cf4620fa48",
    "a3_va3.csv": "0ef1ae696b179eccfdfc85cdaf6abcf83ff95209060e94185d0b9dfbbed765d3",
    "b1_va3.csv": "fc530377ccf5da9fb8d82df04806d853afe988cc3dfead00608696a4a321875b",
    "b3_va3.csv": "011a99aa42d984a9ad5f31e191fd6b9f6c4e72ae75c63e804c5e8905b896d115",
    "c1_va3.csv": "4f4fe22b7839f696ee0fa8cd50aa6ae8082224db6ddb0767c5d405aa3d98ea42",
    "c3_va3.csv": "032dd63b2a5ca1a0b21bfa3feae06cc09bb9f9cf2d4254c621f87cfff3186c42",
}
PHASES = "DPSHR"
"""Rest (*descanso*), preparation, stroke, hold, retraction, in the order of the labels."""
HEADER = [*map(str, range(1, 33)), "Phase"]
POINTS = ("left hand", "right hand", "left wrist", "right wrist")
FEATURES = (
    *(f"{point} velocity {axis}" for point in POINTS for axis in "xyz"),
    *(f"{point} acceleration {axis}" for point in POINTS for axis in "xyz"),
    *(f"{point} speed" for point in POINTS),
    *(f"{point} scalar acceleration" for point in POINTS),
)


def read() -> dict[str, Series]:
    """The seven videos by file name, checked and parsed.

    Raises:
        ValueError: files are missing, damaged, or not the published ones.
    """
    contents = read_files("gesture", CHECKSUM)
    return {file: parse(decode(content, file), file) for file, content in contents.items()}


def parse(text: str, name: str) -> Series:
    """A file's text: a header of 33 names, then rows of 32 numbers without a unit and the letter of a phase.

    Raises:
        ValueError: the text is malformed; the message names file, row and column. Row 1 follows the header.
    """
    inputs, labels = [], []
    for number, fields in enumerate(table(text, name, HEADER), 1):
        place = f"{name}, row {number}"
        inputs.append([finite(field, place, column) for field, column in zip(fields[:-1], HEADER, strict=False)])
        if len(fields[-1]) != 1 or fields[-1] not in PHASES:
            raise ValueError(f"{place}, column Phase: {fields[-1]!r} is none of {', '.join(PHASES)}")
        labels.append(PHASES.index(fields[-1]))
    return Series(name, np.array(inputs, np.float64), np.array(labels, np.int64))
