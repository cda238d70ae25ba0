"""Where downloaded data sets lie, and whether their files are the published ones."""

import gzip
import hashlib
import os
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "LIQUIDTIME_DATA"
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)
"""What `zipfile` raises for an archive that is not whole: `RuntimeError` where a flipped bit says “encrypted”, say."""


def data_folder() -> Path:
    """The folder that holds one subfolder per data set.

    `$LIQUIDTIME_DATA`, else `$XDG_CACHE_HOME/liquidtime/data`, else `~/.cache/liquidtime/data`.
    """
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "liquidtime" / "data"


def read_files(name: str, checksum: Mapping[str, str]) -> dict[str, bytes]:
    """The files of a data set, checked.

    Args:
        name: the data set, and the subfolder where its files lie.
        checksum: SHA-256 of each file.

    Raises:
        ValueError: files are missing, cannot be read, or are not the published ones; the message names them, where
            they were looked for, and the way out.
    """
    require(name, checksum)
    return {file: read_file(name, file, published) for file, published in checksum.items()}


def require(name: str, files: Mapping[str, object]) -> None:
    """Whether all files of a data set are there.

    Raises:
        ValueError: some are not.
    """
    folder = data_folder() / name
    missing = [file for file in files if not (folder / file).is_file()]
    if missing:
        shown = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        are = "is" if len(missing) == 1 else "are"
        raise ValueError(
            f"{name}: {shown} {are} missing from {folder}: get them with `liquidtime data get {name}`, or set "
            f"{VARIABLE} to the folder that holds {name}/"
        )


def read_file(name: str, file: str, published: str | None, *, unpack: bool = False) -> bytes:
    """One file of a data set, checked against its SHA-256.

    Args:
        name: the data set.
        file: its file.
        published: the SHA-256; None where nobody published one, so that the file is taken as it is.
        unpack: whether it is gzipped, and the SHA-256 is that of what it holds.

    Raises:
        ValueError: it cannot be read or unpacked, or is not the published one.
    """
    path = data_folder() / name / file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror}): give permission, or get it anew") from error
    anew = f"delete it and get it anew with `liquidtime data get {name}`"
    try:
        content = gzip.decompress(content) if unpack else content
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} cannot be unpacked ({error}): {anew}") from error
    found = hashlib.sha256(content).hexdigest()
    if published is not None and found != published:
        raise ValueError(
            f"{path} has SHA-256 {found} ({len(content):,} bytes) but the published file has {published}: {anew}"
        )
    return content


def digest(content: bytes, unpack: bool = False) -> str:
    """The SHA-256 of a file's bytes, or of what they hold; of what cannot be unpacked that of its bytes."""
    try:
        content = gzip.decompress(content) if unpack else content
    except (OSError, EOFError, zlib.error):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha256(content).hexdigest()
