"""The whole page of a comparison: one file that needs no network."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

from liquidtime.comparison import Cell, CellOutcome
from liquidtime.comparison.table import Row
from liquidtime.data import SOURCES
from liquidtime.report.comparison.picture import pictures
from liquidtime.report.comparison.provenance import provenance
from liquidtime.report.comparison.style import STYLE
from liquidtime.report.comparison.tables import contests, notes, results
from liquidtime.report.comparison.wording import PAPER, READING, TESTING, TITLE, causes, verdict
from liquidtime.report.document import document
from liquidtime.report.markup import Html, facts, join, section, tag
from liquidtime.training import write_aside


def write(
    folder: str | Path,
    rows: Sequence[Row],
    outcomes: Sequence[CellOutcome],
    command: str = "",
    failures: Mapping[Cell, str] | None = None,
) -> Path:
    """Write `comparison.html` into a folder of results, beside its place first, and return its path.

    Args:
        folder: where the results stand.
        rows: of the table.
        outcomes: the cells that the rows were made from.
        command: what the user typed; empty if it was started from Python.
        failures: cells that failed, and why.

    Raises:
        RunFolderError: the page cannot be written.

    Example:
        >>> from liquidtime.comparison import kept_cells
        >>> from liquidtime.comparison.table import table
        >>> outcomes = list(kept_cells("comparison"))
        >>> write("comparison", table(outcomes), outcomes)  # doctest: +SKIP
        PosixPath('comparison/comparison.html')
    """
    path = Path(folder) / "comparison.html"
    write_aside(path, render(rows, outcomes, command, failures).encode())
    return path


def render(
    rows: Sequence[Row], outcomes: Sequence[CellOutcome], command: str = "", failures: Mapping[Cell, str] | None = None
) -> str:
    """The page as text."""
    body = [_header(rows, command), _failed(failures or {})]
    if rows:
        groups = [(data, list(some)) for data, some in groupby(rows, key=lambda row: row.data)]
        body += [_results(rows), *(_data_set(data, some) for data, some in groups), _contests(rows)]
        body += [_reproducibility(outcomes, command)]
    return document(TITLE, body, STYLE)


def _header(rows: Sequence[Row], command: str) -> Html:
    purpose = f"Recurrent models on the data sets of {PAPER}, trained here, beside what was published. "
    return tag(
        "header",
        tag("p", "liquidtime", class_="brand"),
        tag("h1", TITLE),
        tag("p", purpose, verdict(rows), class_="lead"),
        facts([("Command", _typed(command))]),
    )


def _failed(failures: Mapping[Cell, str]) -> Html:
    if not failures:
        return Html("")
    told = (tag("p", tag("strong", cells), f": {reason}") for cells, reason in causes(failures))
    return tag("section", tag("h2", "What failed"), *told, id="failed")


def _results(rows: Sequence[Row]) -> Html:
    sentence = "Each line is a data set under a protocol, by a kind of recipe; what was published stands above it."
    reading = tag("ul", *(tag("li", one) for one in READING), class_="reading")
    return section("results", "All results", sentence, results(rows), reading, notes(rows))


def _data_set(data: str, rows: Sequence[Row]) -> Html:
    measure = rows[0].measure
    sentence = f"{measure.title.capitalize() if measure.title.islower() else measure.title} of the test windows"
    more = "more is better" if measure.more else "less is better"
    title = tag("h2", f"{data} ", tag("span", SOURCES[data].title, class_="source"))
    return tag("section", title, tag("p", f"{sentence}; {more}."), pictures(f"picture-{data}", rows), id=data)


def _contests(rows: Sequence[Row]) -> Html:
    sentence = "Each form of the LTC against the best of the other models, on the seeds that both have."
    if not any(row.contests for row in rows):
        sentence = "No LTC and other model share two seeds yet, so there is nothing to test."
        return section("tests", "Is the LTC better?", sentence)
    reading = tag("ul", *(tag("li", one) for one in TESTING), class_="reading")
    return section("tests", "Is the LTC better?", sentence, contests(rows), reading)


def _reproducibility(outcomes: Sequence[CellOutcome], command: str) -> Html:
    sentence = (
        "What made these numbers. On a CPU, the same data, recipe, seed and versions give the same weights bit for "
        "bit; each run was on one thread."
    )
    made = [(name, join(tag("div", one) for one in told)) for name, told in provenance(outcomes).items()]
    return section("reproducibility", "Reproducibility", sentence, facts([("Command", _typed(command)), *made]))


def _typed(command: str) -> Html:
    return tag("code", command) if command else tag("span", "started from Python")
