import gzip
import hashlib

import numpy as np
import pytest

import samples
from liquidtime.data import load, power, power_files
from liquidtime.data.local import data_folder
from liquidtime.data.power_files import FILE, HEAD, parse

HEADER = ";".join(power_files.HEADER).encode() + b"\r\n"
ROW = b"16/12/2006;17:24:00;4.216;0.418;234.840;18.400;0.000;1.000;17.000\r\n"
GAP = b"16/12/2006;17:25:00;?;?;?;?;?;?;\r\n"


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("d")
        yield samples.provide(patch, folder, "power", samples.power, power_files.HEAD_CHECKSUM, digest=samples.packed)


@pytest.fixture(scope="module")
def table(real):
    """The seven columns by other means, a missing value as the last one."""
    text = gzip.decompress((data_folder() / "power" / HEAD).read_bytes()).decode().split("\n")[1:]
    rows, last = [], None
    for line in (line.strip() for line in text if line.strip()):
        cells = line.split(";")[2:]
        last = last if "?" in cells else [float(cell) for cell in cells]
        rows.append(last)
    return np.array(rows)


@pytest.fixture(scope="module")
def paper(real):
    return load("power")


@pytest.fixture(scope="module")
def clean(real):
    return load("power", "clean")


def test_the_published_counts_of_the_first_part(real, paper, table):
    count = len(range(0, len(table) - 32, 32))
    sizes = [int(0.1 * count), int(0.15 * count)]
    assert [len(paper.valid), len(paper.test)] == sizes
    assert len(paper.train) == count - sum(sizes)
    assert paper.variant == f"the first {len(table):,} minutes of the published file"
    assert paper.train.x.shape[1:] == (32, 6)
    if real:
        assert (len(table), count, *sizes) == (37_547, 1173, 117, 175)
        assert (table[:, 0].min(), table[:, 0].max()) == (0.194, 9.132)
        assert (round(table[:, 2].min(), 1), round(table[:, 2].max(), 1)) == (226.3, 251.7)


def test_windows_order_and_scaling_are_those_of_the_released_script(paper, table):
    scaled = (table - table.mean(0)) / table.std(0)
    order = np.random.RandomState(23489).permutation(len(range(0, len(table) - 32, 32)))
    held, tested = len(paper.valid), len(paper.test)
    for part, first in ((paper.valid, 0), (paper.test, held), (paper.train, held + tested)):
        start = 32 * order[first + 1]
        np.testing.assert_allclose(part.x[1].numpy(), scaled[start : start + 32, 1:], rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(part.y[1, :, 0].numpy(), scaled[start : start + 32, 0], rtol=1e-4, atol=1e-5)
    assert paper.seen
    assert paper.targets == ("Global_active_power",)


def test_clean_parts_follow_each_other(clean, table):
    held, tested = int(0.7 * len(table)), int(0.85 * len(table))
    assert [len(part.inputs) for part in (clean.train, clean.valid, clean.test)] == [
        held,
        tested - held,
        len(table) - tested,
    ]
    np.testing.assert_allclose(clean.target_mean[0], table[:held, 0].mean())
    np.testing.assert_allclose(clean.std, table[:held, 1:].std(0))
    own = clean.test.labels[:, 0].double() * clean.target_std[0] + clean.target_mean[0]
    np.testing.assert_allclose(own.numpy(), table[tested:, 0], rtol=1e-4, atol=1e-4)
    assert not clean.seen


def test_only_part_of_a_long_file_is_a_recording(monkeypatch, real, table):
    monkeypatch.setattr(power, "SHOWN", 100)
    (recording,) = power.paper().recordings
    assert recording.name == "the last 100 minutes"
    np.testing.assert_array_equal(recording.raw, table[-100:, 1:])
    (recording,) = power.clean().recordings
    np.testing.assert_array_equal(recording.raw, table[int(0.85 * len(table)) :][:100, 1:])


def test_the_whole_file_is_taken_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("LIQUIDTIME_DATA", str(tmp_path))
    (tmp_path / "power").mkdir()
    content = samples.power_text(400)
    (tmp_path / "power" / FILE).write_bytes(content)
    with pytest.raises(ValueError, match=rf"{FILE} has {len(content):,} bytes but the published file has 132,960,755"):
        power.paper()
    monkeypatch.setattr(power_files, "SIZE", len(content))
    task = power.paper()
    assert task.variant == ""
    assert task.checksum == {FILE: samples.plain(content)}
    assert len(task.train.inputs) == 400


def test_nothing_there_names_the_whole_file(monkeypatch, tmp_path):
    monkeypatch.setenv("LIQUIDTIME_DATA", str(tmp_path))
    with pytest.raises(ValueError, match=rf"power: {FILE} is missing from .*`liquidtime data get power`"):
        power.clean()


def test_missing_values_repeat_the_last(real):
    minutes = parse(HEADER + GAP + ROW + GAP + ROW.replace(b"4.216", b""), "p.txt")
    assert minutes.labels[:, 0].tolist() == [0, 4.216, 4.216, 4.216]
    assert minutes.inputs[0].tolist() == [1, 2, 3, 4, 5, 6]
    assert minutes.inputs[2].tolist() == [0.418, 234.84, 18.4, 0, 1, 17]
    assert str(minutes.time[0]) == "2006-12-16T17:25:00"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "p.txt: not a table with semicolons"),
        (HEADER, "p.txt: no rows after the header"),
        (HEADER.replace(b"Voltage", b"Volt") + ROW, "p.txt, header: found 'Date;Time;"),
        (ROW + ROW, "p.txt, header: found '16/12/2006;"),
        (
            HEADER + ROW + ROW.replace(b"234.840", b"high"),
            "p.txt, row 2, column Voltage: 'high' is not a finite number",
        ),
        (HEADER + ROW.replace(b"17.000", b"inf"), "p.txt, row 1, column Sub_metering_3: 'inf' is not a finite number"),
        (HEADER + ROW.replace(b"16/12", b"16/13"), "p.txt, row 1: '16/13/2006 17:24:00' is not a date like"),
        (HEADER + ROW.replace(b"4.216;", b"4.216;1;"), "p.txt: not a table with semicolons"),
        (HEADER + b"\xff\xfe", "p.txt"),
    ],
    ids=["empty", "no rows", "header", "no header", "word", "infinite", "date", "too long", "no text"],
)
def test_a_malformed_text_is_refused_with_its_place(content, message):
    with pytest.raises(ValueError, match=r"p\.txt") as caught:
        parse(content, "p.txt")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_tampered_first_part_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("LIQUIDTIME_DATA", str(tmp_path))
    (tmp_path / "power").mkdir()
    (tmp_path / "power" / HEAD).write_bytes(gzip.compress(HEADER + ROW))
    with pytest.raises(ValueError, match=r"SHA-256 .* but the published file has"):
        power.paper()


def test_the_first_part_may_be_packed_anew(monkeypatch, tmp_path, real, paper):
    packed = (data_folder() / "power" / HEAD).read_bytes()
    if real:
        assert hashlib.sha256(packed).hexdigest().startswith("64e978ba121416da")
    monkeypatch.setenv("LIQUIDTIME_DATA", str(tmp_path))
    (tmp_path / "power").mkdir()
    (tmp_path / "power" / HEAD).write_bytes(gzip.compress(gzip.decompress(packed), compresslevel=1))
    again = load("power")
    assert again.checksum == paper.checksum == power_files.HEAD_CHECKSUM
    assert again.train.x.equal(paper.train.x)
