"""The published data sets: sizes, licences, checksums and addresses."""

from liquidtime.data import (
    cheetah,
    gesture,
    gesture_files,
    har,
    har_files,
    mnist,
    occupancy,
    occupancy_files,
    ozone,
    person,
    person_files,
    power,
    power_files,
    traffic,
    walker,
)
from liquidtime.data.source import Remote, Source

_UCI = "https://archive.ics.uci.edu/static/public"
_LTC = (
    "https://raw.githubusercontent.com/raminmh/liquid_time_constant_networks/cfc6a1fb85de178f9f147d0d54eaf73371f41bda"
)
_MNIST = "https://ossci-datasets.s3.amazonaws.com/mnist"
_HAR = {file: f"{file.removesuffix('.txt').rsplit('_', 1)[-1]}/" if "_" in file else "" for file in har_files.CHECKSUM}
"""Where each file lies in the archive."""

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        Source(
            name="occupancy",
            title="room occupancy, 2 classes",
            licence=occupancy.LICENCE,
            citation=occupancy.CITATION,
            files=occupancy_files.CHECKSUM,
            size=1_497_104,
            remotes=(),
        ),
        Source(
            name="gesture",
            title="phases of gestures, 5 classes",
            licence=gesture.LICENCE,
            citation=gesture.CITATION,
            files=gesture_files.CHECKSUM,
            size=3_623_592,
            remotes=(
                Remote(f"{_UCI}/302/gesture+phase+segmentation.zip", {file: file for file in gesture_files.CHECKSUM}),
            ),
        ),
        Source(
            name="har",
            title="smartphone activity, 6 classes",
            licence=har.LICENCE,
            citation=har.CITATION,
            files=har_files.CHECKSUM,
            size=None,
            remotes=(
                Remote(
                    f"{_UCI}/240/human+activity+recognition+using+smartphones.zip",
                    {file: f"UCI HAR Dataset.zip!/UCI HAR Dataset/{place}{file}" for file, place in _HAR.items()},
                ),
            ),
            parts=dict.fromkeys(har_files.SIGNALS, "the inertial signals of the same windows"),
        ),
        Source(
            name="mnist",
            title="sequential MNIST, 10 classes",
            licence=mnist.LICENCE,
            citation=mnist.CITATION,
            files=mnist.CHECKSUM,
            size=11_312_910,
            remotes=tuple(Remote(f"{_MNIST}/{file}", {file: ""}) for file in mnist.CHECKSUM),
            unpacked=frozenset(mnist.CHECKSUM),
        ),
        Source(
            name="traffic",
            title="traffic volume on the I-94, regression",
            licence=traffic.LICENCE,
            citation=traffic.CITATION,
            files=traffic.CHECKSUM,
            size=405_250,
            remotes=(Remote(f"{_UCI}/492/metro+interstate+traffic+volume.zip", {traffic.FILE: traffic.FILE}),),
            unpacked=frozenset(traffic.CHECKSUM),
        ),
        Source(
            name="power",
            title="a household's electric power, regression",
            licence=power.LICENCE,
            citation=power.CITATION,
            files=power_files.CHECKSUM,
            size=power_files.SIZE,
            remotes=(
                Remote(
                    f"{_UCI}/235/individual+household+electric+power+consumption.zip",
                    {power_files.FILE: power_files.FILE},
                ),
            ),
            parts={power_files.HEAD: "the first 37,547 minutes"},
        ),
        Source(
            name="ozone",
            title="ozone days, 2 classes, F1",
            licence=ozone.LICENCE,
            citation=ozone.CITATION,
            files=ozone.CHECKSUM,
            size=818_329,
            remotes=(Remote(f"{_UCI}/172/ozone+level+detection.zip", {ozone.FILE: ozone.FILE}),),
        ),
        Source(
            name="person",
            title="activities told from four tags, 7 classes",
            licence=person.LICENCE,
            citation=person.CITATION,
            files=person_files.CHECKSUM,
            size=None,
            remotes=(
                Remote(
                    f"{_UCI}/196/localization+data+for+person+activity.zip",
                    {person_files.FILE: person_files.FILE},
                ),
            ),
        ),
        Source(
            name="cheetah",
            title="half-cheetah, next step of 17 values",
            licence=cheetah.LICENCE,
            citation=cheetah.CITATION,
            files=cheetah.CHECKSUM,
            size=4_083_840,
            remotes=tuple(
                Remote(f"{_LTC}/experiments_with_ltcs/data/cheetah/{file}", {file: ""}) for file in cheetah.CHECKSUM
            ),
        ),
        Source(
            name="walker",
            title="irregularly sampled walker, next step of 17 values",
            licence=walker.LICENCE,
            citation=walker.CITATION,
            files=walker.CHECKSUM,
            size=32_632_158,
            remotes=(Remote("https://people.csail.mit.edu/mlechner/datasets/walker.zip", {walker.FILE: ""}),),
            digests={walker.FILE: walker.archive_sum},
        ),
    )
}
"""By name. Archives whose own checksum nobody published are checked by the files in them."""
