import numpy as np
import pytest
import torch

import samples
from liquidtime.data import load, person, person_files
from liquidtime.data.local import data_folder
from liquidtime.data.person_files import FILE, MERGED, TAGS, parse

ROW = "A01,010-000-024-033,633790226051280329,27.05.2009 14:03:25:127,4.06,1.89,0.51,walking\n"


def later(seconds, row=ROW):
    return row.replace("633790226051280329", str(633790226051280329 + round(seconds * 10_000_000)))


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        yield samples.provide_person(patch, tmp_path_factory.mktemp("d"))


@pytest.fixture(scope="module")
def sequences(real):
    """Rows of each sequence by other means."""
    found = {}
    for line in (data_folder() / "person" / FILE).read_text().splitlines():
        cells = line.split(",")
        found.setdefault(cells[0], []).append(cells)
    return found


@pytest.fixture(scope="module")
def paper(real):
    return load("person")


@pytest.fixture(scope="module")
def clean(real):
    return load("person", "clean")


def test_the_published_counts(real, paper, sequences):
    used = list(sequences)[:-1]
    assert len(sequences) == 25
    assert [one.name for one in paper.recordings] == used
    count = sum(len(range(0, len(sequences[name]) - 32, 16)) for name in used)
    assert [len(paper.valid), len(paper.test)] == [int(0.1 * count), int(0.15 * count)]
    assert len(paper.train) == count - len(paper.valid) - len(paper.test)
    assert paper.train.elapsed is None
    if real:
        assert sum(map(len, sequences.values())) == 164_860


def test_windows_and_order_are_those_of_the_released_script(paper, sequences):
    x, y = [], []
    for name in list(sequences)[:-1]:
        rows = sequences[name]
        tags = np.array([[float(row[1] == tag) for tag in TAGS] for row in rows])
        places = np.array([row[4:7] for row in rows], float)
        labels = [MERGED[row[7]] for row in rows]
        for start in range(0, len(rows) - 32, 16):
            x.append(np.concatenate([tags, places], 1)[start : start + 32])
            y.append(labels[start : start + 32])
    order = np.random.RandomState(27731).permutation(len(x))
    held, tested = len(paper.valid), len(paper.test)
    for part, index in ((paper.valid, 3), (paper.test, held + 2), (paper.train, held + tested + 5)):
        number = index - {id(paper.valid): 0, id(paper.test): held, id(paper.train): held + tested}[id(part)]
        np.testing.assert_allclose(part.x[number].numpy(), x[order[index]], rtol=1e-6)
        assert part.y[number].tolist() == y[order[index]]


def test_clean_parts_are_people_with_their_times(clean, sequences):
    rows = {letter: sum(len(v) for k, v in sequences.items() if k[0] == letter) for letter in "ABCDE"}
    assert len(clean.train.inputs) == rows["A"] + rows["B"] + rows["C"]
    assert len(clean.valid.inputs) == rows["D"]
    assert [one.name for one in clean.recordings] == [name for name in sequences if name[0] == "E"]
    first = sequences["E01"]
    stamps = np.array([int(row[2]) for row in first])
    np.testing.assert_allclose(
        clean.recordings[0].timespans[1:].numpy(), np.maximum(np.diff(stamps), 0) / 1_000_000, rtol=1e-5
    )
    torch.testing.assert_close(clean.train.inputs[:, 4:].mean(0), torch.zeros(3), atol=1e-4, rtol=0)
    assert set(clean.train.inputs[:, :4].flatten().tolist()) == {0.0, 1.0}


def test_elapsed_times_are_tenths_of_a_second():
    text = ROW + later(0.2) + later(0.15) + later(0.45) + later(9.0, ROW.replace("A01", "A02")) + later(9.3)
    first, second, third = parse(text, "p.txt")
    np.testing.assert_allclose(first.elapsed, [2.0, 2.0, 0.0, 3.0])
    np.testing.assert_allclose(second.elapsed, [2.0])
    assert [one.name for one in (first, second, third)] == ["A01", "A02", "A01"]
    assert str(first.time[0]) == "2009-05-27T12:03:25.128"
    np.testing.assert_allclose(first.inputs[0], [1, 0, 0, 0, 4.06, 1.89, 0.51])
    assert first.labels.tolist() == [3, 3, 3, 3]


@pytest.mark.parametrize(("activity", "label"), MERGED.items())
def test_eleven_activities_are_seven(activity, label):
    assert parse(ROW.replace("walking", activity), "p.txt")[0].labels.tolist() == [label]
    assert person.CLASSES[label].split()[0] in activity


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "p.txt: no rows"),
        (ROW + ROW.replace(",0.51", ""), "p.txt, row 2: 7 fields, expected 8"),
        (ROW.replace("024-033", "024-034"), "p.txt, row 1, column tag: '010-000-024-034' is none of"),
        (ROW.replace("walking", "flying"), "p.txt, row 1, column activity: 'flying' is none of lying,"),
        (ROW.replace("633790226051280329", "noon"), "p.txt, row 1, column timestamp: 'noon' is no count"),
        (ROW.replace("1.89", "near"), "p.txt, row 1, column y: 'near' is not a number"),
        (ROW.replace("0.51", "nan"), "p.txt, row 1, column z: 'nan' is not a finite number"),
    ],
    ids=["empty", "short", "tag", "activity", "time", "word", "nan"],
)
def test_a_malformed_text_is_refused_with_its_place(text, message):
    with pytest.raises(ValueError, match=r"p\.txt") as caught:
        parse(text, "p.txt")
    assert message in str(caught.value)


def test_too_few_people_are_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("LIQUIDTIME_DATA", str(tmp_path))
    (tmp_path / "person").mkdir()
    (tmp_path / "person" / FILE).write_text(ROW * 50)
    with pytest.raises(ValueError, match=r"has 50 rows but the published file has [\d,]+: delete it and get it anew"):
        person.paper()
    monkeypatch.setattr(person_files, "ROWS", 50)
    with pytest.raises(ValueError, match="person: no sequence for validation, found A01"):
        person.clean()
    with pytest.raises(ValueError, match="a single sequence"):
        person.paper()
    assert person_files.CHECKSUM == {FILE: None}
