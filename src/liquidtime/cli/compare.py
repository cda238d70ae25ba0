"""`liquidtime compare`."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liquidtime.cli.train import MODEL_NAMES, Interrupted, print_json

if TYPE_CHECKING:
    from liquidtime.comparison import Cell, CellOutcome, GridFollower
    from liquidtime.comparison.table import Row

OWNER = "liquidtime compare"
OUT = Path("comparison")
_DATA = "Data sets by name, with commas between, or all."
_MODELS = f"Models, with commas between, of {MODEL_NAMES}; all if left out."
_SEEDS = "Runs of each model, with the seeds 0, 1, 2 …; 5 if left out."
_PROTOCOL = "How the data are cut and split: paper, clean, or both (if left out)."
_RECIPE = "How models are trained: published, tuned (where one was), or both (if left out)."
_OUT = "Folder of the results and the page."
_WORKERS = "Processes, one per core if left out; with --cluster models at a time, all it has if left out."
_CLUSTER = "A running cluster: tcp://HOST:8786 (Dask), ray://HOST:10001 or ray://auto (Ray); --out is shared by all."
_MARKDOWN = "Put the tables of all that is there into a Markdown file, in a section of its own."
_TABLE = "Train nothing; show what --out holds."


def compare(
    data: Annotated[str | None, typer.Option(help=_DATA, metavar="A,B|all")] = None,
    models: Annotated[str | None, typer.Option(help=_MODELS, metavar="X,Y|all", show_default=False)] = None,
    seeds: Annotated[int | None, typer.Option(help=_SEEDS)] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes in place of those of the recipes.")] = None,
    protocol: Annotated[str | None, typer.Option(help=_PROTOCOL)] = None,
    recipe: Annotated[str | None, typer.Option(help=_RECIPE)] = None,
    out: Annotated[Path, typer.Option(help=_OUT)] = OUT,
    workers: Annotated[int | None, typer.Option(min=1, help=_WORKERS)] = None,
    cluster: Annotated[str | None, typer.Option(metavar="ADDRESS", help=_CLUSTER)] = None,
    document: Annotated[Path | None, typer.Option("--markdown", metavar="FILE", help=_MARKDOWN)] = None,
    sheet: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the table as CSV, too.")] = None,
    only_table: Annotated[bool, typer.Option("--table", help=_TABLE)] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the table as one JSON object.")] = False,
) -> None:
    """Train models side by side on the data sets of the LTC paper: mean, deviation and paired tests over seeds.

    What was trained is kept: the same command goes on where it stopped. Exit code 1: some models could not be trained.
    """
    from liquidtime.cli.compare_display import CompareDisplay, failed, left_out, what_is_compared
    from liquidtime.comparison import kept_cells, stale_cells
    from liquidtime.comparison.table import table, to_csv
    from liquidtime.report.comparison import markdown, write
    from liquidtime.report.sections import around, write_section
    from liquidtime.training import write_aside

    choice = {"data": data, "models": models, "seeds": seeds, "epochs": epochs, "protocol": protocol, "recipe": recipe}
    given = [name for name, value in {**choice, "workers": workers, "cluster": cluster}.items() if value is not None]
    chosen = _held(out, given) if only_table else _cells(data, models, seeds, epochs, protocol, recipe)
    for option, path in (("--markdown", document), ("--csv", sheet)):
        if path is not None:
            _check_place(option, path)
    if document is not None:
        around(document, OWNER)
        if sheet is not None and sheet.absolute() == document.absolute():
            raise ValueError(f"--markdown and --csv are both {sheet}: name two files")
    failures: dict[Cell, str] = {}
    with CompareDisplay(what_is_compared(chosen), quiet=as_json) as display:
        if not only_table:
            failures = _train(chosen, out, workers, cluster, display)
    outcomes, asked = list(kept_cells(out)), set(chosen)
    rows, command = table(outcomes), commands(outcomes, out) or _typed()
    mine = table(outcome for outcome in outcomes if outcome.cell in asked)
    if not as_json:
        display.table(mine)
    places = [write(out, rows, outcomes, command, failures)]
    if document is not None:
        write_section(document, OWNER, markdown(rows, outcomes, command))
        places.append(document)
    if sheet is not None:
        write_aside(sheet, to_csv(rows).encode())
        places.append(sheet)
    if as_json:
        print_json(_json(mine, failures, places))
    else:
        display.end(places)
    stale = [one.cell for one in stale_cells(out) if one.cell not in failures]
    for line in [*failed(failures), *left_out(stale)]:
        sys.stderr.write(f"{line}\n")
    if failures:
        raise typer.Exit(1)


def commands(outcomes: "Sequence[CellOutcome]", out: Path) -> str:
    """What trains these cells in a new folder, and of each data set no other protocols, recipes, models and seeds.

    Data sets that were treated alike share a command. Empty for no cells.
    """
    from liquidtime.training import MODELS

    treated: dict[tuple[str, ...], list[str]] = {}
    cells = sorted((one.cell for one in outcomes), key=lambda cell: cell.epochs or 0)
    for limit, data in dict.fromkeys((cell.epochs, cell.data) for cell in cells):
        mine = [cell for cell in cells if (cell.epochs, cell.data) == (limit, data)]
        protocols, kinds = sorted({cell.protocol for cell in mine}), sorted({cell.kind for cell in mine})
        there = [model for model in MODELS if model in {cell.model for cell in mine}]
        words = ["--models", "all" if len(there) == len(MODELS) else ",".join(there)]
        words += ["--seeds", str(max(cell.seed for cell in mine) + 1)]
        words += [] if limit is None else ["--epochs", str(limit)]
        words += [] if len(protocols) == 2 else ["--protocol", *protocols]
        words += [] if len(kinds) == 2 else ["--recipe", *kinds]
        treated.setdefault(tuple(words), []).append(data)
    place = [] if out == OUT else ["--out", str(out)]
    return " && ".join(
        shlex.join(["liquidtime", "compare", "--data", ",".join(sets), *words, *place])
        for words, sets in treated.items()
    )


def _cells(
    data: str | None,
    models: str | None,
    seeds: int | None,
    epochs: int | None,
    protocol: str | None,
    recipe: str | None,
) -> "list[Cell]":
    from liquidtime.comparison import KINDS, MEASURES, cells
    from liquidtime.comparison.table import PROTOCOLS
    from liquidtime.data import lookup
    from liquidtime.training import MODELS

    if data is None:
        raise ValueError(
            "--data is missing: a first look in minutes is `liquidtime compare --data occupancy --recipe tuned --seeds "
            "2`, the whole table in days `liquidtime compare --data all`; --table shows what is there"
        )
    sets, named = _names("data set", data, MEASURES), _names("model", models or "all", MODELS)
    protocols = lookup("protocol", protocol or "both", {**{one: [one] for one in PROTOCOLS}, "both": PROTOCOLS})
    kinds = lookup("kind of recipe", recipe or "both", {**{one: [one] for one in KINDS}, "both": list(KINDS)})
    chosen = cells(sets, named, 5 if seeds is None else seeds, protocols, kinds, epochs)
    left = [name for name in sets if name not in {cell.data for cell in chosen}]
    if left:
        said = f"no recipe of {', '.join(named)} was tuned for {', '.join(left)}: pass --recipe published"
        if not chosen:
            raise ValueError(said)
        sys.stderr.write(f"{said}; left out\n")
    return chosen


def _check_place(option: str, path: Path) -> None:
    """Before hours of work: whether a file can be put there.

    Raises:
        ValueError: there is no such folder, or the name is taken by one.
    """
    if path.is_dir():
        raise ValueError(f"{option} {path} is a folder: name a file")
    if not path.absolute().parent.is_dir():
        raise ValueError(f"{option} {path}: there is no folder {path.parent}: make it first")


def _names(what: str, text: str, known: Mapping[str, Any]) -> list[str]:
    from liquidtime.data import lookup

    found = list(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in found:
        lookup(what, name, {**known, "all": None})
    return list(known) if "all" in found else found


def _held(out: Path, given: Sequence[str]) -> "list[Cell]":
    from liquidtime.comparison import kept_cells

    if given:
        raise ValueError(f"--table shows all that {out} holds: leave {', '.join(f'--{name}' for name in given)} out")
    found = [outcome.cell for outcome in kept_cells(out)]
    if not found:
        raise ValueError(f"{out} holds no trained models: name another folder (--out), or train some (--data)")
    return found


def _train(
    cells: "Sequence[Cell]", out: Path, workers: int | None, cluster: str | None, follower: "GridFollower"
) -> "dict[Cell, str]":
    from liquidtime.comparison import run_cells

    try:
        _, failures = run_cells(cells, out, workers, follower, cluster)
    except KeyboardInterrupt:
        raise Interrupted(f"What is finished is kept. Go on with: {_typed()}") from None
    return failures


def _typed() -> str:
    return shlex.join(["liquidtime", *sys.argv[1:]])


def _json(rows: "Sequence[Row]", failures: "Mapping[Cell, str]", places: Sequence[Path]) -> dict[str, Any]:
    return {
        "rows": [_row(row) for row in rows],
        "failures": {cell.label: reason for cell, reason in failures.items()},
        "report": str(places[0]),
    }


def _row(row: "Row") -> dict[str, Any]:
    from liquidtime.comparison.table import matches

    models = {
        model: {"mean": score.mean, "std": score.std, "seeds": score.values, "epochs": row.epochs[model]}
        | {"log_timespans": model in row.log_timespans, "matches": matches(row, model)}
        for model, score in row.scores.items()
    }
    told = {"data": row.data, "protocol": row.protocol, "recipe": row.kind, "epochs_given": row.limit}
    published = {model: vars(value) for model, value in row.published.items()}
    tests = [vars(contest) for contest in row.contests]
    return told | {
        "measure": row.measure.title,
        "variant": row.variant,
        "best": row.best,
        "models": models,
        "published": published,
        "tests": tests,
    }
