"""From the words of a command line to the files that are meant."""

import glob
import stat
from collections.abc import Sequence
from pathlib import Path

ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz", ".parquet", ".pq")
"""What is taken of a folder."""


def expand(words: Sequence[str]) -> list[Path]:
    """The files that paths, patterns and folders name, each once, in this order; those of a folder by name.

    Raises:
        ValueError: something is missing, is no regular file, or names nothing that can be read.
    """
    found: list[Path] = []
    for word in words:
        for path in _meant(word):
            if path not in found:
                found.append(path)
    if not found:
        raise ValueError("no file given: pass a CSV or Parquet file")
    return found


def _meant(word: str) -> list[Path]:
    path = Path(word)
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        matched = sorted(map(Path, glob.glob(word))) if glob.has_magic(word) else []
        if matched:
            return [inner for one in matched for inner in _meant(str(one))]
        reason = "matches no file" if glob.has_magic(word) else _reason(error)
        raise ValueError(f"{word!r} {reason}: pass a CSV or Parquet file, a folder, or a pattern") from error
    if stat.S_ISDIR(mode):
        inside = sorted(inner for inner in path.iterdir() if inner.is_file() and inner.name.lower().endswith(ENDINGS))
        if not inside:
            raise ValueError(f"{word} is a folder without CSV or Parquet files ({', '.join(ENDINGS)}): pass a file")
        return inside
    if not stat.S_ISREG(mode):
        raise ValueError(f"{word} is no regular file: write what it gives into a file and pass that")
    return [path]


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    return f"cannot be read ({error.strerror or error})" if isinstance(error, OSError) else "is no path"
