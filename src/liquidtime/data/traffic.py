"""Traffic on the I-94 (Hogue 2019): how many vehicles pass in this hour of this weather?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from liquidtime.data.local import read_file, require
from liquidtime.data.scaling import Scaling
from liquidtime.data.series import Series, cut_as_published, cut_each, fill
from liquidtime.data.split import Parts, shuffled
from liquidtime.data.task import Recording, Task
from liquidtime.data.text import decode, finite, table

FILE = "Metro_Interstate_Traffic_Volume.csv.gz"
CHECKSUM = {FILE: "749c90d720360a4215bb15345526073c079ba4cc95e3fa558796d083f85fce9e"}
"""Of what the gzipped file holds."""
HEADER = (
    "holiday",
    "temp",
    "rain_1h",
    "snow_1h",
    "clouds_all",
    "weather_main",
    "weather_description",
    "date_time",
    "traffic_volume",
)
FEATURES = ("holiday", "temperature", "rain", "snow", "clouds", "weekday", "sine of the hour")
"""Flag, K, mm, mm, %, 0 on Mondays, sin(π · hour / 24)."""
CITATION = "J. Hogue, Metro Interstate Traffic Volume, UCI Machine Learning Repository, 2019, doi:10.24432/C5X60B"
LICENCE = "CC BY 4.0"
LENGTH, STRIDE = 32, 4
VALID, TEST = np.datetime64("2017-01-01"), np.datetime64("2018-01-01")
"""Where `clean` begins to validate, and to test."""
WETTEST = 400.0
"""mm of rain in an hour; more has never been measured on Earth."""


def paper() -> Task:
    """The protocol of the LTC paper's code (Hasani et al. 2021).

    Windows of 32 rows at every fourth: 12,043, of which a fixed permutation takes 1,204 for validation, 1,806 for test
    and 9,033 for training, so the three share rows. The volume of a row is told from the weather of the same row; it
    is standardised, of the inputs only the temperature is shifted by its mean. As there, the holiday flag is always 0,
    and gaps and repeated rows are left as they are.

    Raises:
        ValueError: the file is missing, damaged, or not the published one.
    """
    told = read()
    inputs = told.inputs.copy()
    inputs[:, 0] = 0
    rows = replace(told, inputs=inputs)
    scaling = Scaling((0.0, float(rows.inputs[:, 1].mean()), *(0.0,) * 5), (1.0,) * len(FEATURES))
    targets = Scaling.fit(rows.labels)
    recording = rows.recording(scaling, targets)
    return _task(
        shuffled(cut_as_published([recording], LENGTH, STRIDE), 23489),
        scaling,
        targets,
        recording,
        protocol="windows of 32 rows at every fourth; 10 % of them at random for validation, 15 % for test, which "
        "share rows with the training windows; the holiday flag is always 0; the temperature is shifted and the volume "
        "standardised by all rows",
        protocol_name="paper",
    )


def clean() -> Task:
    """2012 to 2016 to train on, 2017 for validation, 2018 for test; defects mended.

    Of rows that repeat a time stamp the first counts. A temperature of 0 K and rain beyond `WETTEST` repeat the value
    before. The holiday flag holds all day. Windows of 32 rows, at every fourth in training and next to each other
    elsewhere. Inputs and volume are standardised by the training years.

    Raises:
        ValueError: the file is missing, damaged, or not the published one.
    """
    rows = mended(read())
    assert rows.time is not None
    before = rows.time < VALID
    scaling, targets = Scaling.fit(rows.inputs[before]), Scaling.fit(rows.labels[before])
    train, valid, test = (
        rows.part(part, f"{years}").recording(scaling, targets)
        for part, years in (
            (before, "2012-2016"),
            ((rows.time >= VALID) & (rows.time < TEST), "2017"),
            (rows.time >= TEST, "2018"),
        )
    )
    parts = Parts(
        cut_each([train], LENGTH, STRIDE), cut_each([valid], LENGTH, LENGTH), cut_each([test], LENGTH, LENGTH)
    )
    return _task(
        parts,
        scaling,
        targets,
        test,
        protocol="2012 to 2016 for training, 2017 for validation, 2018 for test; repeated hours and impossible values "
        "mended; windows of 32 rows, at every fourth in training and next to each other elsewhere; inputs and volume "
        "standardised by the training years",
        protocol_name="clean",
    )


def mended(rows: Series) -> Series:
    """Each hour once, holidays all day, and no impossible temperature or rain."""
    assert rows.time is not None
    inputs = rows.inputs.copy()
    days = rows.time.astype("datetime64[D]")
    inputs[:, 0] = np.isin(days, days[inputs[:, 0] == 1])
    for column, impossible in ((1, inputs[:, 1] <= 0), (2, inputs[:, 2] > WETTEST)):
        inputs[impossible, column] = np.nan
    first = np.concatenate([[True], rows.time[1:] != rows.time[:-1]])
    return Series(rows.name, fill(inputs)[first], rows.labels[first], rows.time[first])


def read() -> Series:
    """All rows; the holiday flag is 1 on the row that names a holiday.

    Raises:
        ValueError: the file is missing, damaged, or not the published one.
    """
    require("traffic", CHECKSUM)
    content = read_file("traffic", FILE, CHECKSUM[FILE], unpack=True)
    return parse(decode(content, FILE), FILE.removesuffix(".gz"))


def parse(text: str, name: str) -> Series:
    """A file's text: a header of 9 names, then rows of 9 fields.

    Raises:
        ValueError: the text is malformed; the message names file, row and column. Row 1 follows the header.
    """
    time, inputs, volume = [], [], []
    for number, fields in enumerate(table(text, name, HEADER), 1):
        place = f"{name}, row {number}"
        moment = _hour(fields[7], place)
        weather = [finite(field, place, column) for field, column in zip(fields[1:5], HEADER[1:5], strict=True)]
        hour = np.sin(np.pi * moment.hour / 24)
        time.append(moment)
        inputs.append([float(fields[0] != "None"), *weather, float(moment.weekday()), hour])
        volume.append([finite(fields[8], place, HEADER[8])])
    return Series(name, np.array(inputs), np.array(volume), _seconds(time))


def _hour(field: str, place: str) -> datetime:
    try:
        return datetime.strptime(field, "%Y-%m-%d %H:%M:%S")
    except ValueError as error:
        raise ValueError(f"{place}, column date_time: {field!r} is not a date like 2012-10-02 09:00:00") from error


def _seconds(time: Sequence[datetime]) -> NDArray[np.datetime64]:
    return np.array(time, "datetime64[s]")


def _task(
    parts: Parts, scaling: Scaling, targets: Scaling, recording: Recording, *, protocol: str, protocol_name: str
) -> Task:
    return Task(
        name="traffic",
        features=FEATURES,
        classes=(),
        train=parts.train,
        valid=parts.valid,
        test=parts.test,
        recordings=(recording,),
        mean=scaling.mean,
        std=scaling.std,
        checksum=dict(CHECKSUM),
        protocol=protocol,
        citation=CITATION,
        licence=LICENCE,
        targets=("vehicles per hour",),
        target_mean=targets.mean,
        target_std=targets.std,
        metric="squared_error",
        protocol_name=protocol_name,
        seen=protocol_name == "paper",
    )
