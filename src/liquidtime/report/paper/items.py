"""One section per item: summary, findings, tables, pictures."""

from collections.abc import Sequence

from liquidtime.paper.engine import Finding, Item, Kept, Table
from liquidtime.report.markup import Html, escape, join, table, tag
from liquidtime.report.paper.pictures import drawn
from liquidtime.report.paper.verdicts import shown
from liquidtime.report.paper.wording import NOT_RUN, extent
from liquidtime.report.wording import duration, when


def item_section(item: Item, kept: Kept) -> Html:
    """The section of an item that was measured."""
    outcome = kept.outcome
    return tag(
        "section",
        _title(item),
        tag(
            "p",
            shown(outcome.verdict),
            tag("span", f"published: {item.published}"),
            tag("span", f"measured: {outcome.measured}"),
            tag("span", f"{extent(kept.quick)}, {when(kept.created)}, {duration(kept.seconds)} of one core"),
            class_="facts",
        ),
        tag("p", outcome.summary, class_="lead"),
        _findings(outcome.findings) if outcome.findings else "",
        *map(_table, outcome.tables),
        *(drawn(f"{item.name}-{index}", picture) for index, picture in enumerate(outcome.pictures)),
        tag("p", tag("a", "↑ all items", href="#items"), class_="no-print"),
        id=item.name,
    )


def missing_section(item: Item) -> Html:
    """The section of an item that was not."""
    how = join((f"{NOT_RUN}: ", tag("code", f"liquidtime paper {item.name}"), " does it."))
    return tag("section", _title(item), tag("p", how), id=item.name)


def _title(item: Item) -> Html:
    return tag("h2", f"{item.name}: {item.title} ", tag("span", item.source, class_="source"))


def _findings(findings: Sequence[Finding]) -> Html:
    rows = [_finding(one) for one in findings]
    return table(["claim", "published", "measured", "verdict", "note"], rows, labels=True, class_="stacked findings")


def _finding(one: Finding) -> list[object]:
    return [one.what, one.published, one.measured, shown(one.verdict), one.note]


def _table(one: Table) -> Html:
    note = tag("p", one.note, class_="note") if one.note else ""
    return tag("div", tag("h3", one.title), table(one.header, one.rows), escape(note), class_="numbers")
