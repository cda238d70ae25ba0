"""The column that says when a row is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from liquidtime.data.table.kinds import number
from liquidtime.data.table.opening import Source, collect, reason
from liquidtime.data.table.places import at, shown

FORMATS = (
    *(
        f"%Y-%m-%d{between}{clock}{zone}"
        for clock in ("%H:%M:%S%.f", "%H:%M")
        for between in (" ", "T")
        for zone in ("", "Z", "%z")
    ),
    "%Y-%m-%d",
)
"""ISO 8601 as people write it."""
EPOCH = {"s": (5e8, 5e9), "ms": (5e11, 5e12), "us": (5e14, 5e15), "ns": (5e17, 5e18)}
"""Numbers from 1985 to 2128, counted from 1970."""
LATEST = 2.5e11
"""Seconds from 1970 to the year 9892."""
PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}


@dataclass(frozen=True)
class Clock:
    """How a column of times is read.

    Args:
        column: its name.
        form: the format of its dates, empty for dates that the file stores as such; None for numbers.
        epoch: the unit of numbers that count from 1970, one of `EPOCH`; empty for plain numbers and dates.
    """

    column: str
    form: str | None
    epoch: str = ""

    @property
    def unit(self) -> str:
        """The unit of differences between two times: `s`, or empty where none is known."""
        return "s" if self.form is not None or self.epoch else ""

    def read(self, dtype: pl.DataType, quick: bool = False) -> pl.Expr:
        """The column as seconds since 1970, or as the numbers that it holds (float64); None for what is none.

        In haste, None also where blanks surround a time or it has fractions of a second.
        """
        if self.form is None:
            return number(self.column, dtype, quick) / PER_SECOND.get(self.epoch, 1.0)
        moments = pl.col(self.column)
        if dtype == pl.String:
            form = self.form.replace("%.f", "") if quick else self.form
            written = moments if quick else moments.str.strip_chars()
            moments = written.str.to_datetime(form, strict=False, time_unit="us")
        return moments.cast(pl.Datetime("us")).cast(pl.Int64) / 1e6

    def seconds(self, value: object) -> float:
        """One time, as `read` gives it.

        Raises:
            ValueError: it is none.
        """
        frame = pl.DataFrame({self.column: [value]}, strict=False)
        found = frame.select(self.read(frame.schema[self.column])).item()
        if found is None or not np.isfinite(found):
            raise ValueError(f"{self.column}={value!r}: pass a time, written as in training")
        return float(found)

    def moments(self, seconds: NDArray[np.float64]) -> NDArray[np.datetime64] | None:
        """Times as dates, where they are."""
        return (1e6 * seconds).round().astype("datetime64[us]") if self.unit else None


def clock_of(sources: Sequence[Source], column: str, form: str | None) -> Clock:
    """How the times of some files are written.

    Args:
        sources: the files.
        column: the one that holds the times.
        form: the format that the user gave; None to find it.

    Raises:
        ValueError: the first time is neither a number nor a date in a known format, or the format makes no sense.
    """
    dtype = sources[0].schema[column]
    if dtype in (pl.Date, pl.Datetime):
        return Clock(column, "")
    first = next(filter(None, (_first(source, column) for source in sources)), None)
    if first is None:
        raise ValueError(f"column {column} holds no times: name another with --time, or leave it out")
    value, source, row = first
    if form is not None:
        _check_format(form)
        return Clock(column, form)
    if dtype.is_numeric() or pl.Series([value]).cast(pl.Float64, strict=False).item() is not None:
        return Clock(column, None, _epoch(float(value)))
    for known in FORMATS:
        if pl.Series([value]).str.to_datetime(known, strict=False).item() is not None:
            return Clock(column, known)
    raise ValueError(
        f"{at(source, row, column)}: {shown(value)} is neither a date like 2015-02-04 17:51:00 nor a number: say how "
        "it is written, such as --time-format '%d/%m/%Y %H:%M:%S'"
    )


def check_times(seconds: pl.Series, clock: Clock, source: Source) -> None:
    """Whether every row of a file has a time.

    Raises:
        ValueError: one has none; the message names it.
    """
    wrong = (seconds.is_null() | ~seconds.is_finite() | (seconds.abs() > (LATEST if clock.unit else np.inf))).arg_true()
    if len(wrong) == 0:
        return
    row = int(wrong[0])
    raw = collect(source.lazy.select(pl.col(clock.column)).slice(row, 1), source.name).item()
    place = at(source.name, row, clock.column)
    if raw is None or str(raw).strip() == "":
        raise ValueError(f"{place}: no time: give it one, or drop the row")
    if clock.unit and seconds[row] is not None and np.isfinite(seconds[row]):
        raise ValueError(f"{place}: {shown(raw)} lies beyond all dates: is it in another unit than {clock.epoch}?")
    what = "a number" if clock.form is None else "a date" + (f" like {clock.form}" if clock.form else "")
    raise ValueError(f"{place}: {shown(raw)} is not {what}: pass --time-format, mend it, or drop the row")


def _first(source: Source, column: str) -> tuple[str, str, int] | None:
    query = source.lazy.select(pl.col(column).cast(pl.String).str.strip_chars().alias("value")).with_row_index("row")
    found = collect(query.filter(pl.col("value").is_not_null() & (pl.col("value") != "")).head(1), source.name)
    return (found["value"][0], source.name, found["row"][0]) if len(found) else None


def _epoch(value: float) -> str:
    return next((unit for unit, (low, high) in EPOCH.items() if low <= abs(value) < high), "")


def _check_format(form: str) -> None:
    try:
        pl.Series(["2015"]).str.to_datetime(form, strict=False)
    except pl.exceptions.PolarsError as error:
        raise ValueError(
            f"time_format={form!r} makes no sense ({reason(error)}): pass one like '%d/%m/%Y %H:%M'"
        ) from error
