import gzip
import hashlib
from pathlib import Path

import pytest

from liquidtime.data import cheetah, gesture, load
from liquidtime.data.local import data_folder, digest, read_file, read_files

SUM = hashlib.sha256(b"content").hexdigest()


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("LIQUIDTIME_DATA", str(tmp_path))
    (tmp_path / "set").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LIQUIDTIME_DATA": "/data", "XDG_CACHE_HOME": "/cache"}, "/data"),
        ({"LIQUIDTIME_DATA": "~/data"}, "/home/me/data"),
        ({"XDG_CACHE_HOME": "/cache"}, "/cache/liquidtime/data"),
        ({"LIQUIDTIME_DATA": "", "XDG_CACHE_HOME": ""}, "/home/me/.cache/liquidtime/data"),
        ({}, "/home/me/.cache/liquidtime/data"),
    ],
    ids=["variable", "home", "cache", "empty", "nothing"],
)
def test_the_variable_comes_first_then_the_cache(monkeypatch, variables, expected):
    for name in ("LIQUIDTIME_DATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/me", **variables}.items():
        monkeypatch.setenv(name, value)
    assert data_folder() == Path(expected)


def test_the_published_files_are_read(folder):
    (folder / "set" / "a.txt").write_bytes(b"content")
    assert read_files("set", {"a.txt": SUM}) == {"a.txt": b"content"}


def refused(checksum, *words):
    with pytest.raises(ValueError, match="set") as caught:
        read_files("set", checksum)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


def test_missing_files_are_named_with_the_way_out(folder):
    (folder / "set" / "a.txt").write_bytes(b"content")
    refused({"a.txt": SUM, "b.txt": SUM}, f"set: b.txt is missing from {folder}/set", "`liquidtime data get set`")
    refused(dict.fromkeys("bcdef", SUM), "set: b, c, d and 2 more are missing", "LIQUIDTIME_DATA")


@pytest.mark.parametrize("content", [b"", b"conten", b"contenu"], ids=["empty", "cut off", "tampered"])
def test_another_file_is_named_with_what_was_expected_and_found(folder, content):
    (folder / "set" / "a.txt").write_bytes(content)
    found = hashlib.sha256(content).hexdigest()
    refused({"a.txt": SUM}, "a.txt has SHA-256", found, SUM, f"({len(content)} bytes)", "delete it and get it anew")


def test_a_folder_in_place_of_a_file_is_missing(folder):
    (folder / "set" / "a.txt").mkdir()
    refused({"a.txt": SUM}, "a.txt is missing")


@pytest.mark.parametrize("task", [gesture, cheetah], ids=["gesture", "cheetah"])
def test_data_sets_say_what_they_lack(folder, task):
    with pytest.raises(ValueError, match=r"more are missing from .*: get them with `liquidtime data get"):
        task.paper()


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"no data set named 'gestures'. Did you mean 'gesture'\?"):
        load("gestures")
    with pytest.raises(ValueError, match=r"no protocol of gesture named 'papre'. Did you mean 'paper'\?"):
        load("gesture", "papre")


def test_a_packed_file_is_checked_by_what_it_holds(folder):
    path = folder / "set" / "a.gz"
    for level in (1, 9):
        path.write_bytes(gzip.compress(b"content", level, mtime=level))
        assert read_file("set", "a.gz", SUM, unpack=True) == b"content"
        assert digest(path.read_bytes(), unpack=True) == SUM
    path.write_bytes(gzip.compress(b"contenu"))
    with pytest.raises(ValueError, match=rf"a\.gz has SHA-256 .* published file has {SUM}"):
        read_file("set", "a.gz", SUM, unpack=True)
    path.write_bytes(gzip.compress(b"content")[:-9])
    with pytest.raises(ValueError, match=r"a\.gz cannot be unpacked .*get it anew with `liquidtime data get set`"):
        read_file("set", "a.gz", SUM, unpack=True)


def test_a_file_without_a_published_sum_is_taken_as_it_is(folder):
    (folder / "set" / "a.txt").write_bytes(b"anything")
    assert read_file("set", "a.txt", None) == b"anything"
