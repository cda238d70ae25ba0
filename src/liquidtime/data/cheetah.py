"""A simulated half-cheetah that runs (Hasani et al. 2021): what will its joints do next?"""

import io

import numpy as np
from numpy.typing import NDArray

from liquidtime.data.local import read_files
from liquidtime.data.next_step import next_step
from liquidtime.data.scaling import Scaling
from liquidtime.data.series import Series, cut_as_published, cut_each, stacked
from liquidtime.data.split import Parts
from liquidtime.data.task import Task

JOINTS = ("back thigh", "back shin", "back foot", "front thigh", "front shin", "front foot")
FEATURES = (
    "height",
    "pitch",
    *JOINTS,
    "forward velocity",
    "vertical velocity",
    "pitch velocity",
    *(f"{joint} velocity" for joint in JOINTS),
)
"""m, rad, m/s, rad/s."""
CITATION = (
    "R. Hasani, M. Lechner, A. Amini, D. Rus and R. Grosu, Liquid Time-constant Networks, AAAI 2021, arXiv:2006.04439"
)
LICENCE = "Apache-2.0"
LENGTH, STRIDE, ROWS = 32, 10, 1000
CHECKSUM = {
    "trace_0000.npy": "c043e141c6dd99e9b41ac7a9d4bc741b0991cff6a769954517e9c204ce3c7ccc",
    "trace_0001.npy": "f231fe66284b535c745f9f44a595aac2f740b988171d3db3201597e821c6c5d3",
    "trace_0002.npy": "7ff8a0c8974247187717417f6a163023b739c3a22a374894becff1723ce67f68",
    "trace_0003.npy": "28109a8f9eae1ec0246aca4f5bfa10ebf21e9f86e62e448b9f8b66f345091680",
    "trace_0004.npy": "b478f21d00868db66d6aef8a14ed69f6214120870cc1491dec85a3f74aeb46eb",
    "trace_0005.npy": "45e6288f3d5ba610b98aea300c117b032c6585144eb55e7f7fb67178d71eb4d6",
    "trace_0006.npy": "ab93f0d3b9e0c5f1a7886a089e76d5ff99f955ad0671f23d98351d05fecf4913",
    "trace_0007.npy": "e29bc1ffee113f760b3efd33831dea0485626e2deddc1ee7a81baf30344aeaaa",
    "trace_0008.npy": "c7028a2301720e65a31f608d362c03f811aca977ebb0f3ee0d6985bc4f6f1c2c",
    "trace_0009.npy": "937afdd66e3c6487a48b1d04c2f2120ba24be563296f5bfaa8bef741083c7b7c",
    "trace_0010.npy": "625dbb7c7f8451816799b3dcd47d20ace4a82019e52d467e7a985422551be890",
    "trace_0011.npy": "d230f2c43a84462fda2f5af28480f7a2b7945f032731587fca896229dc3b02dc",
    "trace_0012.npy": "feef3754c2c547fdd7cfd697323eea81b212c854bfd3029f04048e277b9399c1",
    "trace_0013.npy": "53e9e0d128f9e21def2ee015bc41c40184b22df5928d05f5a978687d3696c76d",
    "trace_0014.npy": "f022f778ad332f8c6986709ca27dd18823130bb3a7f71f646c8a5ccdc483acda",
    "trace_0015.npy": "bcb9e34a17317e31f22ef71d82aa180c282ab08b81a21bfcfefb827dabbd8ee8",
    "trace_0016.npy": "7d22f86d205728c7c106d43c97cfc4038621700bc88bf4081855e1c01b2c9229",
    "trace_0017.npy": "403d52608b364089a4c8d48cc89758eacdb89b572ef6ca0c0829a4cf40fb063c",
    "trace_0018.npy": "6d8322ec8351fb68ec11e4173ed23c4c247c23faa4e66be6cfa3dbeec0717e5a",
    "trace_0019.npy": "7354afb2041a1af8117f0c2dca36f57cd489d6bb77f939bc81d134409836b358",
    "trace_0020.npy": "9d22d9138c0fd51eaa8271e484ce0a5b3c3f8ef592f5c91cf55933af4091e4d2",
    "trace_0021.npy": "363b31828ed262556cb987dc7ad470c8c039e6ca492a92e9139d4ab5422924d1",
    "trace_0022.npy": "27f624129fdeca0c4fa40499cb48ba5321d2bfd9b4effd0de189124de9fb7a5f",
    "trace_0023.npy": "680f5675eed8d8cc62ca9fcba2fe0f23a2acbad51019b7bb0d3954dc6e607e9b",
    "trace_0024.npy": "ae98a98829f61ec23260818743e7f659601641c459a4a797a8df86e235ec4b85",
    "trace_0025.npy": "a2488d0aaf847990f1a90f302803891b51dc5ba40e28e94f044ca11e428292ae",
    "trace_0026.npy": "bc9acb935a821810ecef4050b6d1e9e7bdb992601b70393492efa9c471e26c0c",
    "trace_0027.npy": "573e85ef1bda7c22583f362de712e62a33e8f9be319bf1bf4d754d822edfe701",
    "trace_0028.npy": "a20bdc1de0904a0522128db016d592f2ef95559ae9b6623e1496cb590bd552e0",
    "trace_0029.npy": "49f13631038f37b52e1fd929ecf430d02a6f140a32b43bec764855db41780c78",
}
"""The published files that are used; one more is not."""


