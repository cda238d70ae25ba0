"""Reading the household-power file, of two million rows, or its first part."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from liquidtime.data.local import data_folder, read_file, require
from liquidtime.data.series import Series, fill

if TYPE_CHECKING:
    import polars as pl

FILE = "household_power_consumption.txt"
HEAD = "household_power_consumption_head.txt.gz"
CHECKSUM: dict[str, str | None] = {FILE: None}
"""Of the published file; nobody published its sum."""
SIZE = 132_960_755
"""Bytes of the published file."""
HEAD_CHECKSUM = {HEAD: "431f8d5d3d2fac7ecb294764b61cf7c5bb1127ef664a72a7925917b97e6d0850"}
"""Of what the gzipped first part holds: the header and 37,547 rows."""
COLUMNS = (
    "Global_active_power",
    "Global_reactive_power",
    "Voltage",
    "Global_intensity",
    "Sub_metering_1",
    "Sub_metering_2",
    "Sub_metering_3",
)
"""kW, kW, V, A, Wh (kitchen), Wh (laundry), Wh (water heater and air conditioning)."""
HEADER = ("Date", "Time", *COLUMNS)


@dataclass(frozen=True, eq=False)
class Household:
    """The minutes of the file.

    Args:
        minutes: active power as the only target (R, 1), the six other columns as inputs (R, 6); a missing value
            repeats the last one of its column.
        checksum: SHA-256 of the file.
        variant: empty for the whole file, else which part it is.
    """

    minutes: Series
    checksum: dict[str, str]
    variant: str


def read() -> Household:
    """The published file where it is, else its first part.

    Raises:
        ValueError: both are missing, or the file is damaged or not the published one.
    """
    if (data_folder() / "power" / HEAD).is_file() and not (data_folder() / "power" / FILE).is_file():
        minutes = parse(read_file("power", HEAD, HEAD_CHECKSUM[HEAD], unpack=True), HEAD.removesuffix(".gz"))
        return Household(minutes, dict(HEAD_CHECKSUM), f"the first {len(minutes):,} minutes of the published file")
    require("power", CHECKSUM)
    path = data_folder() / "power" / FILE
    if path.stat().st_size != SIZE:
        raise ValueError(
            f"{path} has {path.stat().st_size:,} bytes but the published file has {SIZE:,}: delete it and get it anew "
            "with `liquidtime data get power`"
        )
    content = read_file("power", FILE, CHECKSUM[FILE])
    return Household(parse(content, FILE), {FILE: hashlib.sha256(content).hexdigest()}, "")


def parse(content: bytes, name: str) -> Series:
    """A file's bytes: a header of 9 names, then rows of a date, a time and seven numbers, `?` or nothing.

    Raises:
        ValueError: the text is malformed; the message names file, row and column. Row 1 follows the header.
    """
    # polars is fast enough for two million rows.
    import polars as pl

    try:
        text = pl.read_csv(content, separator=";", infer_schema=False, quote_char=None)
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"{name}: not a table with semicolons ({' '.join(str(error).split())[:120]})") from error
    if tuple(text.columns) != HEADER:
        raise ValueError(f"{name}, header: found {';'.join(text.columns)[:200]!r}, expected {';'.join(HEADER)!r}")
    if len(text) == 0:
        raise ValueError(f"{name}: no rows after the header")
    moments = (text["Date"] + " " + text["Time"]).str.to_datetime("%d/%m/%Y %H:%M:%S", strict=False)
    if moments.null_count():
        row = int(moments.is_null().arg_max() or 0)
        found = f"{text['Date'][row]} {text['Time'][row]}"
        raise ValueError(f"{name}, row {row + 1}: {found!r} is not a date like 16/12/2006 17:24:00")
    values = np.stack([_column(text[column], name) for column in COLUMNS], 1)
    filled = fill(values, np.arange(len(COLUMNS), dtype=np.float64))
    time = moments.to_numpy().astype("datetime64[s]")
    return Series(name, filled[:, 1:], filled[:, :1], time)


def _column(words: "pl.Series", name: str) -> NDArray[np.float64]:
    import polars as pl

    missing = words.is_in(["?", ""]) | words.is_null()
    numbers = words.cast(pl.Float64, strict=False)
    wrong = (~missing & (numbers.is_null() | ~numbers.is_finite())).to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(f"{name}, row {row + 1}, column {words.name}: {words[row]!r} is not a finite number")
    return np.where(missing.to_numpy(), np.nan, numbers.fill_null(np.nan).to_numpy())
