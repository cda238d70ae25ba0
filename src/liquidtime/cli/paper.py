"""`liquidtime paper`."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liquidtime.cli.train import Interrupted, print_json

if TYPE_CHECKING:
    from liquidtime.paper import Item
    from liquidtime.paper.engine import ItemFollower, Judged, Kept, Store

_ITEM = "Items to compute, or all; without any, the list of items is shown."
_OUT = "Folder of the results and the page."
_MARKDOWN = "Put all that is measured into a Markdown file, in a section of its own."
_OWNER = "liquidtime paper"


def paper(
    items: Annotated[list[str] | None, typer.Argument(help=_ITEM, metavar="ITEM", show_default=False)] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A first look on fewer seeds, in minutes.")] = False,
    out: Annotated[Path, typer.Option(help=_OUT)] = Path("paper"),
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one per core if left out.")] = None,
    document: Annotated[Path | None, typer.Option("--markdown", metavar="FILE", help=_MARKDOWN)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcomes as one JSON object.")] = False,
) -> None:
    """Compute the claims, figures and tables of the LTC paper: published value, measured value, verdict.

    What was computed is kept: the same command goes on where it stopped. Exit code 1: an item could not be judged.
    """
    from liquidtime.cli.paper_display import PaperDisplay
    from liquidtime.data import lookup
    from liquidtime.paper import ITEMS
    from liquidtime.paper.engine import Store
    from liquidtime.report.paper import markdown, write
    from liquidtime.report.sections import around, write_section

    asked, store, every = items or [], Store(out), list(ITEMS.values())
    for name in asked:
        lookup("item", name, {**ITEMS, "all": None})
    chosen = [item for item in every if item.name in asked or "all" in asked]
    if document is not None:
        around(document, _OWNER)
    with PaperDisplay([item.name for item in chosen], quiet=as_json) as display:
        done = _compute(chosen, store, quick, workers, display) if chosen else None
    kept = store.items(ITEMS)
    page = None if done is None else write(out, kept, every)
    if document is not None:
        write_section(document, _OWNER, markdown(kept, every))
    if as_json:
        print_json(_json(chosen or every, kept, done, page))
    elif done is None:
        display.items(every, kept)
    else:
        display.outcomes([(item, done.kept[item.name]) for item in chosen if item.name in done.kept])
        display.end(done.failures, [place for place in (page, document) if place])
    for name, reason in (done.unjudged if done else {}).items():
        stays = "; its earlier outcome stays" if name in kept else ""
        sys.stderr.write(f"{name} cannot be judged: {' '.join(reason.split())}{stays}\n")
    if done and done.unjudged:
        raise typer.Exit(1)


def _compute(
    items: "list[Item]", store: "Store", quick: bool, workers: int | None, follower: "ItemFollower"
) -> "Judged":
    import joblib

    from liquidtime.paper.engine import Scale, run_items

    command = shlex.join(["liquidtime", *sys.argv[1:]])
    try:
        return run_items(items, Scale(quick), store, workers or joblib.cpu_count(), follower, command)
    except KeyboardInterrupt:
        raise Interrupted(f"What is finished is kept. Go on with: {command}") from None


def _json(items: "list[Item]", kept: "dict[str, Kept]", done: "Judged | None", page: Path | None) -> dict[str, Any]:
    lines = [
        {"item": item.name, "what": item.title, "source": item.source, "published": item.published}
        | (_measured(kept[item.name]) if item.name in kept else {})
        for item in items
    ]
    failed = {"unjudged": dict(done.unjudged), "failures": dict(done.failures)} if done else {}
    return {"items": lines, **failed, **({"report": str(page)} if page else {})}


def _measured(one: "Kept") -> dict[str, Any]:
    """All but the pictures, with verdicts in words."""
    outcome = one.outcome
    findings = [{**vars(finding), "verdict": str(finding.verdict)} for finding in outcome.findings]
    told = {"measured": outcome.measured, "verdict": str(outcome.verdict), "summary": outcome.summary}
    made = {"quick": one.quick, "created": one.created, "seconds": one.seconds, "command": one.command}
    return told | {"findings": findings, "tables": [vars(table) for table in outcome.tables]} | made
