"""Downloading a published data set: whole and checked, or not at all."""

import hashlib
import os
import shutil
import time
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Protocol

from liquidtime.data.local import data_folder, digest
from liquidtime.data.source import Source

BLOCK = 1 << 20
PATIENCE = 30.0
"""Seconds without a byte after which a server counts as silent."""
ABANDONED = 86_400.0
"""Seconds after which what a killed download left aside is removed by the next one."""


class Bar(Protocol):
    """What shows how far a download is, as pooch drives it."""

    total: float | None

    def update(self, amount: float) -> None:
        """So many bytes more."""

    def reset(self) -> None:
        """Back to the start."""

    def close(self) -> None:
        """The download is over."""


class DownloadError(ValueError):
    """A data set that cannot be had, or is not the published one."""


def fetch(source: Source, bar: Bar | None = None) -> dict[str, str]:
    """Download a data set into its folder.

    Everything is written into a folder aside and checked there; only then do the files get their names, one by one,
    so that whatever cuts it off leaves no file that looks complete and is not.

    Args:
        source: which.
        bar: is told of the bytes.

    Returns:
        The SHA-256 that each file was found to have.

    Raises:
        DownloadError: nothing is to be had, a server cannot be reached or stops in the middle, an archive is damaged
            or lacks a file, a file is not the published one, or the folder cannot be written.
    """
    if not source.remotes:
        raise DownloadError(f"{source.name} ships with liquidtime: there is nothing to download")
    folder = data_folder() / source.name
    aside = folder.parent / f".{source.name}.{uuid.uuid4().hex}"
    try:
        for left in folder.parent.glob(f".{source.name}.*"):
            if left.stat().st_mtime < time.time() - ABANDONED:
                shutil.rmtree(left, ignore_errors=True)
        aside.mkdir(parents=True)
        for number, remote in enumerate(source.remotes):
            archive = aside / f"download-{number}"
            _download(remote.url, archive, bar)
            for file, member in remote.holds.items():
                _unpack(archive, member, aside / file, remote.url)
            archive.unlink(missing_ok=True)
        found = {file: _verify(source, aside / file) for file in source.files}
        folder.mkdir(exist_ok=True)
        for file in source.files:
            os.replace(aside / file, folder / file)
    except OSError as error:
        raise DownloadError(f"{folder} cannot be written ({error.strerror}): make room or give permission") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return found


def _download(url: str, path: Path, bar: Bar | None) -> None:
    # pooch and requests are needed here only.
    import pooch
    import requests

    with ExitStack() as stack, path.open("wb") as file:

        def close_later(response: requests.Response, *_: object, **__: object) -> None:
            stack.callback(response.close)

        downloader = pooch.HTTPDownloader(
            progressbar=bar if bar is not None else False,
            timeout=PATIENCE,
            hooks={"response": close_later},
        )
        try:
            downloader(url, file, None)
        except requests.RequestException as error:
            raise DownloadError(f"{url} cannot be downloaded ({_reason(error)}): try again later") from error


def _reason(error: Exception) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return words if len(words) <= 200 else f"{words[:200]}…"


def _unpack(archive: Path, member: str, path: Path, url: str) -> None:
    """Write a member of an archive, or the downloaded file itself, to a path."""
    if not member:
        shutil.copyfile(archive, path)
        return
    try:
        with archive.open("rb") as file, _member(file, member.split("!/")) as content, path.open("wb") as out:
            shutil.copyfileobj(content, out, BLOCK)
    except KeyError as error:
        raise DownloadError(f"{url} holds no {member}: the archive has changed since this version") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise DownloadError(f"{url} gave no whole zip archive ({error}): try again later") from error


@contextmanager
def _member(file: IO[bytes], names: list[str]) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(file) as archive, archive.open(names[0]) as content:
        if len(names) == 1:
            yield content
        else:
            with _member(content, names[1:]) as inner:
                yield inner


def damaged(source: Source) -> list[str]:
    """The files of a data set that are here, but not the published ones; those without a published sum pass.

    Raises:
        DownloadError: a file cannot be read.
    """
    folder = data_folder() / source.name
    try:
        return [
            file for file, published in source.files.items() if published not in (None, _found(source, folder / file))
        ]
    except OSError as error:
        raise DownloadError(f"{folder} cannot be read ({error.strerror}): give permission") from error


def _found(source: Source, path: Path) -> str:
    """The SHA-256 that a file has, by the way that it is checked."""
    if source.files[path.name] is None:
        return _sum(path)
    if path.name in source.digests:
        return source.digests[path.name](path.read_bytes())
    return digest(path.read_bytes(), path.name in source.unpacked)


def _verify(source: Source, path: Path) -> str:
    published, found = source.files[path.name], _found(source, path)
    if published is not None and found != published:
        raise DownloadError(
            f"{source.name}: {path.name} was downloaded with SHA-256 {found} but the published file has {published}: "
            "nothing was kept; try again later"
        )
    return found


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
