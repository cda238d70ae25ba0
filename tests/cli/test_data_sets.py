"""`liquidtime data list` and `liquidtime data get`."""

import hashlib
import json
import re

import pytest

from liquidtime import data
from liquidtime.cli.data_sets import Bar
from liquidtime.data import SOURCES, Source, download
from liquidtime.data.source import Remote

CONTENT = b"content"
MADE_UP = Source(
    name="toy",
    title="made up, 2 classes",
    licence="CC0",
    citation="Nobody 2020",
    files={"a.txt": hashlib.sha256(CONTENT).hexdigest(), "b.txt": None},
    size=1_234_567,
    remotes=(Remote("https://nowhere/a.txt", {"a.txt": ""}), Remote("https://nowhere/b.txt", {"b.txt": ""})),
    parts={"head.txt": "the first rows"},
)


@pytest.fixture(autouse=True)
def toy(monkeypatch, tmp_path):
    monkeypatch.setitem(SOURCES, "toy", MADE_UP)
    monkeypatch.setenv("LIQUIDTIME_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(download, "_download", lambda url, path, bar: path.write_bytes(CONTENT))


def test_the_list_says_what_where_how_large_and_under_which_licence(liquidtime_, tmp_path):
    code, out, err = liquidtime_("data", "list")
    assert (code, err) == (0, "")
    assert f"Looked for in {tmp_path}/data" in out
    assert re.search(
        r"occupancy +in the package\n +room occupancy, 2 classes, 1\.5 MB, CC BY 4\.0\n +L\. M\. Cand", out
    )
    assert re.search(r"gesture +not here\n", out)
    assert re.search(r"toy +not here\n +made up, 2 classes, 1\.2 MB, CC0; checksum unknown\n +Nobody 2020\n", out)
    (tmp_path / "data" / "toy").mkdir(parents=True)
    (tmp_path / "data" / "toy" / "head.txt").write_bytes(b"")
    assert re.search(r"toy +in part: the first rows\n", liquidtime_("data", "list")[1])


def test_the_list_as_json(liquidtime_, tmp_path):
    printed = json.loads(liquidtime_("data", "list", "--json")[1])
    assert printed["folder"] == str(tmp_path / "data")
    rows = {row["name"]: row for row in printed["data"]}
    assert list(rows) == list(SOURCES)
    assert rows["toy"] == {
        "name": "toy",
        "title": "made up, 2 classes",
        "licence": "CC0",
        "citation": "Nobody 2020",
        "state": "absent",
        "checked": False,
        "size": "1.2 MB",
        "part": "the first rows",
    }


def test_get_downloads_once_and_says_what_was_not_checked(liquidtime_, tmp_path, monkeypatch):
    folder = tmp_path / "data" / "toy"
    code, out, err = liquidtime_("data", "get", "toy")
    assert (code, err) == (0, "")
    assert f"toy: 2 files in {folder}, 1 of them checked" in out
    assert f"b.txt is unchecked: no SHA-256 was published. It has {hashlib.sha256(CONTENT).hexdigest()}" in out
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"a.txt": CONTENT, "b.txt": CONTENT}
    monkeypatch.setattr(download, "_download", lambda *_: pytest.fail("downloaded again"))
    assert liquidtime_("data", "get", "toy") == (0, f"toy is here already: {folder}\n", "")
    assert re.search(r"toy +present\n", liquidtime_("data", "list")[1])


def test_get_as_json(liquidtime_, tmp_path):
    printed = json.loads(liquidtime_("data", "get", "toy", "--json")[1])
    found = hashlib.sha256(CONTENT).hexdigest()
    assert printed == {
        "name": "toy",
        "folder": str(tmp_path / "data" / "toy"),
        "files": {"a.txt": found, "b.txt": found},
    }


def test_again_replaces_what_is_there(liquidtime_, tmp_path):
    assert liquidtime_("data", "get", "toy")[0] == 0
    path = tmp_path / "data" / "toy" / "a.txt"
    path.write_bytes(b"spoiled")
    assert liquidtime_("data", "get", "toy", "--again")[0] == 0
    assert path.read_bytes() == CONTENT


def test_a_damaged_file_is_got_anew(liquidtime_, tmp_path):
    assert liquidtime_("data", "get", "toy")[0] == 0
    path = tmp_path / "data" / "toy" / "a.txt"
    path.write_bytes(b"")
    code, out, err = liquidtime_("data", "get", "toy")
    assert (code, err) == (0, "")
    assert out.startswith(f"{path} is not the published file: getting it anew\n")
    assert path.read_bytes() == CONTENT


def test_errors_are_one_line(liquidtime_, tmp_path, monkeypatch):
    for words, expected in (
        (("get", "toys"), "no data set named 'toys'. Did you mean 'toy'?"),
        (("get", "occupancy"), "occupancy ships with liquidtime"),
    ):
        code, out, err = liquidtime_("data", *words)
        assert (code, out) == (2, "")
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        assert expected in err
    monkeypatch.setattr(download, "_download", lambda url, path, bar: path.write_bytes(b"spoiled"))
    assert "a.txt was downloaded with SHA-256" in liquidtime_("data", "get", "toy")[2]
    assert not list((tmp_path / "data").iterdir())


def test_ctrl_c_is_one_word_and_leaves_nothing(liquidtime_, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(download, "_download", stop)
    assert liquidtime_("data", "get", "toy") == (130, "", "interrupted\n")
    assert not list((tmp_path / "data").iterdir())


def test_help(liquidtime_):
    for words, expected in ((("data", "--help"), "get"), (("data", "get", "--help"), "liquidtime data get gesture")):
        code, out, err = liquidtime_(*words)
        assert (code, err) == (0, "")
        assert expected in out


def test_on_a_terminal_there_is_a_bar(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "90")
    with Bar("toy", quiet=False) as bar:
        assert bar.total is None
        bar.total = 2000
        bar.update(500)
        bar._bar.refresh()
    err = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err)
    assert "toy" in err
    assert "0.5/2.0 kB" in err


def test_every_task_has_a_source():
    assert {name for name, _ in data.TASKS} == set(SOURCES) - {"toy"}
