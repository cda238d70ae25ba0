"""The same as Markdown, without the pictures."""

from collections.abc import Iterable, Sequence

from liquidtime.comparison import CellOutcome
from liquidtime.comparison.table import Row
from liquidtime.report.comparison import wording
from liquidtime.report.comparison.contests import HEADER, contest_lines
from liquidtime.report.comparison.lines import Line, Value, columns, lines
from liquidtime.report.comparison.provenance import provenance
from liquidtime.report.markdown import code, escape, table
from liquidtime.report.wording import model_title


def markdown(rows: Sequence[Row], outcomes: Sequence[CellOutcome], command: str = "") -> str:
    """The tables as text; the same outcomes give the same text.

    Args:
        rows: of the table.
        outcomes: the cells that the rows were made from.
        command: what the user typed; empty if it was started from Python.
    """
    parts = [f"# {escape(wording.TITLE)}", escape(wording.verdict(rows))]
    if rows:
        parts += [_results(rows), _list(wording.READING)]
        parts += [_notes(rows)] if wording.notes(rows) else []
        parts += (
            [table(HEADER, contest_lines(rows)), _list(wording.TESTING)] if any(row.contests for row in rows) else []
        )
        parts += ["The pictures stand on the page that the command writes beside its results, `comparison.html`."]
        made = [(name, "<br>".join(map(escape, told))) for name, told in provenance(outcomes).items()]
        parts += [table(["", ""], [("Command", code(command) if command else "started from Python"), *made], raw=True)]
    return "\n\n".join(parts) + "\n"


def _results(rows: Sequence[Row]) -> str:
    models = columns(rows)
    header = ["data set", "protocol, recipe", *map(model_title, models), "seeds", "epochs"]
    return table(header, (_line(line, models) for line in lines(rows)), raw=True)


def _line(line: Line, models: Sequence[str]) -> list[str]:
    name = f"{line.data}, {line.measure.title}"
    values = (_value(line, line.values.get(model)) for model in models)
    return [escape(name), escape(line.how), *values, line.seeds, line.epochs]


def _value(line: Line, value: Value | None) -> str:
    if value is None:
        return ""
    text = escape(wording.told(line.measure, value.score))
    return (f"**{text}**" if value.best else text) + (f" {wording.MARK}" if value.matched else "")


def _notes(rows: Sequence[Row]) -> str:
    return _list(f"{where}: {what}." for where, what in wording.notes(rows))


def _list(sentences: Iterable[str]) -> str:
    return "\n".join(f"* {escape(sentence)}" for sentence in sentences)
