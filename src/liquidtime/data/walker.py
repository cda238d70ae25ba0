"""A simulated walker, irregularly sampled (Lechner & Hasani 2020): where will its joints be a step later?"""

import hashlib
import io
import zipfile

import numpy as np
from numpy.typing import NDArray

from liquidtime.data.local import DAMAGED, data_folder, require
from liquidtime.data.next_step import next_step
from liquidtime.data.scaling import Scaling
from liquidtime.data.series import Series, cut_as_published, cut_each, stacked
from liquidtime.data.split import Parts
from liquidtime.data.task import Task

FILE = "walker.zip"
CHECKSUM = {FILE: "92acb661222db088e77214399d060b2f0769774304d71f685a3f71edbde0d03c"}
ROLLOUTS = 400
CONTENTS = "186b96c3df33917c29249235799c1ab7d51dcd69e2b891eff999f1b169ff4f60"
"""SHA-256 of the rollouts one after another, by which they are known again in another archive."""
FEATURES = (
    "height",
    "pitch",
    *(f"{side} {joint}" for side in ("right", "left") for joint in ("thigh", "leg", "foot")),
    "forward velocity",
    "vertical velocity",
    "pitch velocity",
    *(f"{side} {joint} velocity" for side in ("right", "left") for joint in ("thigh", "leg", "foot")),
)
"""m, rad, m/s, rad/s."""
CITATION = (
    "M. Lechner and R. Hasani, Learning Long-Term Dependencies in Irregularly-Sampled Time Series, 2020, "
    "arXiv:2006.04418"
)
LICENCE = "Apache-2.0"
LENGTH, STRIDE = 64, 16


def paper() -> Task:
    """The protocol of the code of that paper, which hands the elapsed times to its models.

    A fixed order takes 60 rollouts for test, 40 for validation and 300 for training. The target of a row is the row
    after it. Then every row is kept with probability 0.9, and the elapsed time of a kept row is 1 and one more for
    each that was dropped before it. Windows of 64 rows at every 16th; nothing is scaled.

    Raises:
        ValueError: the file is missing, damaged, or not the published one.
    """
    none = Scaling((0.0,) * len(FEATURES), (1.0,) * len(FEATURES))
    train, valid, test = ([one.recording(none) for one in part] for part in _parts())

    return next_step(
        "walker",
        FEATURES,
        CHECKSUM,
        CITATION,
        LICENCE,
        Parts(*(cut_as_published(part, LENGTH, STRIDE) for part in (train, valid, test))),
        none,
        None,
        recordings=test,
        protocol="every tenth row dropped at random; windows of 64 rows at every 16th; 60 rollouts for test, 40 for "
        "validation, 300 for training; the target is the observation one step later; nothing is scaled",
        protocol_name="paper",
    )


def clean() -> Task:
    """The published split, which is by rollout, with inputs and targets standardised by the training rollouts.

    Windows of 64 rows, at every 16th in training and next to each other elsewhere.

    Raises:
        ValueError: the file is missing, damaged, or not the published one.
    """
    parts = _parts()
    scaling = Scaling.fit(stacked(parts[0]))
    targets = Scaling.fit(np.concatenate([one.labels for one in parts[0]]))
    train, valid, test = ([one.recording(scaling, targets) for one in part] for part in parts)
    return next_step(
        "walker",
        FEATURES,
        CHECKSUM,
        CITATION,
        LICENCE,
        Parts(cut_each(train, LENGTH, STRIDE), cut_each(valid, LENGTH, LENGTH), cut_each(test, LENGTH, LENGTH)),
        scaling,
        targets,
        recordings=test,
        protocol="every tenth row dropped at random; windows of 64 rows, at every 16th in training and next to each "
        "other elsewhere; 60 rollouts for test, 40 for validation, 300 for training; the target is the observation one "
        "step later; inputs and targets standardised by the training rollouts",
        protocol_name="clean",
    )


def read() -> dict[str, NDArray[np.float64]]:
    """The rollouts (R, 17) by file name, checked.

    Raises:
        ValueError: the file is missing, damaged, or not the published one.
    """
    require("walker", CHECKSUM)
    path = data_folder() / "walker" / FILE
    return parse(path.read_bytes(), str(path), CHECKSUM[FILE])


def parse(content: bytes, name: str, published: str) -> dict[str, NDArray[np.float64]]:
    """The rollouts in an archive.

    Raises:
        ValueError: it is no whole zip archive, or its rollouts are not the published ones.
    """
    anew = "delete it and get it anew with `liquidtime data get walker`"
    try:
        packed = _packed(content)
    except DAMAGED as error:
        raise ValueError(f"{name} is no whole zip archive ({error}): {anew}") from error
    found = archive_sum(content)
    if found != published:
        raise ValueError(
            f"{name} has SHA-256 {found} and {len(packed)} rollouts, but the published archive has {published} and "
            f"{ROLLOUTS}: {anew}"
        )
    return {file: _rollout(data, f"{name}, {file}") for file, data in packed.items()}


def archive_sum(content: bytes) -> str:
    """The SHA-256 of an archive; the published one if it holds the published rollouts, packed otherwise."""
    found = hashlib.sha256(content).hexdigest()
    if found == CHECKSUM[FILE]:
        return found
    rollouts = hashlib.sha256()
    try:
        for _, data in sorted(_packed(content).items()):
            rollouts.update(data)
    except DAMAGED:
        return found
    return CHECKSUM[FILE] if rollouts.hexdigest() == CONTENTS else found


def _packed(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = sorted(member for member in archive.namelist() if member.endswith(".npy"))
        return {member.rsplit("/", 1)[-1]: archive.read(member) for member in members}


def _rollout(content: bytes, place: str) -> NDArray[np.float64]:
    try:
        rollout = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise ValueError(f"{place}: not a NumPy file of numbers ({error})") from error
    if rollout.ndim != 2 or rollout.shape[1] != len(FEATURES) or not np.isfinite(rollout).all():
        raise ValueError(f"{place}: found {rollout.dtype} {rollout.shape}, expected finite rows of {len(FEATURES)}")
    return np.asarray(rollout, np.float64)


def _parts() -> tuple[list[Series], list[Series], list[Series]]:
    """Rollouts for training, validation and test, thinned in this order by one stream of random numbers."""
    rollouts = read()
    names = sorted(rollouts)
    np.random.RandomState(125487).shuffle(names)
    tested, held = int(0.15 * len(names)), int(0.25 * len(names))
    random = np.random.RandomState(891374)
    train, valid, test = (
        [_thinned(name, rollouts[name], random) for name in part]
        for part in (names[held:], names[tested:held], names[:tested])
    )
    return train, valid, test


def _thinned(name: str, rollout: NDArray[np.float64], random: np.random.RandomState) -> Series:
    kept = np.flatnonzero(random.rand(len(rollout) - 1) < 0.9)
    elapsed = np.diff(kept, prepend=-1).astype(np.float64)
    return Series(name, rollout[:-1][kept], rollout[1:][kept], elapsed=elapsed)
