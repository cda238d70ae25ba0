"""The published data sets: sizes, licences, checksums and addresses."""

from liquidtime.data import cheetah, gesture, gesture_files, occupancy, occupancy_files
from liquidtime.data.source import Remote, Source

_UCI = "https://archive.ics.uci.edu/static/public"
_LTC = (
    "https://raw.githubusercontent.com/raminmh/liquid_time_constant_networks/cfc6a1fb85de178f9f147d0d54eaf73371f41bda"
)

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
            name="cheetah",
            title="half-cheetah, next step of 17 values",
            licence=cheetah.LICENCE,
            citation=cheetah.CITATION,
            files=cheetah.CHECKSUM,
            size=3_403_200,
            remotes=tuple(
                Remote(f"{_LTC}/experiments_with_ltcs/data/cheetah/{file}", {file: ""}) for file in cheetah.CHECKSUM
            ),
        ),
    )
}
"""By name. Archives whose own checksum nobody published are checked by the files in them."""
