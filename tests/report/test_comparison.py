"""The page and the tables of a comparison."""

import json
import re
from dataclasses import replace
from itertools import pairwise

import pytest

from comparisons import everything, outcome, scores
from liquidtime.comparison import MEASURES, PUBLISHED, Cell
from liquidtime.comparison.table import table
from liquidtime.data import SOURCES
from liquidtime.report.comparison import markdown, render, write
from liquidtime.report.comparison.contests import contest_lines
from liquidtime.report.comparison.lines import columns, lines
from liquidtime.report.comparison.picture import means
from liquidtime.report.comparison.provenance import provenance
from liquidtime.report.comparison.wording import causes, chance, notes, outcome_of, signed, told, verdict
from liquidtime.report.theme import BLUE, GREY
from liquidtime.report.wording import model_title
from liquidtime.training import MODELS, RECIPES, RunFolderError

CELLS = everything()
ROWS = table(CELLS)
COMMAND = "liquidtime compare --data all"
HOSTILE = "</script><img src=x onerror=alert(1)> | `a` *b* _c_ <b>"


@pytest.fixture(scope="module")
def page():
    return render(ROWS, CELLS, COMMAND)


def body(text):
    return text[text.index("<main>") : text.index("</main>")]


def figures(text):
    blocks = re.findall(r'<script type="application/json" data-figure="([^"]+)">(.*?)</script>', text, re.DOTALL)
    return {name: json.loads(content) for name, content in blocks}


def rows_of(data):
    return [row for row in ROWS if row.data == data]


def cells_of(html):
    """The text of a table's cells, row by row."""
    found = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    cut = (re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in found)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in row] for row in cut]


def results_of(text):
    return cells_of(re.search(r'<table class="results">.*?</table>', text, re.DOTALL)[0])


def test_the_page_loads_nothing_and_sends_nothing(page):
    assert not re.search(r"<(script|img|iframe|link|source)[^>]*\s(src|href)\s*=", body(page))
    assert "default-src &#x27;none&#x27;" in page
    assert "url(" not in re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]


def test_every_row_is_on_the_page_under_what_was_published(page):
    header, *found = results_of(page)
    assert header[:2] == ["data set", "protocol, recipe"]
    assert header[2:] == ["LTC", "Conductance LTC", "CT-RNN", "Neural ODE", "CT-GRU", "LSTM", "GRU", "seeds", "epochs"]
    assert len(found) == len(ROWS) + 9
    gesture = found[:4]
    assert gesture[0][0] == "gestureaccuracy (%)"
    assert [row[0] for row in gesture[1:]] == ["", "", ""]
    assert [row[1] for row in gesture] == [
        "as published",
        "paper protocol, published recipe",
        "paper protocol, published recipe, 3 epochs",
        "clean protocol, published recipe",
    ]
    assert gesture[0][2:] == [
        "",
        "69.55± 1.13",
        "59.01± 1.22",
        "46.97± 3.03",
        "68.31± 1.78",
        "64.57± 0.59",
        "",
        "5",
        "200",
    ]
    assert gesture[2][-2:] == ["2", "3"]
    assert gesture[2][3] == ""
    ozone = next(row for row in found if row[1].startswith("clean") and row[-2] == "4 to 5")
    assert ozone[-1] == "200"


def test_published_numbers_are_told_in_full():
    assert told(MEASURES["har"], PUBLISHED["har", "conductance-ltc"]) == "95.67 ± 0.575"
    assert told(MEASURES["traffic"], PUBLISHED["traffic", "conductance-ltc"]) == "0.099 ± 0.0095"
    assert told(MEASURES["person"], PUBLISHED["person", "lstm"]) == "83.59 ± 0.40"


def test_scores_far_below_the_published_ones_are_told_in_digits_that_differ():
    """A squared error of 6·10⁻⁴ in the three published digits would be 0.001, and its deviation nothing."""
    small = table(scores("power", "paper", "published", {"ltc": [0.00061, 0.00063], "lstm": [0.00082, 0.00087]}))
    text = body(render(small, scores("power", "paper", "published", {"ltc": [0.00061], "lstm": [0.00082]})))
    assert '<span class="value best">0.00062<span class="spread">± 0.00001</span></span>' in text
    assert '<span class="value">0.642<span class="spread">± 0.021</span></span>' in text, (
        "the published line is as it was"
    )
    assert contest_lines(small)[0][4] == "+0.00022"
    drawn = means(small)
    assert "LSTM: 0.628 ± 0.003" in [text for trace in drawn.data for text in trace.text], "as published"
    assert drawn.layout.margin.r > means(rows_of("gesture")).layout.margin.r
    (tied,) = table(scores("power", "paper", "published", {"ltc": [0.0, 0.0]}))
    assert tied.measure == MEASURES["power"]


