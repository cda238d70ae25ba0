"""Downloads from a server on this machine."""

import gzip
import hashlib
import io
import os
import threading
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from liquidtime.data import SOURCES, Source, download
from liquidtime.data.download import DownloadError, fetch
from liquidtime.data.local import data_folder
from liquidtime.data.source import Remote

A, B = b"first\n" * 5000, b"second\n" * 5000


def packed(members):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


INNER = packed({"deep/b.txt": B})
WHOLE = packed({"a.txt": A, "inner.zip": INNER})


class Server:
    """Answers with what `pages` says: the content, or how it fails."""

    def __init__(self):
        self.pages = {}
        pages = self.pages

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                content, cut = pages.get(self.path, (None, None))
                if content is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if cut == "hang":
                    self.wfile.write(content[:100])
                    self.wfile.flush()
                    released.wait(5)
                else:
                    self.wfile.write(content[:cut])

            def log_message(self, *_):
                """Silence: the server would write a line per request among the tests' output."""

        released = self.released = threading.Event()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def stop(self):
        self.released.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.setenv("LIQUIDTIME_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def source(server):
    server.pages["/whole.zip"] = WHOLE, None
    server.pages["/c.gz"] = gzip.compress(b"third", mtime=7), None
    return Source(
        name="set",
        title="made up",
        licence="none",
        citation="none",
        files={
            "a.txt": hashlib.sha256(A).hexdigest(),
            "b.txt": hashlib.sha256(B).hexdigest(),
            "c.gz": hashlib.sha256(b"third").hexdigest(),
        },
        size=None,
        remotes=(
            Remote(f"{server.url}/whole.zip", {"a.txt": "a.txt", "b.txt": "inner.zip!/deep/b.txt"}),
            Remote(f"{server.url}/c.gz", {"c.gz": ""}),
        ),
        unpacked=frozenset({"c.gz"}),
    )


def everything(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_files_are_unpacked_checked_and_in_their_place(source):
    assert source.state == "absent"
    assert fetch(source) == dict(source.files)
    assert everything(data_folder()) == {
        "set/a.txt": A,
        "set/b.txt": B,
        "set/c.gz": gzip.compress(b"third", mtime=7),
    }
    assert source.state == "present"
    assert [path.name for path in data_folder().iterdir()] == ["set"]


def failing(source, server, *words):
    with pytest.raises(DownloadError) as caught:
        fetch(source)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message
    return message


@pytest.mark.parametrize("before", [False, True], ids=["nothing before", "an older file before"])
@pytest.mark.parametrize(
    ("page", "words"),
    [
        ((WHOLE, len(WHOLE) // 2), ["whole.zip cannot be downloaded", "try again later"]),
        ((None, None), ["whole.zip cannot be downloaded", "404"]),
        ((WHOLE[:-30], None), ["whole.zip gave no whole zip archive", "try again later"]),
        ((WHOLE[:35] + bytes(9) + WHOLE[44:], None), ["whole.zip gave no whole zip archive (Error -3"]),
        ((b"<html>moved</html>", None), ["whole.zip gave no whole zip archive"]),
        ((packed({"a.txt": A}), None), ["whole.zip holds no inner.zip!/deep/b.txt", "has changed"]),
        ((packed({"a.txt": A, "inner.zip": b"no zip"}), None), ["gave no whole zip archive"]),
        ((packed({"a.txt": A + b"x", "inner.zip": INNER}), None), ["a.txt was downloaded with SHA-256", "nothing was"]),
    ],
    ids=["cut off", "missing", "cut archive", "zeroed", "a page", "no member", "inner archive", "tampered"],
)
def test_what_goes_wrong_leaves_nothing_that_looks_complete(source, server, page, words, before):
    if before:
        (data_folder() / "set").mkdir(parents=True)
        (data_folder() / "set" / "a.txt").write_bytes(b"older")
    server.pages["/whole.zip"] = page
    failing(source, server, *words)
    assert everything(data_folder()) == ({"set/a.txt": b"older"} if before else {})
    assert source.state == "absent"
    assert not [path for path in data_folder().iterdir() if path.name.startswith(".")]


def test_a_second_download_that_fails_keeps_the_first_aside(source, server):
    server.pages["/c.gz"] = b"no gzip", None
    failing(source, server, "c.gz was downloaded with SHA-256", hashlib.sha256(b"no gzip").hexdigest())
    assert everything(data_folder()) == {}


def test_a_server_that_falls_silent_is_left(source, server, monkeypatch):
    monkeypatch.setattr(download, "PATIENCE", 0.2)
    server.pages["/whole.zip"] = WHOLE, "hang"
    failing(source, server, "whole.zip cannot be downloaded", "timed out")
    assert everything(data_folder()) == {}


def test_nobody_there(source):
    away = replace(source, remotes=(Remote("http://127.0.0.1:9/x.zip", {"a.txt": "a.txt"}),))
    failing(away, None, "x.zip cannot be downloaded", "try again later")


def test_an_interruption_leaves_nothing(source, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(download, "_unpack", stop)
    with pytest.raises(KeyboardInterrupt):
        fetch(source)
    assert list(data_folder().iterdir()) == []


def test_what_a_killed_download_left_aside_is_removed_by_the_next_one_a_day_later(source):
    old, young = data_folder() / ".set.old", data_folder() / ".set.young"
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "download-0").write_bytes(A)
    os.utime(old, (0, 0))
    fetch(source)
    assert [path.name for path in sorted(data_folder().iterdir())] == [".set.young", "set"]


def test_a_kill_between_two_renames_leaves_only_whole_files(source, monkeypatch):
    names = []
    move = os.replace

    def kill(aside, path):
        if names:
            raise KeyboardInterrupt
        names.append(path.name)
        move(aside, path)

    monkeypatch.setattr(os, "replace", kill)
    with pytest.raises(KeyboardInterrupt):
        fetch(source)
    assert everything(data_folder()) == {"set/a.txt": A}
    assert source.state == "absent"


def test_a_folder_that_cannot_be_written(source, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("LIQUIDTIME_DATA", str(tmp_path / "file"))
    failing(source, None, "file/set cannot be written (Not a directory)", "give permission")


def test_what_ships_is_not_downloaded():
    failing(SOURCES["occupancy"], None, "occupancy ships with liquidtime")


def test_a_file_without_a_published_sum_is_taken_and_its_sum_told(source):
    unknown = replace(source, files={**source.files, "b.txt": None})
    assert not unknown.checked
    assert source.checked
    assert fetch(unknown)["b.txt"] == hashlib.sha256(B).hexdigest()


def test_a_bar_is_told_of_every_byte(source):
    class Bar:
        total, seen, told = None, 0, []

        def update(self, amount):
            self.seen += amount

        def reset(self):
            self.seen = 0

        def close(self):
            self.told.append((self.total, self.seen))
            self.reset()

    bar = Bar()
    fetch(source, bar)
    sizes = [len(WHOLE), len(gzip.compress(b"third", mtime=7))]
    assert bar.told == [(size, size) for size in sizes]


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_says_where_each_file_comes_from(name):
    source = SOURCES[name]
    assert source.name == name
    assert source.licence
    assert source.citation
    if source.remotes:
        held = [file for remote in source.remotes for file in remote.holds]
        assert sorted(held) == sorted(source.files)
        assert all(remote.url.startswith("https://") for remote in source.remotes)
    else:
        assert source.state == "ships"


def test_parts_count_as_parts(source, tmp_path):
    source = replace(source, parts={"head.txt": "the first rows"})
    assert source.state == "absent"
    (data_folder() / "set").mkdir(parents=True)
    (data_folder() / "set" / "head.txt").write_bytes(b"")
    assert source.state == "part"
