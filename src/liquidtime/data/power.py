"""A household's electricity (Hebrail & Berard 2012): how much power does it draw, told from the other meters?"""

from liquidtime.data.power_files import COLUMNS, Household, read
from liquidtime.data.scaling import Scaling
from liquidtime.data.series import cut_as_published, cut_each
from liquidtime.data.split import Parts, shuffled
from liquidtime.data.task import Recording, Task

CITATION = (
    "G. Hebrail and A. Berard, Individual Household Electric Power Consumption, UCI Machine Learning Repository, 2012, "
    "doi:10.24432/C58K54"
)
LICENCE = "CC BY 4.0"
LENGTH = 32
SHOWN = 20_000
"""How many minutes are a recording at most."""
VALID, TEST = 0.70, 0.85
"""Where `clean` begins to validate, and to test, as shares of the file."""


def paper() -> Task:
    """The protocol of the LTC paper's code (Hasani et al. 2021).

    Windows of 32 minutes next to each other: 64,851 of the whole file. A fixed permutation takes 10 % of them for
    validation and 15 % for test. The active power of a minute is told from the six other meters of the same minute;
    all are standardised by the whole file. A missing value repeats the last one of its column.

    Raises:
        ValueError: the file is missing, damaged, or not the published one.
    """
    household = read()
    minutes = household.minutes
    scaling, targets = Scaling.fit(minutes.inputs), Scaling.fit(minutes.labels)
    recording = minutes.recording(scaling, targets)
    return _task(
        household,
        shuffled(cut_as_published([recording], LENGTH, LENGTH), 23489),
        scaling,
        targets,
        minutes.part(slice(-SHOWN, None), f"the last {min(SHOWN, len(minutes)):,} minutes").recording(scaling, targets),
        protocol="windows of 32 minutes next to each other; 10 % of them at random for validation, 15 % for test; "
        "inputs and power standardised by the whole file",
        protocol_name="paper",
    )


def clean() -> Task:
    """By time: the first 70 % to train on, the next 15 % for validation, the last 15 % for test.

    Windows of 32 minutes next to each other. Inputs and power are standardised by the training minutes.

    Raises:
        ValueError: the file is missing, damaged, or not the published one.
    """
    household = read()
    minutes = household.minutes
    held, tested = (int(share * len(minutes)) for share in (VALID, TEST))
    before = minutes.part(slice(0, held))
    scaling, targets = Scaling.fit(before.inputs), Scaling.fit(before.labels)
    test = minutes.part(slice(tested, None))
    parts = Parts(
        *(
            cut_each([part.recording(scaling, targets)], LENGTH, LENGTH)
            for part in (before, minutes.part(slice(held, tested)), test)
        )
    )
    return _task(
        household,
        parts,
        scaling,
        targets,
        test.part(slice(0, SHOWN), f"the first {min(SHOWN, len(test)):,} test minutes").recording(scaling, targets),
        protocol="by time, 70 % for training, 15 % for validation, 15 % for test; windows of 32 minutes next to each "
        "other; inputs and power standardised by the training minutes",
        protocol_name="clean",
    )


def _task(
    household: Household,
    parts: Parts,
    scaling: Scaling,
    targets: Scaling,
    recording: Recording,
    *,
    protocol: str,
    protocol_name: str,
) -> Task:
    return Task(
        name="power",
        features=COLUMNS[1:],
        classes=(),
        train=parts.train,
        valid=parts.valid,
        test=parts.test,
        recordings=(recording,),
        mean=scaling.mean,
        std=scaling.std,
        checksum=household.checksum,
        protocol=protocol,
        citation=CITATION,
        licence=LICENCE,
        targets=COLUMNS[:1],
        target_mean=targets.mean,
        target_std=targets.std,
        metric="squared_error",
        protocol_name=protocol_name,
        variant=household.variant,
        seen=protocol_name == "paper",
    )