def paper() -> Task:
    """The protocol of the LTC paper's code (Hasani et al. 2021).

    The first five recordings are for validation, the next ten for test, ten more for training. Windows of 32 control
    steps at every tenth; the target of a step is the observation one step later, all 17 values, unscaled.

    Raises:
        ValueError: files are missing, damaged, or not the published ones.

    Example:
        >>> from liquidtime.data import cheetah
        >>> task = cheetah.paper()  # doctest: +SKIP
        >>> len(task.train), len(task.valid), len(task.test)  # doctest: +SKIP
        (970, 485, 970)
    """
    none = Scaling((0.0,) * len(FEATURES), (1.0,) * len(FEATURES))
    train, valid, test = ([one.recording(none) for one in part] for part in _parts()[:3])

    return next_step(
        "cheetah",
        FEATURES,
        CHECKSUM,
        CITATION,
        LICENCE,
        Parts(*(cut_as_published(part, LENGTH, STRIDE) for part in (train, valid, test))),
        none,
        None,
        recordings=test,
        protocol="windows of 32 control steps at every tenth; five recordings for validation, ten for test, ten for "
        "training; the target is the observation one step later; nothing is scaled",
        protocol_name="paper",
    )


def clean() -> Task:
    """Training and test recordings as published, with inputs and targets standardised by the former.

    So every one of the 17 values counts alike. In two of the published validation recordings the animal falls onto its
    back, which it never does in training: standardised, its pitch alone would choose the epoch (mean square 289 where
    that of training is 1). Five recordings that were not used validate instead, the 26th to the 30th. Windows of 32
    control steps, at every tenth in training and next to each other elsewhere.

    Raises:
        ValueError: files are missing, damaged, or not the published ones.
    """
    learned, _, tested, spare = _parts()
    scaling = Scaling.fit(stacked(learned))
    targets = Scaling.fit(np.concatenate([one.labels for one in learned]))
    train, valid, test = ([one.recording(scaling, targets) for one in part] for part in (learned, spare, tested))
    return next_step(
        "cheetah",
        FEATURES,
        CHECKSUM,
        CITATION,
        LICENCE,
        Parts(cut_each(train, LENGTH, STRIDE), cut_each(valid, LENGTH, LENGTH), cut_each(test, LENGTH, LENGTH)),
        scaling,
        targets,
        recordings=test,
        protocol="windows of 32 control steps, at every tenth in training and next to each other elsewhere; ten "
        "recordings for training and ten for test, as published, and five without a fall for validation; the target is "
        "the observation one step later; inputs and targets standardised by the training recordings",
        protocol_name="clean",
    )


def _parts() -> tuple[list[Series], list[Series], list[Series], list[Series]]:
    """Recordings for training, validation and test as published, and five that were not used."""
    traces = read()
    series = [Series(name, trace[:-1], trace[1:]) for name, trace in sorted(traces.items())]
    return series[15:25], series[:5], series[5:15], series[25:]


def read() -> dict[str, NDArray[np.float64]]:
    """The recordings (1000, 17) by file name, checked.

    Raises:
        ValueError: files are missing, damaged, or not the published ones.
    """
    return {name: parse(content, name) for name, content in read_files("cheetah", CHECKSUM).items()}


def parse(content: bytes, name: str) -> NDArray[np.float64]:
    """One recording from the bytes of a NumPy file. Nothing in it can run code.

    Raises:
        ValueError: it is no such file, or holds something else than (1000, 17) finite numbers.
    """
    try:
        trace = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise ValueError(f"{name}: not a NumPy file of numbers ({error})") from error
    if not isinstance(trace, np.ndarray) or trace.shape != (ROWS, len(FEATURES)) or trace.dtype != np.float64:
        found = f"{trace.dtype} {trace.shape}" if isinstance(trace, np.ndarray) else type(trace).__name__
        raise ValueError(f"{name}: found {found}, expected float64 {(ROWS, len(FEATURES))}")
    wrong = np.argwhere(~np.isfinite(trace))
    if len(wrong):
        row, column = wrong[0]
        raise ValueError(f"{name}, row {row}, column {FEATURES[column]}: {trace[row, column]} is not a finite number")
    return trace
