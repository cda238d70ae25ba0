"""The top of the page: what it is, who made the numbers, and every item in a line."""

from collections.abc import Mapping, Sequence

from liquidtime.paper.engine import Item, Kept
from liquidtime.report.markup import Html, escape, facts, join, section, table, tag
from liquidtime.report.paper.provenance import provenance
from liquidtime.report.paper.verdicts import mark, shown
from liquidtime.report.paper.wording import MEANINGS, NOT_RUN, PURPOSE, TITLE, measured, result


def header(kept: Mapping[str, Kept], items: Sequence[Item]) -> Html:
    """What the page is, and what its numbers were made with."""
    made = [
        (name, join(tag("div", *_line(name, value, owners)) for value, owners in lines))
        for name, lines in (provenance(kept) if kept else {}).items()
    ]
    return tag(
        "header",
        tag("p", "liquidtime", class_="brand"),
        tag("h1", TITLE),
        tag("p", PURPOSE, " ", result(kept, items), class_="lead"),
        facts(made),
    )


def overview(kept: Mapping[str, Kept], items: Sequence[Item]) -> Html:
    """The table of all items."""
    quick = any(one.quick for one in kept.values())
    sentence = "One line per item; its name leads to the numbers, pictures and reasons."
    if quick:
        sentence += " What is marked (quick) is a first look on fewer seeds."
    meanings = (
        tag("span", tag("span", mark(kind), tag("span", words), class_="verdict"), f": {meaning}")
        for kind, (words, meaning) in MEANINGS.items()
    )
    return section(
        "items",
        "All items",
        sentence,
        table(
            ["item", "what", "published", "measured", "verdict"],
            [_row(item, kept.get(item.name)) for item in items],
            labels=True,
            class_="stacked items",
        ),
        tag("div", *meanings, class_="meanings"),
    )


def _line(name: str, value: str, owners: str) -> tuple[Html, Html]:
    text = tag("code", value) if name == "Command" else escape(value)
    return text, tag("span", f" ({owners})", class_="source") if owners else Html("")


def _row(item: Item, one: Kept | None) -> list[object]:
    what = join((item.title, tag("span", f" · {item.source}", class_="source")))
    if one is None:
        return [item.name, what, item.published, tag("span", NOT_RUN, class_="source"), ""]
    link = tag("a", item.name, href=f"#{item.name}")
    return [link, what, item.published, measured(one), shown(one.outcome.verdict)]
