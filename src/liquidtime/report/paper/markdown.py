"""The same as a Markdown document, without the pictures."""

import re
from collections.abc import Iterable, Mapping, Sequence

from liquidtime.paper.engine import Item, Kept
from liquidtime.report.paper.provenance import provenance
from liquidtime.report.paper.wording import (
    MEANINGS,
    NOT_RUN,
    PURPOSE,
    TITLE,
    duration,
    extent,
    measured,
    result,
    when,
)


def markdown(kept: Mapping[str, Kept], items: Sequence[Item]) -> str:
    """The document as text; the same outcomes give the same text.

    Args:
        kept: outcomes by the name of their item.
        items: all items, in the order in which they are shown, measured or not.
    """
    parts = [f"# {escape(TITLE)}", escape(PURPOSE), escape(result(kept, items))]
    if kept:
        made = ((name, _lines(name, lines)) for name, lines in provenance(kept).items())
        parts += [_table(["", ""], made, raw=True)]
    parts += ["The pictures stand on the page that the command writes beside its results, `report.html`."]
    rows = (_row(item, kept.get(item.name)) for item in items)
    parts += [_table(["item", "what", "published", "measured", "verdict"], rows, raw=True)]
    parts += ["\n".join(f"* *{escape(words)}*: {escape(meaning)}." for words, meaning in MEANINGS.values())]
    for item in items:
        if item.name in kept:
            parts += _section(item, kept[item.name])
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    r"""Text that Markdown leaves as it is, in one line.

    Example:
        >>> print(escape("|f| < 1, a_b * c"), escape("_x_"))
        \|f\| \< 1, a_b \* c \_x\_
    """
    line = " ".join(text.split())
    return re.sub(r"[\\|*`\[\]<>$~]|(?<!\w)_|_(?!\w)", lambda found: f"\\{found[0]}", line)


def _section(item: Item, kept: Kept) -> list[str]:
    outcome = kept.outcome
    parts = [
        f"## {escape(item.name)}",
        f"**{escape(item.title)}** ({escape(item.source)}). Verdict: **{escape(str(outcome.verdict))}**. "
        f"Published: {escape(item.published)}. Measured: {escape(outcome.measured)}.",
        escape(outcome.summary),
    ]
    if outcome.findings:
        rows = ([f.what, f.published, f.measured, str(f.verdict), f.note] for f in outcome.findings)
        parts += [_table(["claim", "published", "measured", "verdict", "note"], rows)]
    for table in outcome.tables:
        parts += [f"**{escape(table.title)}**", _table(table.header, table.rows)]
        parts += [escape(table.note)] if table.note else []
    stamp = f"{extent(kept.quick)}, {when(kept.created)}, {duration(kept.seconds)} of one core"
    return [*parts, f"*Measured: {escape(stamp)}.*"]


def _row(item: Item, kept: Kept | None) -> list[str]:
    name, what = escape(item.name), f"{escape(item.title)} ({escape(item.source)})"
    if kept is None:
        return [name, what, escape(item.published), NOT_RUN, ""]
    verdict = escape(str(kept.outcome.verdict))
    return [f"[{name}](#{item.name})", what, escape(item.published), escape(measured(kept)), verdict]


def _lines(name: str, lines: Iterable[tuple[str, str]]) -> str:
    shown = ((_code(value) if name == "Command" else escape(value), owners) for value, owners in lines)
    return "<br>".join(f"{value} ({escape(owners)})" if owners else value for value, owners in shown)


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    inside = " ".join(text.split()).replace("|", "\\|")
    return f"{fence} {inside} {fence}" if len(fence) > 1 else f"{fence}{inside}{fence}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], raw: bool = False) -> str:
    """A table; its cells are text, or Markdown already."""
    written = [[cell if raw else escape(cell) for cell in row] for row in rows]
    lines = [[escape(name) for name in header], ["---"] * len(header), *written]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
