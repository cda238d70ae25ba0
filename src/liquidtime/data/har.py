"""Activities from a smartphone at the waist (Anguita et al. 2013): walking, climbing, sitting, standing or laying?"""

import numpy as np

from liquidtime.data.har_files import Activity, Part, read
from liquidtime.data.scaling import Scaling
from liquidtime.data.series import Series, cut_as_published, cut_each, stacked
from liquidtime.data.split import Parts, shuffled
from liquidtime.data.task import Recording, Task

CLASSES = ("walking", "upstairs", "downstairs", "sitting", "standing", "laying")
CITATION = (
    "D. Anguita, A. Ghio, L. Oneto, X. Parra and J. L. Reyes-Ortiz, A public domain dataset for human activity "
    "recognition using smartphones, ESANN 2013, doi:10.24432/C54S4K"
)
LICENCE = "CC BY 4.0; its README forbids commercial use"
LENGTH, TEST_STRIDE = 16, 8
HELD_OUT = 5
"""How many of the 21 people of the training file `clean` validates on: the last by number."""


def paper() -> Task:
    """The protocol of the LTC paper's code (Hasani et al. 2021).

    A step is one window of 2.56 s, which shares half with the next. Sequences of 16 steps run across changes of
    activity and person. Those of the training file start at every step: a fixed permutation takes 733 for validation
    and 6,603 for training, so the two overlap; 367 of the test file, which holds other people, at every eighth. The 561
    published features are within ±1 and left as they are; what stands in for them is brought there by the training
    file.

    Raises:
        ValueError: files are missing, damaged, or not the published ones.
    """
    activity = read()
    scaling = _within_one(activity)
    train, test = (
        Series(f"{name} file", part.inputs, part.labels).recording(scaling)
        for name, part in (("training", activity.train), ("test", activity.test))
    )
    dealt = shuffled(cut_as_published([train], LENGTH, 1), 893429, test=0)
    return _task(
        activity,
        Parts(dealt.train, dealt.valid, cut_as_published([test], LENGTH, TEST_STRIDE)),
        scaling,
        recordings=(test,),
        protocol="sequences of 16 steps across activities and people; those of the training file at every step, 10 % "
        "of them at random for validation; those of the test file, with other people, at every eighth",
        protocol_name="paper",
    )


def clean() -> Task:
    """By person: 16 of the training file to train on, its last five for validation, the nine of the test file for test.

    Sequences of 16 steps of one person, at every step in training and next to each other elsewhere. Inputs are
    standardised by the training people.

    Raises:
        ValueError: files are missing, damaged, or not the published ones.
    """
    activity = read()
    people = _people(activity.train)
    training, held = people[:-HELD_OUT], people[-HELD_OUT:]
    scaling = Scaling.fit(stacked(training))
    train, valid, test = ([one.recording(scaling) for one in part] for part in (training, held, _people(activity.test)))
    return _task(
        activity,
        Parts(cut_each(train, LENGTH, 1), cut_each(valid, LENGTH, LENGTH), cut_each(test, LENGTH, LENGTH)),
        scaling,
        recordings=tuple(test),
        protocol=f"by person, {len(train)} for training, {len(valid)} for validation, {len(test)} for test; sequences "
        "of 16 steps, at every step in training and next to each other elsewhere; inputs standardised by the training "
        "people",
        protocol_name="clean",
    )


def _within_one(activity: Activity) -> Scaling:
    """Nothing for the published features; to ±1 over the training file for what stands in for them."""
    size = len(activity.features)
    if not activity.variant:
        return Scaling((0.0,) * size, (1.0,) * size)
    low, high = activity.train.inputs.min(0), activity.train.inputs.max(0)
    half = np.where(high > low, (high - low) / 2, 1.0)
    return Scaling(tuple(((low + high) / 2).tolist()), tuple(half.tolist()))


def _people(part: Part) -> list[Series]:
    """One series per person, in the order of their numbers."""
    return [
        Series(f"person {person}", part.inputs[part.subject == person], part.labels[part.subject == person])
        for person in np.unique(part.subject).tolist()
    ]


def _task(
    activity: Activity,
    parts: Parts,
    scaling: Scaling,
    *,
    recordings: tuple[Recording, ...],
    protocol: str,
    protocol_name: str,
) -> Task:
    return Task(
        name="har",
        features=activity.features,
        classes=CLASSES,
        train=parts.train,
        valid=parts.valid,
        test=parts.test,
        recordings=recordings,
        mean=scaling.mean,
        std=scaling.std,
        checksum=activity.checksum,
        protocol=protocol,
        citation=CITATION,
        licence=LICENCE,
        protocol_name=protocol_name,
        variant=activity.variant,
    )
