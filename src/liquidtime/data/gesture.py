"""Phases of gestures from a Kinect (Madeo, Lima & Peres 2013): rest, preparation, stroke, hold or retraction?"""

from collections.abc import Sequence

import numpy as np

from liquidtime.data.gesture_files import CHECKSUM, FEATURES, read
from liquidtime.data.scaling import Scaling
from liquidtime.data.series import Series, cut_each, stacked, windows
from liquidtime.data.split import Parts, shuffled
from liquidtime.data.task import Recording, Task
from liquidtime.data.windows import join

CLASSES = ("rest", "preparation", "stroke", "hold", "retraction")
CITATION = (
    "R. C. B. Madeo, C. A. M. Lima and S. M. Peres, Gesture unit segmentation using support vector machines: "
    "segmenting gestures from rest positions, ACM SAC 2013, doi:10.24432/C5Z32C"
)
LICENCE = "CC BY 4.0"
LENGTH = 32
PUBLISHED_ORDER = tuple(f"{video}_va3.csv" for video in ("a3", "b1", "b3", "c1", "c3", "a2", "a1"))
"""The order in which the LTC paper's code joined the files before it permuted their windows."""
VALID, TEST = ("a2_va3.csv",), ("b3_va3.csv", "c3_va3.csv")
"""The videos that `clean` leaves out of training; letters are people, digits the stories that they tell."""


def paper() -> Task:
    """The protocol of the LTC paper's code (Hasani et al. 2021).

    Windows of 32 frames, half of each shared with the next: 605 in all. A fixed permutation takes 60 of them for
    validation, 90 for test and 455 for training, so the three share frames. Inputs are standardised by the frames of
    all windows.

    Raises:
        ValueError: files are missing, damaged, or not the published ones.

    Example:
        >>> from liquidtime.data import gesture
        >>> task = gesture.paper()  # doctest: +SKIP
        >>> len(task.train), len(task.valid), len(task.test)  # doctest: +SKIP
        (455, 60, 90)
    """
    videos = read()
    rows = [videos[name].inputs[start : start + LENGTH] for name in PUBLISHED_ORDER for start in _starts(videos[name])]
    scaling = Scaling.fit(np.concatenate(rows))
    recordings = {name: video.recording(scaling) for name, video in videos.items()}
    parts = [windows(recordings[name], LENGTH, _starts(videos[name])) for name in PUBLISHED_ORDER]
    return _task(
        shuffled(join(parts), 23489),
        scaling,
        recordings=tuple(recordings.values()),
        protocol="windows of 32 frames at every 16th; 10 % of them at random for validation, 15 % for test, which "
        "share frames with the training windows; inputs standardised by the frames of all windows",
        protocol_name="paper",
    )


def clean() -> Task:
    """Whole videos left out: one for validation and two for test, of the people that four are trained on.

    Windows of 32 frames, at every 16th to train on and next to each other elsewhere. Inputs are standardised by the
    frames of the four.

    Raises:
        ValueError: files are missing, damaged, or not the published ones.
    """
    videos = read()
    train = [video for name, video in videos.items() if name not in (*VALID, *TEST)]
    scaling = Scaling.fit(stacked(train))

    def scaled(part: Sequence[Series]) -> list[Recording]:
        return [video.recording(scaling) for video in part]

    tested = scaled([videos[name] for name in TEST])
    parts = Parts(
        cut_each(scaled(train), LENGTH, LENGTH // 2),
        cut_each(scaled([videos[name] for name in VALID]), LENGTH, LENGTH),
        cut_each(tested, LENGTH, LENGTH),
    )
    return _task(
        parts,
        scaling,
        recordings=tuple(tested),
        protocol="whole videos left out, a2 for validation, b3 and c3 for test; windows of 32 frames, at every 16th in "
        "training and next to each other elsewhere; inputs standardised by the training videos",
        protocol_name="clean",
    )


def _starts(video: Series) -> range:
    """Windows that follow each other, and one over each seam between two."""
    return range(0, (len(video) // LENGTH - 1) * LENGTH + 1, LENGTH // 2)


def _task(
    parts: Parts, scaling: Scaling, *, recordings: tuple[Recording, ...], protocol: str, protocol_name: str
) -> Task:
    return Task(
        name="gesture",
        features=FEATURES,
        classes=CLASSES,
        train=parts.train,
        valid=parts.valid,
        test=parts.test,
        recordings=recordings,
        mean=scaling.mean,
        std=scaling.std,
        checksum=dict(CHECKSUM),
        protocol=protocol,
        citation=CITATION,
        licence=LICENCE,
        protocol_name=protocol_name,
        seen=protocol_name == "paper",
    )
