"""Writing the rows of a file anew, with more columns."""

import os
from contextlib import suppress
from pathlib import Path

import polars as pl

from liquidtime.data.table.opening import Source, reason
from liquidtime.data.table.places import cut

ENDINGS = (".csv", ".parquet")


def check_output(path: Path) -> None:
    """Whether a path can take predictions.

    Raises:
        ValueError: its ending is not known, or something is there.
    """
    if path.suffix.lower() not in ENDINGS:
        raise ValueError(f"{path} ends in neither {' nor '.join(ENDINGS)}: name a file that does")
    if os.path.lexists(path):
        raise ValueError(f"{path} exists already: choose another output (-o)")


def write_beside(source: Source, columns: pl.DataFrame, path: Path) -> None:
    """Write a file's rows, in their order and as they are, and further columns beside them.

    What is written goes aside first, so that the path never holds half of it.

    Args:
        source: the file.
        columns: as many rows.
        path: to write; its ending says whether CSV or Parquet.

    Raises:
        ValueError: two columns have the same name, or the path cannot be written.
    """
    for name in columns.columns:
        if name in source.schema.names():
            raise ValueError(f"{source.name} has a column {cut(name)!r} already: rename it, so that none is lost")
    aside = path.with_name(f"{path.name}.tmp")
    both = pl.concat([source.lazy, columns.lazy()], how="horizontal")
    try:
        if path.suffix.lower() == ".parquet":
            both.sink_parquet(aside)
        else:
            both.sink_csv(aside)
        os.replace(aside, path)
    except (OSError, pl.exceptions.PolarsError) as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        why = getattr(error, "strerror", None) or reason(error)
        raise ValueError(f"{path} cannot be written ({why}): make room or give permission") from error