def test_the_best_is_bold_and_what_was_reached_is_marked():
    cells = scores(
        "gesture", "paper", "published", {"ltc": [70.0, 72.0], "conductance-ltc": [69.0], "lstm": [60.0, 61.0]}
    )
    cells += scores("gesture", "clean", "published", {"conductance-ltc": [69.9]})
    text = body(render(table(cells), cells))
    assert '<span class="value best">71.00<span class="spread">± 1.00</span></span>' in text
    assert '<span class="value">69.00<span class="matched"> ✓</span><span class="spread"></span></span>' in text
    assert '<span class="value">60.50<span class="spread">± 0.50</span></span>' in text
    assert '<span class="value">69.90<span class="spread"></span></span>' in text, "alone in its row, another split"
    assert text.count('class="matched"') == 1
    assert '<span class="from-paper"><span class="value best">69.55' in text


def test_the_sentence_says_what_came_out():
    assert verdict([]) == "Nothing is measured yet."
    better = {"ltc": [70.0, 71.0, 71.1], "lstm": [60.0, 61.2, 61.0], "conductance-ltc": [50.0, 80.0, 60.0]}
    cells = scores("gesture", "paper", "published", better) + scores("ozone", "clean", "published", {"ltc": [0.9]})
    cells += scores("gesture", "paper", "tuned", {"ltc": [60.0, 61.0], "lstm": [66.0, 67.0]})
    said = verdict(table(cells))
    assert said.startswith(
        "2 data sets in 3 rows of the table. By the published recipes 0 of 2 means are within one published deviation "
        "of the published one, or better; an LTC is better than every published model on gesture. By the tuned recipes "
        "1 of 1 mean"
    )
    assert said.count("every published model") == 1
    assert said.endswith("an LTC is better in 1 of 3 tests, worse in 1, and 1 is undecided.")
    short = [replace(one, cell=replace(one.cell, epochs=3)) for one in cells]
    said = verdict(table(cells + short))
    assert "By the published recipes 0 of 2 means" in said
    assert "By the published recipes with other numbers of epochs 0 of 2 means" in said
    assert "published" not in verdict(table(scores("walker", "paper", "published", {"gru": [1.0]})))


def test_a_set_that_both_protocols_split_alike_says_so():
    cells = scores("mnist", "paper", "published", {"ltc": [96.0]}) + scores("har", "paper", "tuned", {"ltc": [9.0]})
    assert notes(table(cells))[-1] == (
        "mnist, paper protocol, published recipe",
        "the clean protocol is the same split, so it was trained once",
    )


def test_tests_are_told_in_words(page):
    header, *found = cells_of(re.search(r'<table class="stacked contests">.*?</table>', page, re.DOTALL)[0])
    assert header[:4] == ["data set", "protocol, recipe", "LTC", "against"]
    assert header[4:] == ["advantage", "95 % interval", "p", "seeds", "verdict"]
    contests = [(row, one) for row in ROWS for one in row.contests]
    assert len(found) == len(contests)
    for cells, (row, one) in zip(found, contests, strict=True):
        assert cells[0] == f"{row.data}, {row.measure.title}"
        assert cells[4] == signed(row.measure, one.advantage)
        assert cells[5] == f"{signed(row.measure, one.low)} to {signed(row.measure, one.high)}"
        assert cells[6].replace("&lt;", "<") == chance(one.p)
        assert cells[7:] == [str(one.seeds), outcome_of(one)]
    assert {row[-1] for row in found} == {"better", "worse", "undecided"}
    assert "1.24 standard deviations" in page
    assert "Nothing is corrected for the number of tests" in page


def test_better_and_worse_are_said_only_where_the_test_says_so():
    (row,) = rows_of("occupancy")[:1]
    contest = row.contests[0]
    for p, advantage, word in ((0.049, 1.0, "better"), (0.049, -1.0, "worse"), (0.05, 9.0, "undecided")):
        assert outcome_of(replace(contest, p=p, advantage=advantage)) == word


def test_without_common_seeds_there_is_no_test():
    cells = scores("gesture", "paper", "published", {"ltc": [1.0], "lstm": [2.0]})
    assert "nothing to test" in render(table(cells), cells)
    assert "| verdict |" not in markdown(table(cells), cells)


