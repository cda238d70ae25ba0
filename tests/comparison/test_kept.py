"""What the documents say of the comparison is what its kept cells hold."""

from pathlib import Path

import pytest

from liquidtime.cli.compare import commands
from liquidtime.comparison import MEASURES, PUBLISHED, kept_cells, stale_cells
from liquidtime.comparison.table import table
from liquidtime.report.comparison import markdown, wording

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path("benchmarks/results/comparison")


@pytest.fixture(scope="module")
def outcomes():
    return list(kept_cells(ROOT / FOLDER))


def test_every_cell_is_by_the_recipe_that_it_has_now(outcomes):
    assert outcomes
    assert [one.cell.label for one in stale_cells(ROOT / FOLDER)] == []


def test_the_page_of_results_is_made_of_the_cells(outcomes):
    text = (ROOT / "docs" / "replication.md").read_text(encoding="utf-8")
    _, section = text.split("<!-- begin: liquidtime compare -->\n")
    section, _ = section.split("<!-- end: liquidtime compare -->")
    assert section.strip() == markdown(table(outcomes), outcomes, commands(outcomes, FOLDER)).strip()


def tables(text):
    """The rows of Markdown tables, each a dictionary by header."""
    header = None
    for line in text.splitlines():
        fields = [field.strip() for field in line.strip("|").split("|")]
        if not line.startswith("|"):
            header = None
        elif header is None:
            header = fields
        elif set(line) != {"|", "-", " "}:
            yield dict(zip(header, fields, strict=True))


def test_the_scores_of_the_readme_are_those_of_the_cells(outcomes):
    text = (ROOT / "README.md").read_text(encoding="utf-8").split("## How well it does")[1].split("\n## ")[0]
    rows = {(row.data, row.protocol, row.kind): row for row in table(outcomes) if row.limit is None}
    seen = list(tables(text))
    assert len(seen) == 8
    for number, told in enumerate(seen):
        data, measure = told["data set, score"].split(", ")
        row = rows[data, "paper" if number < 4 else "clean", "tuned"]
        assert measure == MEASURES[data].title
        expected = {f"`{model}`": wording.told(row.measure, score) for model, score in row.scores.items()}
        expected[f"`{row.best}`"] = f"**{expected[f'`{row.best}`']}**"
        if number < 4:
            as_published = rows[data, "paper", "published"].scores["conductance-ltc"]
            expected["`conductance-ltc` as published"] = wording.told(row.measure, as_published)
            for model, title in (("conductance-ltc", "published LTC"), ("lstm", "published LSTM")):
                expected[title] = wording.told(row.measure, PUBLISHED[data, model])
        assert {name: value for name, value in told.items() if name != "data set, score"} == {
            name: expected.get(name, "–") for name in told if name != "data set, score"
        }
