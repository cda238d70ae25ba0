"""Who made the numbers: command, recipes, versions, machine, time, and the files that the data came from."""

from collections.abc import Iterable, Sequence

from liquidtime.comparison import MEASURES, CellOutcome
from liquidtime.data import SOURCES
from liquidtime.report.wording import count, duration, listed, when

RECIPES = {
    "published": "the settings of the LTC paper, whose LTC is conductance-ltc here; it has no gru and no ltc of this "
    "form: gru takes the settings of its LSTM, ltc those of its LTC",
    "tuned": "chosen on validation windows alone, with seed 0 and the same number of candidates for each model of a "
    "data set (benchmarks/recipe_search.py; occupancy: days of the training file, benchmarks/occupancy_recipe.py)",
}
"""By kind of recipe: where it comes from."""


def provenance(outcomes: Sequence[CellOutcome]) -> dict[str, list[str]]:
    """Everything beside the command that is needed to make the numbers again, by name."""
    created = sorted(one.created for one in outcomes)
    seconds = sum(float(one.scores.get("seconds", 0)) for one in outcomes)
    kinds = {one.cell.kind for one in outcomes}
    return {
        "Recipes": [f"{kind}: {what}" for kind, what in RECIPES.items() if kind in kinds],
        "Epoch": ["of each run, the weights with the best validation score; the test windows were scored once"],
        "Cells": [f"{count(len(outcomes), 'model')} trained, {duration(seconds)} of one core in all"],
        "Measured": [" to ".join(sorted({when(created[0]), when(created[-1])}))] if created else [],
        "Versions": _different(", ".join(f"{name} {one.versions[name]}" for name in one.versions) for one in outcomes),
        "Machine": _different(one.machine for one in outcomes),
        "Files": [f"{data}: {_files(data, outcomes)}" for data in MEASURES if _of(data, outcomes)],
    }


def _files(data: str, outcomes: Sequence[CellOutcome]) -> str:
    """Whether the files were the published ones, and the same for all cells."""
    seen: dict[str, set[str]] = {}
    for one in _of(data, outcomes):
        for file, found in one.checksum.items():
            seen.setdefault(file, set()).add(str(found))
    differing = [file for file, found in seen.items() if len(found) > 1]
    if differing:
        return f"cells saw different contents of {listed(differing, 3)}: these numbers do not belong together"
    source = SOURCES[data]
    standing = [file for file in seen if file in source.parts]
    unknown = {
        file: found for file, (found,) in seen.items() if file not in standing and source.files.get(file) != found
    }
    checked = len(seen) - len(unknown) - len(standing)
    told = [f"{count(checked, 'file')} with the published SHA-256"] if checked else []
    if standing:
        told.append(f"{listed(standing, 3)} in place of the published files, with the SHA-256 that the package knows")
    told += [f"{file} with SHA-256 {found}, which nobody published" for file, found in unknown.items()]
    return ", ".join(told)


def _of(data: str, outcomes: Sequence[CellOutcome]) -> list[CellOutcome]:
    return [one for one in outcomes if one.cell.data == data]


def _different(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
