"""Opening files of rows: each becomes a lazy frame of which only the needed columns are ever read."""

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from liquidtime.data.table.layout import DELIMITERS, NUMBER, checksum, inspect
from liquidtime.data.table.paths import expand

BROKEN = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What polars raises about files that are damaged; a panic is no `Exception`."""
GZIP, PARQUET = b"\x1f\x8b", b"PAR1"


@dataclass(frozen=True)
class Source:
    """A file whose rows can be read.

    Args:
        path: where it lies.
        name: what it is called in messages.
        sha256: of its bytes.
        rows: how many it has.
        lazy: its rows; those of a text file with every field as text.
        notes: what is odd about it, in a few words each.
    """

    path: Path
    name: str
    sha256: str
    rows: int
    lazy: pl.LazyFrame
    notes: tuple[str, ...] = ()

    @property
    def schema(self) -> pl.Schema:
        """Names and types of the columns."""
        return self.lazy.collect_schema()


@contextmanager
def opened(words: Sequence[str]) -> Iterator[list[Source]]:
    """Open the files that paths, patterns or folders name; what had to be unpacked is gone again afterwards.

    Raises:
        ValueError: a file cannot be read as rows, or the files have different columns; the message is one line.
    """
    paths = expand(words)
    names = [path.name for path in paths]
    with tempfile.TemporaryDirectory(prefix="liquidtime-") as folder:
        sources = []
        for number, path in enumerate(paths):
            name = path.name if names.count(path.name) == 1 else str(path)
            sources.append(_open(path, name, Path(folder) / str(number)))
        for source in sources[1:]:
            _check_same(sources[0], source)
        yield sources


def collect(frame: pl.LazyFrame, name: str) -> pl.DataFrame:
    """The rows of a lazy frame, read in pieces.

    Raises:
        ValueError: the file cannot be read.
    """
    try:
        return frame.collect(engine="streaming")
    except (*BROKEN, OSError) as error:
        raise ValueError(f"{name} cannot be read as rows ({reason(error)}): it is damaged, get it anew") from error


def reason(error: BaseException) -> str:
    """The first line of an error's message."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:120]


def _open(path: Path, name: str, aside: Path) -> Source:
    try:
        found = checksum(path)
        with path.open("rb") as file:
            start = file.read(4)
        if start == PARQUET:
            return _parquet(path, name, found)
        if start.startswith(GZIP):
            with gzip.open(path) as packed, aside.open("wb") as out:
                shutil.copyfileobj(packed, out, 1 << 20)
            return _text(path, name, found, aside)
        if path.suffix.lower() in (".parquet", ".pq"):
            raise ValueError(f"{name} is no Parquet file, whatever its name says: get it anew")
        return _text(path, name, found, path)
    except (OSError, EOFError, zlib.error) as error:
        reading = getattr(error, "strerror", None) or reason(error)
        raise ValueError(f"{name} cannot be read ({reading}): give permission, or get it anew") from error


def _parquet(path: Path, name: str, found: str) -> Source:
    try:
        lazy = pl.scan_parquet(path, glob=False)
        names = lazy.collect_schema().names()
        rows = int(lazy.select(pl.len()).collect().item())
    except (*BROKEN, OSError) as error:
        raise ValueError(f"{name} is no whole Parquet file ({reason(error)}): get it anew") from error
    if rows == 0 or not names:
        raise ValueError(f"{name}: no rows")
    return Source(path, name, found, rows, lazy)


def _text(path: Path, name: str, found: str, unpacked: Path) -> Source:
    layout = inspect(unpacked, name)
    lazy = pl.scan_csv(
        unpacked,
        separator=layout.delimiter,
        has_header=False,
        skip_rows=1,
        schema=dict.fromkeys(layout.names, pl.String),
        n_rows=layout.rows,
        glob=False,
        raise_if_empty=False,
    )
    notes = [] if layout.delimiter == "," else [f"fields between {DELIMITERS[layout.delimiter]}"]
    if layout.numbered:
        notes.append(_numbered(lazy, name, layout.extra))
    return Source(path, name, found, layout.rows, lazy, tuple(notes))


def _numbered(lazy: pl.LazyFrame, name: str, extra: bool) -> str:
    """What an unnamed first column is; one that the header does not even count has to number the rows."""
    numbers = collect(lazy.select(pl.col(NUMBER).str.strip_chars().cast(pl.Int64, strict=False)), name)[NUMBER]
    counting = numbers.null_count() == 0 and (len(numbers) == 1 or bool((numbers.diff().drop_nulls() == 1).all()))
    if extra and not counting:
        raise ValueError(
            f"{name}, row 1: one field more than the header has names, and the first does not number the rows: "
            "give every column a name"
        )
    where = "has no name in the header" if extra else "has no name"
    return f"the first column {where}{' and numbers the rows' if counting else ''}"


def _check_same(first: Source, other: Source) -> None:
    here, there = first.schema.names(), other.schema.names()
    missing, more = [one for one in here if one not in there], [one for one in there if one not in here]
    if missing or more:
        what = f"has no column {missing[0]!r}" if missing else f"has a column {more[0]!r}"
        raise ValueError(f"{other.name} {what}, unlike {first.name}: pass files with the same columns")
