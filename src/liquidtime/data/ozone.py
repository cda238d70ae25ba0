"""Ozone days in Houston (Zhang & Fan 2008): is the eight-hour ozone level of a day too high?"""

from datetime import datetime

import numpy as np
import torch
from numpy.typing import NDArray

from liquidtime.data.local import read_files
from liquidtime.data.scaling import Scaling
from liquidtime.data.series import Series, cut_each, fill, published
from liquidtime.data.split import Parts, shuffled
from liquidtime.data.task import Recording, Task
from liquidtime.data.text import decode, finite, table
from liquidtime.data.windows import Windows

FILE = "eighthr.data"
CHECKSUM = {FILE: "9a24c3e5c43570148869fec02edcd44dd1cb06e97c2bbc0b6ab24ebdd21de37e"}
FEATURES = (
    *(f"WSR{hour}" for hour in range(24)),
    "WSR_PK",
    "WSR_AV",
    *(f"T{hour}" for hour in range(24)),
    "T_PK",
    "T_AV",
    *(f"{value}{level}" for level in (85, 70, 50) for value in ("T", "RH", "U", "V", "HT")),
    "KI",
    "TT",
    "SLP",
    "SLP_",
    "Precp",
)
"""Wind (m/s) and temperature (°C) by the hour, their peaks and means; temperature, humidity, wind and height at 850,
700 and 500 hPa; K-index, T-totals, pressure, its change, precipitation."""
CLASSES = ("normal day", "ozone day")
WEIGHTS = (0.1, 1.6)
CITATION = (
    "K. Zhang and W. Fan, Forecasting skewed biased stochastic ozone days: analyses, solutions and beyond, Knowledge "
    "and Information Systems 14 (2008) 299-326, doi:10.24432/C5NG6W"
)
LICENCE = "CC BY 4.0"
LENGTH, STRIDE = 32, 4
VALID, TEST = np.datetime64("2003-01-01"), np.datetime64("2004-01-01")
"""Where `clean` begins to validate, and to test."""


def paper() -> Task:
    """The protocol of the LTC paper's code (Hasani et al. 2021), with its axes swapped as there.

    The code cuts 626 windows of 32 days at every fourth day and then turns the array, so that the network sees 32
    sequences of 626 steps: sequence k is days k, k + 4, k + 8, … Of these a fixed permutation takes 3 for validation,
    4 for test and 25 for training; two whose numbers differ by a multiple of 4 share almost all days. Missing values
    are 0, and one mean and one deviation of the whole table scale all columns.

    Raises:
        ValueError: the file is missing, damaged, or not the published one.
    """
    days = read()
    filled = np.where(np.isnan(days.inputs), 0.0, days.inputs)
    scaling = Scaling((float(filled.mean()),) * len(FEATURES), (float(filled.std()),) * len(FEATURES))
    recording = Series(days.name, filled, days.labels, days.time).recording(scaling)
    count = len(published(len(days), LENGTH, STRIDE))
    sequences = Windows(recording.x, recording.y, torch.arange(LENGTH), count, step=STRIDE)
    return _task(
        shuffled(sequences, 23489),
        scaling,
        recording,
        protocol="32 sequences of every fourth day, each from another of the first 32 days on; 10 % of them at random "
        "for validation, 15 % for test, which share days with the training sequences; missing values are 0; one mean "
        "and one deviation scale all inputs",
        protocol_name="paper",
    )


def clean() -> Task:
    """1998 to 2002 to train on, 2003 for validation, 2004 for test.

    Windows of 32 days, at every fourth day in training and next to each other elsewhere. A missing value repeats the
    last one of its column. Each input is standardised by the training years.

    Raises:
        ValueError: the file is missing, damaged, or not the published one.
    """
    days = read()
    assert days.time is not None
    before = days.time < VALID
    middle = np.nanmean(days.inputs[before], 0)
    whole = Series(days.name, fill(days.inputs, middle), days.labels, days.time)
    scaling = Scaling.fit(whole.inputs[before])
    train, valid, test = (
        whole.part(rows, f"{FILE} {years}").recording(scaling)
        for rows, years in (
            (before, "1998-2002"),
            ((days.time >= VALID) & (days.time < TEST), "2003"),
            (days.time >= TEST, "2004"),
        )
    )
    parts = Parts(
        cut_each([train], LENGTH, STRIDE), cut_each([valid], LENGTH, LENGTH), cut_each([test], LENGTH, LENGTH)
    )
    return _task(
        parts,
        scaling,
        test,
        protocol="1998 to 2002 for training, 2003 for validation, 2004 for test; windows of 32 days, at every fourth "
        "in training and next to each other elsewhere; a missing value repeats the last of its column; inputs "
        "standardised by the training years",
        protocol_name="clean",
    )


def read() -> Series:
    """All days, a missing value as NaN.

    Raises:
        ValueError: the file is missing, damaged, or not the published one.
    """
    return parse(decode(read_files("ozone", CHECKSUM)[FILE], FILE), FILE)


def parse(text: str, name: str) -> Series:
    """A file's text: rows of a date, 72 numbers or `?`, and the class.

    Raises:
        ValueError: the text is malformed; the message names file, row and column.
    """
    time, inputs, labels = [], [], []
    for number, fields in enumerate(table(text, name, None, fields=len(FEATURES) + 2), 1):
        place = f"{name}, row {number}"
        time.append(_day(fields[0], place))
        inputs.append(_numbers(fields[1:-1], place))
        label = finite(fields[-1], place, "class")
        if label not in (0.0, 1.0):
            raise ValueError(f"{place}, column class: {fields[-1]!r} is neither 0 nor 1")
        labels.append(int(label))
    return Series(name, np.array(inputs), np.array(labels, np.int64), np.array(time, "datetime64[s]"))


def _day(field: str, place: str) -> datetime:
    try:
        return datetime.strptime(field, "%m/%d/%Y")
    except ValueError as error:
        raise ValueError(f"{place}, column date: {field!r} is not a date like 12/31/2004") from error


def _numbers(fields: list[str], place: str) -> NDArray[np.float64]:
    pairs = zip(fields, FEATURES, strict=True)
    return np.array([np.nan if field == "?" else finite(field, place, column) for field, column in pairs])


def _task(parts: Parts, scaling: Scaling, recording: Recording, *, protocol: str, protocol_name: str) -> Task:
    return Task(
        name="ozone",
        features=FEATURES,
        classes=CLASSES,
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
        class_weights=WEIGHTS,
        metric="f1",
        protocol_name=protocol_name,
        seen=protocol_name == "paper",
    )
