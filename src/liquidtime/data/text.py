"""Reading tables of text, with the place of whatever is wrong."""

import csv
import io
import math
from collections.abc import Sequence


def table(text: str, name: str, header: Sequence[str] | None, fields: int | None = None) -> list[list[str]]:
    """The rows of a comma-separated table, each with as many fields as it should have.

    Args:
        text: what stands in the file.
        name: the file, for the message.
        header: the names that its first row must hold; None where it has no such row.
        fields: how many fields a row has; as many as the header if None.

    Raises:
        ValueError: the text is malformed; the message names file and row. Row 1 follows the header.
    """
    try:
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except (ValueError, csv.Error) as error:
        raise ValueError(f"{name}: not a comma-separated table ({error})") from error
    if header is not None:
        found, rows = (rows[0] if rows else []), rows[1:]
        if found != list(header):
            raise ValueError(f"{name}, header: found {_shown(found)}, expected {_shown(header)}")
    expected = fields if fields is not None else len(header or ())
    for number, row in enumerate(rows, 1):
        if len(row) != expected:
            raise ValueError(f"{name}, row {number}: {len(row)} fields, expected {expected}")
    if not rows:
        raise ValueError(f"{name}: no rows{'' if header is None else ' after the header'}")
    return rows


def decode(content: bytes, name: str, encoding: str = "utf-8") -> str:
    """A file's bytes as text.

    Raises:
        ValueError: they are no such text.
    """
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError(f"{name}: no {encoding} text ({error.reason} at byte {error.start})") from error


def finite(field: str, place: str, column: str) -> float:
    """A field as a number.

    Raises:
        ValueError: it is none, or not finite.

    Example:
        >>> finite("23,5", "datatest.txt, row 4", "Temperature")
        Traceback (most recent call last):
        ...
        ValueError: datatest.txt, row 4, column Temperature: '23,5' is not a number
    """
    try:
        value = float(field)
    except ValueError as error:
        raise ValueError(f"{place}, column {column}: {field!r} is not a number") from error
    if not math.isfinite(value):
        raise ValueError(f"{place}, column {column}: {field!r} is not a finite number")
    return value


def _shown(names: Sequence[str]) -> str:
    line = ",".join(names)
    return repr(line if len(line) <= 200 else f"{line[:200]}…")
