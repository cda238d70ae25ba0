"""Room occupancy from five sensors (Candanedo & Feldheim 2016): is somebody in the office, minute by minute?"""

from dataclasses import replace
from datetime import date

import numpy as np
import torch
from numpy.typing import NDArray

from liquidtime.data.occupancy_files import CHECKSUM, FEATURES, Table, read
from liquidtime.data.scaling import Scaling
from liquidtime.data.series import cut_each
from liquidtime.data.split import shuffled
from liquidtime.data.task import Recording, Task
from liquidtime.data.windows import Windows, cut, join, pick

CLASSES = ("free", "occupied")
CITATION = (
    "L. M. Candanedo and V. Feldheim, Accurate occupancy detection of an office room from light, temperature, humidity "
    "and CO2 measurements using statistical learning models, Energy and Buildings 112 (2016) 28-39, "
    "doi:10.24432/C5X01N"
)
LICENCE = "CC BY 4.0"
LENGTH = 16
TEST_STRIDE = 8
VALID_DAY = "2015-02-09"
"""The day that `clean` holds out: a Monday, with the office in use."""


def paper() -> Task:
    """The protocol of the LTC paper's code (Hasani et al. 2021).

    Windows of 16 rows. Those of the training file start at every row; a fixed permutation takes 812 of them for
    validation and 7,315 for training, so the two overlap. The 1,549 test windows start at every eighth row of the
    two test files. Inputs are standardised by the training file.

    Example:
        >>> task = paper()
        >>> len(task.train), len(task.valid), len(task.test)
        (7315, 812, 1549)
    """
    train = read("datatraining.txt")
    scaling = Scaling.fit(train.inputs)
    windows = _cut(train, scaling, 1)
    parts = shuffled(windows, 893429, test=0)
    recordings = tuple(_recording(name, read(name), scaling) for name in ("datatest.txt", "datatest2.txt"))
    return _task(
        "occupancy",
        scaling,
        train=parts.train,
        valid=parts.valid,
        test=join([cut(recording.x, recording.y, LENGTH, TEST_STRIDE) for recording in recordings]),
        recordings=recordings,
        files=tuple(CHECKSUM),
        protocol="windows of 16 rows; those of the training file at every row, 10 % of them at random for validation; "
        "both test files at every eighth row; inputs standardised by the training file",
    )


def clean() -> Task:
    """One whole day of the training file for validation, the two other files for test.

    Windows of 16 rows, at every row to train on and next to each other elsewhere. No window crosses into the held-out
    day or over it. Inputs are standardised by the remaining rows.

    Example:
        >>> task = clean()
        >>> len(task.train), len(task.valid), len(task.test)
        (6671, 90, 775)
    """
    held = by_day(VALID_DAY)
    scaling = Scaling(held.mean, held.std)
    tested = [_recording(name, read(name), scaling) for name in ("datatest.txt", "datatest2.txt")]
    return replace(
        held,
        name="occupancy",
        valid=cut_each(held.recordings, LENGTH, LENGTH),
        test=cut_each(tested, LENGTH, LENGTH),
        recordings=tuple(tested),
        checksum=dict(CHECKSUM),
        protocol=f"{VALID_DAY} of the training file for validation, the other days for training, the two other files "
        "for test; windows of 16 rows, at every row in training and next to each other elsewhere; inputs standardised "
        "by the training days",
        protocol_name="clean",
    )


def by_day(day: str | date) -> Task:
    """One whole day of the training file left out for validation, to choose recipes by. The test files stay unread.

    No window crosses into the day or over it, and the scaling knows the remaining rows only. The day is cut as the
    test files are, at every eighth row. `test` is empty, and `recordings` holds the day.

    Args:
        day: a calendar day of the training file, 2015-02-04 to 2015-02-10 (the first and the last are incomplete).

    Raises:
        ValueError: the training file has no such day.
    """
    table = read("datatraining.txt")
    days = table.time.astype("datetime64[D]")
    held_out = days == _day(day, days)
    rows = np.flatnonzero(held_out)
    before, within, after = (
        _rows(table, part) for part in (slice(0, rows[0]), slice(rows[0], rows[-1] + 1), slice(rows[-1] + 1, None))
    )
    scaling = Scaling.fit(table.inputs[~held_out])
    recording = _recording(f"datatraining.txt {day}", within, scaling)
    valid = cut(recording.x, recording.y, LENGTH, TEST_STRIDE)
    return _task(
        f"occupancy without {day}",
        scaling,
        train=join([_cut(before, scaling, 1), _cut(after, scaling, 1)]),
        valid=valid,
        test=pick(valid, torch.arange(0)),
        recordings=(recording,),
        files=("datatraining.txt",),
        protocol=f"windows of 16 rows of the training file at every row; {day} held out for validation, at every "
        "eighth row; inputs standardised by the other days",
    )


def _day(day: str | date, days: NDArray[np.datetime64]) -> np.datetime64:
    known = [str(known) for known in np.unique(days)]
    if str(day) not in known:
        raise ValueError(f"day={str(day)!r}: pass one of {', '.join(known)}")
    return np.datetime64(str(day), "D")


def _rows(table: Table, rows: slice) -> Table:
    return Table(table.time[rows], table.inputs[rows], table.labels[rows])


def _cut(table: Table, scaling: Scaling, stride: int) -> Windows:
    return cut(scaling(table.inputs), torch.from_numpy(table.labels), LENGTH, stride)


def _recording(name: str, table: Table, scaling: Scaling) -> Recording:
    return Recording(name, table.time, scaling(table.inputs), table.inputs, torch.from_numpy(table.labels))


def _task(
    name: str,
    scaling: Scaling,
    *,
    train: Windows,
    valid: Windows,
    test: Windows,
    recordings: tuple[Recording, ...],
    files: tuple[str, ...],
    protocol: str,
) -> Task:
    return Task(
        name=name,
        features=FEATURES,
        classes=CLASSES,
        train=train,
        valid=valid,
        test=test,
        recordings=recordings,
        mean=scaling.mean,
        std=scaling.std,
        checksum={file: CHECKSUM[file] for file in files},
        protocol=protocol,
        citation=CITATION,
        licence=LICENCE,
    )
