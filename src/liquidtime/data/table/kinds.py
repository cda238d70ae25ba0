"""What a column holds: numbers, truth values, categories, dates, or nothing that a model can use."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from liquidtime.data.table.opening import Source, collect
from liquidtime.data.table.places import at, shown

MISSING = ("NA", "N/A", "NaN", "nan", "-nan", "null", "NULL", "None", "?")
"""Words for a missing value where the other values are numbers; an empty field is always missing."""
TRUTHS = ("true", "false")
MOSTLY = 0.9
"""A column with a larger share of numbers is meant to hold numbers."""


@dataclass(frozen=True)
class Kind:
    """What a column holds.

    Args:
        name: `number`, `boolean`, `category`, `date`, `nothing`, `mixed` (numbers, most of them) or `other`.
        different: about how many texts there are; 0 where it holds none.
    """

    name: str
    different: int = 0


def text(column: str) -> pl.Expr:
    """A column as text, without blanks around it; None where there is none."""
    stripped = pl.col(column).cast(pl.String).str.strip_chars()
    return pl.when(stripped != "").then(stripped)


def number(column: str, dtype: pl.DataType, quick: bool = False) -> pl.Expr:
    """A column as float64, None where a value is missing or is no number; in haste, also where blanks surround it."""
    values = pl.col(column)
    if dtype == pl.String and not quick:
        values = values.str.strip_chars()
    return values.cast(pl.Float64, strict=False).fill_nan(None)


def boolean(column: str, dtype: pl.DataType) -> pl.Expr:
    """A column of truth values as booleans."""
    return pl.col(column) if dtype == pl.Boolean else text(column).str.to_lowercase() == "true"


def category(column: str, dtype: pl.DataType) -> pl.Expr:
    """A column as the names of categories; whole numbers lose their point."""
    if dtype.is_float():
        whole = (pl.col(column) == pl.col(column).floor()) & (pl.col(column).abs() < 2**53)
        plain = pl.when(whole).then(pl.col(column).cast(pl.Int64, strict=False).cast(pl.String))
        return plain.otherwise(pl.when(pl.col(column).is_not_nan()).then(pl.col(column).cast(pl.String)))
    return text(column)


def find(sources: Sequence[Source], columns: Sequence[str]) -> dict[str, Kind]:
    """What each of the columns holds, over all files.

    Raises:
        ValueError: a file cannot be read, or a column is of unlike types in two files.
    """
    types = {name: sources[0].schema[name] for name in columns}
    for source in sources[1:]:
        for name in columns:
            if _family(source.schema[name]) != _family(types[name]):
                raise ValueError(
                    f"{source.name}: column {name} is {source.schema[name]}, but {types[name]} in {sources[0].name}: "
                    "write it alike in all files"
                )
    kinds = {name: Kind(_family(types[name])) for name in columns if _family(types[name]) in ("date", "other")}
    rest = [name for name in columns if name not in kinds]
    counts = _sum(sources, rest, lambda name: _counts(name, types[name]))
    texts = [name for name in rest if types[name] == pl.String and counts[name]["numbers"] < counts[name]["filled"]]
    words = _sum(sources, texts, _words)
    return kinds | {name: _kind(types[name], counts[name] | words.get(name, {})) for name in rest}


def refuse_words(sources: Iterable[Source], name: str, others: str, way_out: str) -> None:
    """Name the first field of a column that holds no number.

    Args:
        sources: the files.
        name: the column.
        others: what holds numbers, in words.
        way_out: what to do, beside mending the field.

    Raises:
        ValueError: there is one.
    """
    for source in sources:
        strange = text(name).is_not_null() & ~text(name).is_in(MISSING)
        strange &= pl.col(name).str.strip_chars().cast(pl.Float64, strict=False).is_null()
        query = source.lazy.select(text(name).alias("value"), strange.alias("strange")).with_row_index("row")
        found = collect(query.filter("strange").head(1), source.name)
        if len(found):
            row, value, _ = found.row(0)
            raise ValueError(
                f"{at(source.name, row, name)}: {shown(value)} is not a number, as {others}: mend it, {way_out}"
            )


def _family(dtype: pl.DataType) -> str:
    if dtype.is_numeric() or dtype in (pl.Boolean, pl.Null, pl.String):
        return "number" if dtype.is_numeric() else str(dtype)
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return "category"
    return "date" if dtype in (pl.Date, pl.Datetime) else "other"


def _sum(
    sources: Sequence[Source], columns: Sequence[str], counts: Callable[[str], dict[str, pl.Expr]]
) -> dict[str, dict[str, int]]:
    """Counts per column, added over the files."""
    total: dict[str, dict[str, int]] = {name: {} for name in columns}
    for source in sources if columns else ():
        wanted = [(name, what, count) for name in columns for what, count in counts(name).items()]
        found = collect(source.lazy.select(count.alias(str(k)) for k, (*_, count) in enumerate(wanted)), source.name)
        for (name, what, _), value in zip(wanted, found.row(0), strict=True):
            total[name][what] = total[name].get(what, 0) + int(value or 0)
    return total


def _counts(name: str, dtype: pl.DataType) -> dict[str, pl.Expr]:
    numbers = (
        pl.lit(0) if dtype == pl.Boolean or _family(dtype) == "category" else number(name, dtype, quick=True).count()
    )
    return {"filled": pl.col(name).count(), "numbers": numbers}


def _words(name: str) -> dict[str, pl.Expr]:
    values = text(name)
    return {
        "filled": values.count(),
        "numbers": number(name, pl.String()).count(),
        "missing": values.is_in(MISSING).sum(),
        "truths": values.str.to_lowercase().is_in(TRUTHS).sum(),
        "different": values.approx_n_unique(),
    }


def _kind(dtype: pl.DataType, counts: dict[str, int]) -> Kind:
    filled, numbers, missing = counts["filled"], counts["numbers"], counts.get("missing", 0)
    if filled == 0 or (filled == missing and dtype == pl.String):
        return Kind("nothing")
    if dtype == pl.Boolean or counts.get("truths") == filled:
        return Kind("boolean")
    if _family(dtype) == "category":
        return Kind("category")
    if numbers + missing >= filled:
        return Kind("number" if numbers else "nothing")
    if numbers > MOSTLY * (filled - missing):
        return Kind("mixed")
    return Kind("category", counts["different"])
