"""Room occupancy from five sensors (Candanedo & Feldheim 2016): is somebody in the office, minute by minute?"""

from dataclasses import replace
from datetime import date

import numpy as np
import torch
from numpy.typing import NDArray

from liquidtime.data.occupancy_files import CHECKSUM, FEATURES, read
from liquidtime.data.scaling import Scaling
from liquidtime.data.series import cut_as_published, cut_each
from liquidtime.data.split import Parts, shuffled
from liquidtime.data.task import Recording, Task
from liquidtime.data.windows import pick

CLASSES = ("free", "occupied")
CITATION = (
    "L. M. Candanedo and V. Feldheim, Accurate occupancy detection of an office room from light, temperature, humidity "
    "and CO2 measurements using statistical learning models, Energy and Buildings 112 (2016) 28-39, "
    "doi:10.24432/C5X01N"
)
LICENCE = "CC BY 4.0"
LENGTH = 16
TEST_STRIDE = 8
TESTED = ("datatest.txt", "datatest2.txt")
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
    training = read("datatraining.txt")
    scaling = Scaling.fit(training.inputs)
    parts = shuffled(cut_as_published([training.recording(scaling)], LENGTH, 1), 893429, test=0)
    tested = [read(name).recording(scaling) for name in TESTED]
    return _task(
        "occupancy",
        scaling,
        Parts(parts.train, parts.valid, cut_as_published(tested, LENGTH, TEST_STRIDE)),
        recordings=tuple(tested),
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
    tested = [read(name).recording(scaling) for name in TESTED]
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
    training = read("datatraining.txt")
    assert training.time is not None
    days = training.time.astype("datetime64[D]")
    held_out = days == _day(day, days)
    rows = np.flatnonzero(held_out)
    scaling = Scaling.fit(training.inputs[~held_out])
    before, after = (training.part(part).recording(scaling) for part in (slice(0, rows[0]), slice(rows[-1] + 1, None)))
    within = training.part(held_out, f"{training.name} {day}").recording(scaling)
    valid = cut_as_published([within], LENGTH, TEST_STRIDE)
    return _task(
        f"occupancy without {day}",
        scaling,
        Parts(cut_as_published([before, after], LENGTH, 1), valid, pick(valid, torch.arange(0))),
        recordings=(within,),
        files=("datatraining.txt",),
        protocol=f"windows of 16 rows of the training file at every row; {day} held out for validation, at every "
        "eighth row; inputs standardised by the other days",
    )


def _day(day: str | date, days: NDArray[np.datetime64]) -> np.datetime64:
    known = [str(known) for known in np.unique(days)]
    if str(day) not in known:
        raise ValueError(f"day={str(day)!r}: pass one of {', '.join(known)}")
    return np.datetime64(str(day), "D")


def _task(
    name: str,
    scaling: Scaling,
    parts: Parts,
    *,
    recordings: tuple[Recording, ...],
    files: tuple[str, ...],
    protocol: str,
) -> Task:
    return Task(
        name=name,
        features=FEATURES,
        classes=CLASSES,
        train=parts.train,
        valid=parts.valid,
        test=parts.test,
        recordings=recordings,
        mean=scaling.mean,
        std=scaling.std,
        checksum={file: CHECKSUM[file] for file in files},
        protocol=protocol,
        citation=CITATION,
        licence=LICENCE,
    )