def test_what_is_special_is_noted_once(page):
    said = {what: where for where, what in notes(ROWS)}
    assert said["LSTM and GRU had log Δt as one more input, since they know no time"].startswith(
        "walker, paper protocol"
    )
    assert any(what.startswith("the first 37,547 minutes; published values belong to the whole") for what in said)
    tuned = RECIPES["occupancy", "paper"]
    epochs = "epochs: " + ", ".join(f"{model_title(model)} {tuned[model].epochs}" for model in MODELS)
    assert said[epochs] == "occupancy, paper protocol, tuned recipe; occupancy, clean protocol, tuned recipe"
    assert "CT-GRU 4" in next(what for what in said if what.startswith("seeds:"))
    for what in said:
        assert page.count(what.replace("<", "&lt;")) == 1
    assert notes(rows_of("gesture")) == []


def trace_at(figure, symbol, color=None):
    return [one for one in figure.data if one.marker.symbol == symbol and color in (None, one.marker.color)]


def test_a_picture_shows_every_mean_deviation_seed_and_published_value():
    rows = rows_of("gesture")
    figure = means(rows)
    names = dict(zip(figure.layout.yaxis.tickvals, figure.layout.yaxis.ticktext, strict=True))
    assert len(names) == 7 + 2 + 7
    first = {text.removeprefix("<b>").removesuffix("</b>"): lane for lane, text in sorted(names.items())[:7]}
    assert list(first) == ["LTC", "Conductance LTC", "CT-RNN", "Neural ODE", "CT-GRU", "LSTM", "GRU"]
    seeds, published, others, liquid = figure.data[:4]
    scores_ = rows[0].scores
    assert list(liquid.x) == [scores_[model].mean for model in ("ltc", "conductance-ltc")]
    assert list(liquid.error_x.array) == [scores_[model].std for model in ("ltc", "conductance-ltc")]
    assert list(liquid.y) == [first["LTC"], first["Conductance LTC"]]
    assert (liquid.marker.color, published.marker.color) == (BLUE, GREY)
    lanes = dict(zip(scores_, first.values(), strict=True))
    points = [(value, lanes[model] + 0.3) for model, score in scores_.items() for value in score.values.values()]
    assert list(zip(seeds.x, seeds.y, strict=True)) == points
    assert published.marker.symbol == "diamond-open"
    assert dict(zip(published.y, zip(published.x, published.error_x.array, strict=True), strict=True)) == {
        first["Conductance LTC"]: (69.55, 1.13),
        first["CT-RNN"]: (59.01, 1.22),
        first["Neural ODE"]: (46.97, 3.03),
        first["CT-GRU"]: (68.31, 1.78),
        first["LSTM"]: (64.57, 0.59),
    }
    assert len(trace_at(figure, "diamond-open")) == 2, "none under the clean protocol"
    low, high = figure.layout.xaxis.range
    shown = [x for one in figure.data for x in one.x]
    assert low < min(shown) < max(shown) < high
    words = [one.text for one in figure.layout.annotations]
    assert "<i>clean protocol, published recipe</i>" in words
    best = max(scores_.values(), key=lambda score: score.mean)
    assert f"<b>{told(rows[0].measure, best)}</b>" in words
    assert sum(name.startswith("<b>") for name in names.values()) == len(rows)
    assert others.marker.symbol == "circle"


def test_lines_of_a_picture_never_meet():
    for data in MEASURES:
        layout = means(rows_of(data)).layout
        heads = [one.y for one in layout.annotations if one.text.startswith("<i>")]
        lanes = sorted([*heads, *layout.yaxis.tickvals])
        assert all(b - a >= 1 for a, b in pairwise(lanes))
        bottom, top = layout.yaxis.range
        assert top < lanes[0] < lanes[-1] + 0.3 < bottom


def test_errors_far_apart_stand_on_a_logarithmic_axis_that_says_so():
    far, near, shares = (means(rows_of(data)).layout.xaxis for data in ("traffic", "cheetah", "ozone"))
    assert (far.type, far.title.text) == ("log", "squared error, logarithmic (less is better)")
    assert (near.type, near.title.text) == (None, "squared error (less is better)")
    assert (shares.type, shares.title.text) == (None, "F1")
    cells = scores("traffic", "paper", "published", {"ltc": [0.001, 0.002, 3.0], "lstm": [0.2, 0.2]})
    assert means(table(cells)).layout.xaxis.type is None, "an error bar that reaches below zero has no logarithm"


def test_every_data_set_has_its_picture_and_every_link_leads_somewhere(page):
    assert list(figures(page)) == [f"picture-{data}" for data in MEASURES]
    ids = set(re.findall(r'id="([^"]+)"', body(page)))
    assert set(re.findall(r'href="#([^"]+)"', body(page))) == set(MEASURES) <= ids
    assert body(page).count("published mean ± deviation</span>") == 9, "walker was not published"


