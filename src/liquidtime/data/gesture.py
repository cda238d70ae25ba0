"""Phases of gestures from a Kinect (Madeo, Lima & Peres 2013): rest, preparation, stroke, hold or retraction?"""

import numpy as np
import torch

from liquidtime.data.gesture_files import CHECKSUM, FEATURES, Video, read
from liquidtime.data.scaling import Scaling
from liquidtime.data.split import Parts, shuffled
from liquidtime.data.task import Recording, Task
from liquidtime.data.windows import Windows, join

CLASSES = ("rest", "preparation", "stroke", "hold", "retraction")
CITATION = (
    "R. C. B. Madeo, C. A. M. Lima and S. M. Peres, Gesture unit segmentation using support vector machines: "
    "segmenting gestures from rest positions, ACM SAC 2013, doi:10.24432/C5Z32C"
)
LICENCE = "CC BY 4.0"
LENGTH = 32
PUBLISHED_ORDER = tuple(f"{video}_va3.csv" for video in ("a3", "b1", "b3", "c1", "c3", "a2", "a1"))
"""The order in which the LTC paper's code joined the files before it permuted their windows."""


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
    rows = np.concatenate([videos[name].inputs[_shared(videos[name])] for name in PUBLISHED_ORDER])
    scaling = Scaling.fit(rows)
    windows = join([_cut(videos[name], scaling) for name in PUBLISHED_ORDER])
    return _task(
        shuffled(windows, 23489),
        scaling,
        recordings=tuple(_recording(name, video, scaling) for name, video in videos.items()),
        protocol="windows of 32 frames at every 16th; 10 % of them at random for validation, 15 % for test, which "
        "share frames with the training windows; inputs standardised by the frames of all windows",
        seen=True,
    )


def _starts(video: Video) -> range:
    """Windows that follow each other, and one over each seam between two."""
    return range(0, (len(video.inputs) // LENGTH - 1) * LENGTH + 1, LENGTH // 2)


def _shared(video: Video) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The rows of all windows, those that two of them share twice."""
    return np.concatenate([np.arange(start, start + LENGTH) for start in _starts(video)])


def _cut(video: Video, scaling: Scaling) -> Windows:
    starts = torch.tensor(_starts(video))
    return Windows(scaling(video.inputs), torch.from_numpy(video.labels), starts, LENGTH)


def _recording(name: str, video: Video, scaling: Scaling) -> Recording:
    return Recording(name, None, scaling(video.inputs), video.inputs, torch.from_numpy(video.labels))


def _task(parts: Parts, scaling: Scaling, *, recordings: tuple[Recording, ...], protocol: str, seen: bool) -> Task:
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
        seen=seen,
    )
