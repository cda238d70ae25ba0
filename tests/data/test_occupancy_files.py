import gzip
import hashlib
from importlib.resources import files

import numpy as np
import pytest

from liquidtime.data.occupancy_files import parse, read

FOLDER = files("liquidtime.data") / "files" / "occupancy"
HEADER = '"date","Temperature","Humidity","Light","CO2","HumidityRatio","Occupancy"\n'
ROW = '"1","2015-02-04 17:51:00",23.18,27.272,426,721.25,0.00479298817650529,1\n'
PUBLISHED = {
    "datatraining.txt": ("b2c4d0ce2b9e4e453c476f7125ef31aeec2d1f5c7f5572d0e80de3df6521ab56", 8143, 21.2),
    "datatest.txt": ("1b92c7c1b2838963464fa891a610cf3c5db4becb7189189b29b330107a584c7f", 2665, 36.5),
    "datatest2.txt": ("d026d1bd5aeccd4aff4f3b3710d48e40613bd5fc370db7e61bbdcaa50d985095", 9752, 21.0),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_shipped_files_are_the_published_ones(name):
    checksum, rows, occupied = PUBLISHED[name]
    packed = (FOLDER / f"{name}.gz").read_bytes()
    assert hashlib.sha256(gzip.decompress(packed)).hexdigest() == checksum
    table = read(name)
    assert table.inputs.shape == (rows, 5)
    assert table.time.shape == table.labels.shape == (rows,)
    assert round(100 * table.labels.mean(), 1) == occupied
    assert (np.diff(table.time).astype(int) > 0).all()


@pytest.mark.parametrize("name", PUBLISHED)
def test_packing_again_gives_the_same_bytes(name):
    packed = (FOLDER / f"{name}.gz").read_bytes()
    assert packed[3] & 0b1000 == 0, "no file name inside"
    assert packed[4:8] == b"\0\0\0\0", "no time inside"


def test_the_licence_travels_with_the_files():
    notice = (FOLDER / "LICENSE.txt").read_text()
    for words in ("10.24432/C5X01N", "Candanedo", "CC BY 4.0", *(checksum for checksum, _, _ in PUBLISHED.values())):
        assert words in notice


def test_values_are_those_of_the_text():
    table = read("datatest2.txt")
    assert table.time[0] == np.datetime64("2015-02-11T14:48:00")
    assert table.inputs[0].tolist() == [
        21.76,
        31.1333333333333,
        437.333333333333,
        1029.66666666667,
        0.00502101089021385,
    ]
    assert table.labels[0] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.txt, header: found ''"),
        (HEADER, "t.txt: no rows"),
        (HEADER.replace("Light", "Lux") + ROW, "t.txt, header: found 'date,Temperature,Humidity,Lux"),
        (HEADER + ROW + ROW.replace(",1\n", "\n"), "t.txt, row 2: 7 fields, expected 8"),
        (HEADER + ROW + "\n" + ROW, "t.txt, row 2: 0 fields"),
        (HEADER + ROW.replace("27.272", "wet"), "t.txt, row 1, column Humidity: 'wet' is not a number"),
        (HEADER + ROW.replace("426", ""), "t.txt, row 1, column Light: '' is not a number"),
        (HEADER + ROW.replace("721.25", "nan"), "t.txt, row 1, column CO2: 'nan' is not a finite number"),
        (HEADER + ROW.replace("23.18", "1e999"), "t.txt, row 1, column Temperature: '1e999' is not a finite"),
        (HEADER + ROW.replace("02-04", "13-04"), "t.txt, row 1, column date: '2015-13-04 17:51:00' is not a date"),
        (HEADER + ROW.replace("2015-02-04 17:51:00", "today"), "t.txt, row 1, column date: 'today' is not a date"),
        (HEADER + ROW.replace(",1\n", ",2\n"), "t.txt, row 1, column Occupancy: '2' is neither 0 nor 1"),
        (HEADER + '"' + "x" * 200_000, "t.txt: not a comma-separated table"),
    ],
)
def test_a_malformed_text_is_refused_with_its_place(text, message):
    with pytest.raises(ValueError, match=r"t\.txt") as caught:
        parse(text, "t.txt")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "datatest.txt.gz is missing"),
        (b"no gzip", "datatest.txt.gz in .* cannot be unpacked"),
        (gzip.compress(b"x" * 99, mtime=0)[:-9], "datatest.txt.gz in .* cannot be unpacked"),
        (gzip.compress((HEADER + ROW).encode(), mtime=0), "has SHA-256 .* but the published file has 1b92c7c1"),
    ],
    ids=["missing", "no gzip", "cut off", "another text"],
)
def test_a_damaged_file_is_refused(tmp_path, content, message):
    if content is not None:
        (tmp_path / "datatest.txt.gz").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read("datatest.txt", tmp_path)