def test_who_made_the_numbers_is_told():
    made = provenance(CELLS)
    assert [line.split(":")[0] for line in made["Recipes"]] == ["published", "tuned"]
    assert made["Cells"] == [
        f"{len(CELLS)} models trained, {len(CELLS) // 60} h {len(CELLS) % 60} min of one core in all"
    ]
    assert made["Measured"] == ["2026-03-01 10:00 UTC to 2026-03-05 10:00 UTC"]
    assert made["Versions"] == ["liquidtime 0.1.0, torch 2.13.0, python 3.11.7"]
    files = dict(line.split(": ", 1) for line in made["Files"])
    assert files["gesture"] == "7 files with the published SHA-256"
    assert files["person"] == "ConfLongDemo_JSI.txt with SHA-256 00ff, which nobody published"
    sums = dict.fromkeys(SOURCES["har"].parts, "11aa")
    parts = provenance(scores("har", "paper", "published", {"ltc": [90.0]}, variant="statistics", checksum=sums))
    assert parts["Files"] == [
        "har: inertial_train.npz, inertial_test.npz in place of the published files, with the SHA-256 that the "
        "package knows"
    ]
    other = replace(CELLS[0], checksum={"a1_va3.csv": "0bad"}, versions={"torch": "3"}, machine="another")
    mixed = provenance([*CELLS, other])
    assert mixed["Files"][0].startswith("gesture: cells saw different contents of a1_va3.csv")
    assert mixed["Versions"] == [*made["Versions"], "torch 3"]
    assert mixed["Machine"] == [*made["Machine"], "another"]


def test_the_command_is_on_the_page_or_that_there_was_none(page):
    assert page.count(f"<code>{COMMAND}</code>") == 2
    assert "started from Python" in render(ROWS, CELLS)
    assert "started from Python" in markdown(ROWS, CELLS)


def test_nothing_measured_is_a_page_too_and_says_what_failed():
    gone = {Cell("person", "paper", "published", model, 0): "no file\nhere" for model in ("ltc", "gru")}
    alone = Cell("har", "paper", "published", "ltc", 3)
    text = body(render([], [], COMMAND, {**gone, alone: "it burst"}))
    assert "Nothing is measured yet." in text
    assert "<strong>2 cells of person</strong>: no file\nhere" in text
    assert f"<strong>{alone.label}</strong>: it burst" in text
    assert causes({}) == []
    assert "What failed" not in body(render([], []))


def test_hostile_words_stay_words():
    cells = [replace(one, variant=HOSTILE, machine=HOSTILE, versions={HOSTILE: HOSTILE}) for one in CELLS[:40]]
    text = render(table(cells), cells, HOSTILE, {cells[0].cell: HOSTILE})
    assert text.count("</script>") == body(text).count("<script") + 2
    assert "<img" not in body(text)
    document = markdown(table(cells), cells, HOSTILE)
    prose = re.sub(r"(?<!\\)``.*?(?<!\\)``", "", document)
    assert not re.search(r"(?<!\\)<(?!br>)", prose)


def test_writing_replaces_the_page_as_a_whole(tmp_path, monkeypatch, page):
    path = write(tmp_path, ROWS, CELLS, COMMAND)
    assert path == tmp_path / "comparison.html"
    assert path.read_text() == page
    path.write_text("old")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "no space")))
    with pytest.raises(RunFolderError, match=r"comparison\.html cannot be written"):
        write(tmp_path, ROWS, CELLS)
    assert path.read_text() == "old"


def test_the_markdown_says_the_same_without_pictures(page):
    text = markdown(ROWS, CELLS, COMMAND)
    assert f"| Command | `{COMMAND}` |" in text
    assert verdict(ROWS) in text
    known = [line for line in text.splitlines() if line.startswith("| ")]
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in known}
    assert widths == {12, 10, 3}
    assert len(known) == (2 + len(lines(ROWS))) + (2 + sum(len(row.contests) for row in ROWS)) + 2 + 8
    published = "| traffic, squared error | as published |  | **0.099 ± 0.0095** | 0.224 ± 0.008 | 1.512 ± 0.179 |"
    assert published in text
    for where, what in notes(ROWS):
        assert f"* {where}: {what}." in text
    assert markdown(table(CELLS), list(reversed(CELLS)), COMMAND).split("| Command")[0] == text.split("| Command")[0]
    assert "Nothing is measured yet." in markdown([], [])


def test_columns_are_the_models_that_were_run_or_published():
    cells = scores("walker", "clean", "published", {"gru": [1.0], "ltc": [2.0]})
    assert columns(table(cells)) == ["ltc", "gru"]
    cells = [outcome(Cell("gesture", "clean", "published", "gru", 0), 50.0)]
    assert columns(table(cells)) == ["conductance-ltc", "ctrnn", "node", "ctgru", "lstm", "gru"]
