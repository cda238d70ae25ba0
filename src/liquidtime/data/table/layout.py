"""How a text file of rows is laid out, found in one pass over its bytes before anything is read from it."""

import codecs
import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from liquidtime.data.table.places import shown

BLOCK = 1 << 22
HEAD = 1 << 20
LONGEST = 1 << 25
"""Bytes that a header, and that a row may have."""
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
NUMBER = "row number"
"""What an unnamed first column is called."""
MARKS = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"PK\x03\x04": "a zip archive",
    b"\xfd7zXZ": "an xz file",
    b"BZh": "a bzip2 file",
    b"(\xb5/\xfd": "a zstandard file",
    b"\x1f\x8b": "a gzip file within a gzip file",
}


@dataclass(frozen=True)
class Layout:
    """A comma-separated file, or one of its relatives.

    Args:
        delimiter: what stands between two fields.
        names: of the columns, with `NUMBER` for a first one without a name.
        rows: how many follow the header.
        numbered: whether the first column has no name.
        extra: whether the header does not even have a place for it.
    """

    delimiter: str
    names: tuple[str, ...]
    rows: int
    numbered: bool
    extra: bool


def inspect(path: Path, name: str) -> Layout:
    """Look at every byte of a file, in bounded memory.

    Args:
        path: where it lies.
        name: what it is called in messages.

    Raises:
        ValueError: it is empty or no UTF-8 text, has no header or no rows, or its rows have unequal numbers of fields;
            the message names file, row and the way out. Row 1 follows the header.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
    for mark, what in MARKS.items():
        if head.startswith(mark):
            out = "save it as UTF-8" if what == "UTF-16" else "unpack it"
            raise ValueError(f"{name} is {what}, no UTF-8 text: {out} and pass that")
    if not head.strip():
        raise ValueError(f"{name} is empty: pass a file with a header and rows")
    if b"\0" in head:
        raise ValueError(f"{name}: byte {head.index(0)} is NUL, so this is no text: pass a CSV or Parquet file")
    found, delimiter = _header(head, name)
    counted = _count(path, name, delimiter)
    rows, fields = counted.rows - 1, len(found)
    if rows == 0:
        raise ValueError(f"{name}: no rows after the header")
    usual = counted.fields
    if usual not in (fields, fields + 1):
        raise ValueError(
            f"{name}, row 1: {usual} fields, but the header has {fields} names (delimiter {delimiter!r}): give every "
            "column a name"
        )
    if counted.odd is not None:
        row, number = counted.odd
        what = "an empty line" if number == 0 else f"{number} fields"
        raise ValueError(f"{name}, row {row}: {what}, expected {usual} fields: mend or drop the row")
    named = ["", *found] if usual == fields + 1 else found
    return Layout(delimiter, _checked(named, name), rows, named[0] == "", usual == fields + 1)


def _header(head: bytes, name: str) -> tuple[list[str], str]:
    text = codecs.getincrementaldecoder("utf-8-sig")("replace").decode(head)
    if "\n" not in text:
        if "\r" in text:
            raise ValueError(f"{name}: its lines end in carriage returns alone: convert them to line feeds")
        if len(head) == HEAD:
            raise ValueError(f"{name}: no line ends within the first {HEAD:,} bytes: pass a file of rows")
    line = _first_record(text)
    counts = {delimiter: len(_fields(line, delimiter, name)) for delimiter in DELIMITERS}
    delimiter = max(counts, key=lambda one: counts[one])
    found = [field.strip() for field in _fields(line, delimiter, name)]
    if found in ([], [""]):
        raise ValueError(f"{name}: its first line is empty: begin with the names of the columns")
    if any("\n" in one for one in found):
        raise ValueError(f"{name}: a name in its header has a line break: write it in one line")
    if all(map(_is_number, found)):
        raise ValueError(f"{name}: its first row holds numbers and no names ({shown(line.strip())}): add a header")
    return found, delimiter


def _first_record(text: str) -> str:
    """The text up to the first line break outside quotes."""
    quoted = False
    for place, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif letter == "\n" and not quoted:
            return text[:place].rstrip("\r")
    return text


def _fields(line: str, delimiter: str, name: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter), [])
    except csv.Error as error:
        raise ValueError(f"{name}: its header cannot be read ({error})") from error


def _checked(names: list[str], name: str) -> tuple[str, ...]:
    for number, one in enumerate(names[1:], 2):
        if not one:
            raise ValueError(f"{name}: column {number} has no name: give it one")
        if one in names[: number - 1]:
            raise ValueError(f"{name}: two columns are named {shown(one)}: rename one of them")
    if names[0] == "" and NUMBER in names:
        raise ValueError(f"{name}: the first column has no name, and another is called {NUMBER!r}: name the first")
    return (names[0] or NUMBER, *names[1:])


@dataclass
class _Counted:
    """Lines and the fields in them, as far as the file has been looked at."""

    rows: int = 0
    fields: int = 0
    odd: tuple[int, int] | None = None
    blank: int | None = None

    def add(self, counts: NDArray[np.int64], empty: NDArray[np.bool_]) -> None:
        """More lines: the fields in each, and whether there is nothing in it. Empty lines at the end do not count."""
        filled = np.flatnonzero(~empty)
        if len(filled) == 0:
            self.blank = self.rows if self.blank is None else self.blank
            return
        if self.blank is not None:
            self.odd = self.odd or (self.blank, 0)
        last = int(filled[-1]) + 1
        lines = np.arange(self.rows, self.rows + last)
        if self.rows <= 1 < self.rows + last:
            self.fields = int(counts[1 - self.rows])
        wrong = np.flatnonzero((empty[:last] | (counts[:last] != self.fields)) & (lines > 0))
        if len(wrong) and self.odd is None:
            first = int(wrong[0])
            self.odd = (int(lines[first]), 0 if empty[first] else int(counts[first]))
        self.rows += last
        self.blank = self.rows if last < len(empty) else None


def _count(path: Path, name: str, delimiter: str) -> _Counted:
    """Count lines and fields, and check that every byte belongs to UTF-8 text."""
    counted, decoder = _Counted(), codecs.getincrementaldecoder("utf-8")("strict")
    separator, seen = ord(delimiter), 0
    rest = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            _check_text(block, decoder, name, counted, seen)
            seen += len(block)
            content = rest + block
            codes = np.frombuffer(content, np.uint8)
            quotes = codes == 34
            inside = np.cumsum(quotes, dtype=np.uint8) & 1 == 1 if quotes.any() else None
            ends = _outside(codes == 10, inside)
            if len(ends):
                _check_quotes(codes[: ends[-1] + 1], quotes, ends, separator, f"{name}, row ", counted.rows)
                _add(counted, codes[: ends[-1] + 1], ends, _outside(codes[: ends[-1] + 1] == separator, inside))
                rest = content[ends[-1] + 1 :]
            else:
                rest = content
            if len(rest) > LONGEST:
                raise ValueError(f"{name}, row {counted.rows}: no end within {LONGEST:,} bytes: close its quotes")
    if rest.count(b'"') % 2:
        raise ValueError(f"{name}, row {counted.rows}: a quote is never closed: close it, or drop the row")
    if rest.strip(b"\r"):
        codes = np.frombuffer(rest + b"\n", np.uint8)
        quotes = codes == 34
        inside = np.cumsum(quotes, dtype=np.uint8) & 1 == 1
        ends = _outside(codes == 10, inside)
        _check_quotes(codes, quotes, ends, separator, f"{name}, row ", counted.rows)
        _add(counted, codes, ends, _outside(codes == separator, inside))
    return counted


def _check_quotes(
    codes: NDArray[np.uint8],
    quotes: NDArray[np.bool_],
    ends: NDArray[np.int64],
    separator: int,
    place: str,
    rows: int,
) -> None:
    """Whether quotes stand at the ends of fields only, or double: readers disagree about all others."""
    marks = np.flatnonzero(quotes[: len(codes)])
    before = codes[marks[::2] - 1]
    after = codes[np.minimum(marks[1::2] + 1, len(codes) - 1)]
    opens = (marks[::2] == 0) | np.isin(before, (separator, 10, 34))
    closes = np.isin(after, (separator, 10, 13, 34))
    wrong = np.concatenate([marks[::2][~opens], marks[1::2][~closes]])
    if len(wrong):
        row = rows + int(np.searchsorted(ends, wrong.min()))
        raise ValueError(f"{place}{row}: a quote within a field: put the field in quotes and write the quote twice")


def _outside(there: NDArray[np.bool_], inside: NDArray[np.bool_] | None) -> NDArray[np.int64]:
    return np.flatnonzero(there if inside is None else there & ~inside[: len(there)])


def _add(counted: _Counted, codes: NDArray[np.uint8], ends: NDArray[np.int64], separators: NDArray[np.int64]) -> None:
    fields = np.diff(np.searchsorted(separators, ends), prepend=0) + 1
    lengths = np.diff(ends, prepend=-1) - 1
    returns = (lengths == 1) & (codes[ends - 1] == 13)
    counted.add(fields, (lengths == 0) | returns)


def _check_text(block: bytes, decoder: codecs.IncrementalDecoder, name: str, counted: _Counted, seen: int) -> None:
    if b"\0" in block:
        row = counted.rows + block[: block.index(0)].count(b"\n")
        raise ValueError(
            f"{name}, row {row}: byte {seen + block.index(0)} is NUL: this is no text, or the file is damaged"
        )
    try:
        decoder.decode(block)
    except UnicodeDecodeError as error:
        row = counted.rows + error.object[: error.start].count(b"\n")
        letter = error.object[error.start]
        raise ValueError(
            f"{name}, row {row}: byte 0x{letter:02x} is no UTF-8 text: save the file as UTF-8 "
            "(iconv -f latin1 -t utf-8)"
        ) from error


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True


def checksum(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
