"""The same as a Markdown document, without the pictures."""

from collections.abc import Iterable, Mapping, Sequence

from liquidtime.paper.engine import Item, Kept
from liquidtime.report.markdown import code, escape, table
from liquidtime.report.paper.provenance import provenance
from liquidtime.report.paper.wording import MEANINGS, NOT_RUN, PURPOSE, TITLE, extent, measured, result
from liquidtime.report.wording import duration, when


def markdown(kept: Mapping[str, Kept], items: Sequence[Item]) -> str:
    """The document as text; the same outcomes give the same text.

    Args:
        kept: outcomes by the name of their item.
        items: all items, in the order in which they are shown, measured or not.
    """
    parts = [f"# {escape(TITLE)}", escape(PURPOSE), escape(result(kept, items))]
    if kept:
        made = ((name, _lines(name, lines)) for name, lines in provenance(kept).items())
        parts += [table(["", ""], made, raw=True)]
    parts += ["The pictures stand on the page that the command writes beside its results, `report.html`."]
    rows = (_row(item, kept.get(item.name)) for item in items)
    parts += [table(["item", "what", "published", "measured", "verdict"], rows, raw=True)]
    parts += ["\n".join(f"* *{escape(words)}*: {escape(meaning)}." for words, meaning in MEANINGS.values())]
    for item in items:
        if item.name in kept:
            parts += _section(item, kept[item.name])
    return "\n\n".join(parts) + "\n"


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
        parts += [table(["claim", "published", "measured", "verdict", "note"], rows)]
    for one in outcome.tables:
        parts += [f"**{escape(one.title)}**", table(one.header, one.rows)]
        parts += [escape(one.note)] if one.note else []
    stamp = f"{extent(kept.quick)}, {when(kept.created)}, {duration(kept.seconds)} of one core"
    return [*parts, f"*Judged: {escape(stamp)}.*"]


def _row(item: Item, kept: Kept | None) -> list[str]:
    name, what = escape(item.name), f"{escape(item.title)} ({escape(item.source)})"
    if kept is None:
        return [name, what, escape(item.published), NOT_RUN, ""]
    verdict = escape(str(kept.outcome.verdict))
    return [f"[{name}](#{item.name})", what, escape(item.published), escape(measured(kept)), verdict]


def _lines(name: str, lines: Iterable[tuple[str, str]]) -> str:
    shown = ((code(value) if name == "Command" else escape(value), owners) for value, owners in lines)
    return "<br>".join(f"{value} ({escape(owners)})" if owners else value for value, owners in shown)
