"""Activities told from four tags on a body (Vidulin et al. 2010), which report one at a time, at irregular moments."""

from collections.abc import Sequence

import numpy as np

from liquidtime.data.person_files import FEATURES, read
from liquidtime.data.scaling import Scaling
from liquidtime.data.series import Series, cut_as_published, cut_each, stacked
from liquidtime.data.split import Parts, shuffled
from liquidtime.data.task import Recording, Task

CLASSES = ("lying", "sitting", "standing up", "walking", "falling", "on all fours", "sitting on the ground")
CITATION = (
    "V. Vidulin, M. Lustrek, B. Kaluza, R. Piltaver and J. Krivec, Localization Data for Person Activity, UCI Machine "
    "Learning Repository, 2010, doi:10.24432/C57G8X"
)
LICENCE = "CC BY 4.0"
LENGTH, STRIDE = 32, 16
TAGS = 4
VALID, TEST = "D", "E"
"""The people that `clean` leaves out of training."""


def paper() -> Task:
    """The protocol of the LTC paper's code (Hasani et al. 2021).

    Windows of 32 rows at every 16th of each sequence but the last, which the code never stores. A fixed permutation
    takes 10 % of them for validation and 15 % for test, so the three share rows. Inputs are unscaled, and every step
    counts as one unit of time.

    Raises:
        ValueError: the file is missing or malformed.
    """
    sequences, checksum = read()
    none = Scaling((0.0,) * len(FEATURES), (1.0,) * len(FEATURES))
    recordings = [Series(one.name, one.inputs, one.labels, one.time).recording(none) for one in sequences[:-1]]
    if not recordings:
        raise ValueError("person: a single sequence, of which the published protocol leaves out the last: get it anew")
    return _task(
        shuffled(cut_as_published(recordings, LENGTH, STRIDE), 27731),
        none,
        recordings,
        checksum,
        protocol="windows of 32 rows at every 16th of each sequence but the last; 10 % of them at random for "
        "validation, 15 % for test, which share rows with the training windows; nothing is scaled, no times are told",
        protocol_name="paper",
    )


def clean() -> Task:
    """By person: A, B and C to train on, D for validation, E for test, with the elapsed times in tenths of a second.

    Windows of 32 rows of one sequence, at every 16th in training and next to each other elsewhere. Places are
    standardised by the training people.

    Raises:
        ValueError: the file is missing or malformed, or lacks a person.
    """
    sequences, checksum = read()
    people = {
        "training": [one for one in sequences if one.name[:1] not in (VALID, TEST)],
        "validation": [one for one in sequences if one.name[:1] == VALID],
        "test": [one for one in sequences if one.name[:1] == TEST],
    }
    for part, held in people.items():
        if not held:
            raise ValueError(f"person: no sequence for {part}, found {', '.join(one.name for one in sequences)}")
    scaling = _places(people["training"])
    train, valid, test = ([one.recording(scaling) for one in held] for held in people.values())
    return _task(
        Parts(cut_each(train, LENGTH, STRIDE), cut_each(valid, LENGTH, LENGTH), cut_each(test, LENGTH, LENGTH)),
        scaling,
        test,
        checksum,
        protocol="by person, A to C for training, D for validation, E for test; windows of 32 rows, at every 16th in "
        "training and next to each other elsewhere; elapsed times in tenths of a second; places standardised by the "
        "training people",
        protocol_name="clean",
    )


def _places(sequences: Sequence[Series]) -> Scaling:
    """Standardise x, y and z; which tag it is stays 0 or 1."""
    fitted = Scaling.fit(np.asarray(stacked(sequences)[:, TAGS:]))
    return Scaling((0.0,) * TAGS + fitted.mean, (1.0,) * TAGS + fitted.std)


def _task(
    parts: Parts,
    scaling: Scaling,
    recordings: Sequence[Recording],
    checksum: dict[str, str],
    *,
    protocol: str,
    protocol_name: str,
) -> Task:
    return Task(
        name="person",
        features=FEATURES,
        classes=CLASSES,
        train=parts.train,
        valid=parts.valid,
        test=parts.test,
        recordings=tuple(recordings),
        mean=scaling.mean,
        std=scaling.std,
        checksum=checksum,
        protocol=protocol,
        citation=CITATION,
        licence=LICENCE,
        protocol_name=protocol_name,
        seen=protocol_name == "paper",
    )
