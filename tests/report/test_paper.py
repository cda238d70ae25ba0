"""The page and the document of the paper's items."""

import base64
import json
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from liquidtime.paper.engine import Axis, Boxes, Group, Kept, Lines, Outcome, Panel, Series, holds
from liquidtime.report.paper import markdown, render, write
from liquidtime.report.paper.boxes import distributions
from liquidtime.report.paper.legend import color, symbol
from liquidtime.report.paper.lines import curves
from liquidtime.report.paper.pictures import drawn
from liquidtime.report.paper.planes import plane
from liquidtime.report.paper.ticks import log_ticks, span, written
from liquidtime.training import RunFolderError
from paper_items import RICH, everything, squares

OTHER = squares("squares", [1, 2])
NEVER = squares("never", [1])
ITEMS = [RICH, OTHER, NEVER]
VERSIONS = {"liquidtime": "0.1.0", "torch": "2.13.0"}
HOSTILE = "</script><img src=x onerror=alert(1)> | `a` *b* _c_ <b>"


def kept(outcome, command="liquidtime paper all", quick=False, created="2026-03-01T10:00:00+00:00"):
    return Kept(outcome, quick, created, 75.0, VERSIONS, "Linux x86_64, 2 cores", command)


SUM = Outcome("sum 5", holds, "Added up.", [])
ALL = {"rich": kept(everything()), "squares": kept(SUM)}


def body(text):
    start, end = text.index("<main>"), text.index("</main>")
    return text[start:end]


def figures(text):
    blocks = re.findall(r'<script type="application/json" data-figure="([^"]+)">(.*?)</script>', text, re.DOTALL)
    return {name: json.loads(content) for name, content in blocks}


@pytest.fixture(scope="module")
def page():
    return render(ALL, ITEMS)


def test_the_page_loads_nothing_and_sends_nothing(page):
    assert not re.search(r"<(script|img|iframe|link|source)[^>]*\s(src|href)\s*=", body(page))
    assert "default-src &#x27;none&#x27;" in page
    assert "showSendToCloud: false" in page
    assert "url(" not in re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]


def test_every_item_has_a_row_and_a_section_and_every_link_leads_somewhere(page):
    text = body(page)
    assert re.findall(r'<section id="(\w+)">', text) == ["items", "rich", "squares", "never"]
    links = re.findall(r'href="#([^"]+)"', text)
    assert set(links) == {"items", "rich", "squares"}
    rows = re.search(r'<table class="stacked items">.*?</table>', text, re.DOTALL)[0]
    assert len(re.findall("<tr>", rows)) == 1 + len(ITEMS)
    assert "not measured yet" in rows
    assert "<code>liquidtime paper never</code>" in text


def test_published_measured_and_verdict_stand_beside_each_other(page):
    text = body(page)
    assert "2 of 3 items measured: 1 holds, 1 holds under a condition." in text
    table = re.search(r'<table class="stacked findings">.*?</table>', text, re.DOTALL)[0]
    for finding in everything().findings:
        row = next(row for row in table.split("<tr>") if finding.what.replace("&", "&amp;").replace("<", "&lt;") in row)
        cells = re.findall(r'<td data-label="(\w+)">(.*?)</td>', row, re.DOTALL)
        assert [name for name, _ in cells] == ["claim", "published", "measured", "verdict", "note"]
        assert cells[1][1] == finding.published
        assert cells[2][1] == finding.measured
        assert f"<span>{finding.verdict}</span>" in cells[3][1]
        assert cells[4][1] == finding.note
    marks = re.findall(r'class="mark" style="background:(#\w+)" aria-hidden="true">(.)<', table)
    assert len(set(marks)) == len({shade for shade, _ in marks}) == len({sign for _, sign in marks}) == 4
    assert text.count("<figcaption>") == 4
    assert "Over 100 networks each; in brackets nothing." in text


def test_who_made_the_numbers_is_told_once_where_it_is_the_same(page):
    text = body(page)
    facts = re.search(r"<dl>(.*?)</dl>", text, re.DOTALL)[1]
    assert facts.count("<code>liquidtime paper all</code>") == 1
    assert "seeds 0 to 99" in facts
    assert "liquidtime 0.1.0, torch 2.13.0" in facts
    assert "2 min 30 s of one core" in facts
    assert "(rich" not in facts
    mixed = {**ALL, "squares": kept(SUM, "liquidtime paper squares --quick", True, "2026-03-02T09:59:00+01:00")}
    facts = re.search(r"<dl>(.*?)</dl>", body(render(mixed, ITEMS)), re.DOTALL)[1]
    assert "<code>liquidtime paper squares --quick</code><span" in facts
    assert "seeds 0 to 19; all other seeds stand in cases/<span" in facts
    assert facts.count("(squares)") == facts.count("(rich)") == 2
    assert "2026-03-01 10:00 UTC to 2026-03-02 08:59 UTC" in facts
    assert "sum 5 (quick)" in body(render(mixed, ITEMS))


def test_nothing_measured_is_a_page_too():
    text = body(render({}, ITEMS))
    assert "Nothing is measured yet." in text
    assert "<dl></dl>" in text
    assert "Nothing is measured yet." in markdown({}, ITEMS)


def hostile():
    one = everything()
    pictures = [replace(picture, title=HOSTILE, caption=HOSTILE) for picture in one.pictures]
    lines, _, boxes, planes = pictures
    lines = replace(
        lines, x=Axis(HOSTILE), series=[replace(line, name=HOSTILE) for line in lines.series], levels={HOSTILE: 1.0}
    )
    boxes = replace(boxes, groups=[Group(HOSTILE, {HOSTILE: [1.0, 2.0]}, {HOSTILE: 3.0})])
    planes = replace(planes, y=Axis(HOSTILE), panels=[replace(panel, title=HOSTILE) for panel in planes.panels])
    findings = [replace(finding, what=HOSTILE, published=HOSTILE, note=HOSTILE) for finding in one.findings]
    tables = [replace(table, title=HOSTILE, header=[HOSTILE] * 6, note=HOSTILE) for table in one.tables]
    one = replace(one, measured=HOSTILE, summary=HOSTILE, findings=findings, tables=tables)
    return kept(replace(one, pictures=[lines, boxes, planes]), HOSTILE)


def test_hostile_words_stay_words():
    item = replace(RICH, title=HOSTILE, source=HOSTILE, published=HOSTILE)
    text = render({"rich": hostile()}, [item])
    assert text.count("</script>") == body(text).count("<script") + 2
    assert "<img" not in body(text)
    assert "<img" not in json.dumps(figures(text))
    assert "&lt;img" in json.dumps(figures(text))


def test_writing_replaces_the_page_as_a_whole(tmp_path, monkeypatch, page):
    path = write(tmp_path, ALL, ITEMS)
    assert path == tmp_path / "report.html"
    assert path.read_text() == page
    path.write_text("old")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "no space")))
    with pytest.raises(RunFolderError, match=r"report\.html cannot be written"):
        write(tmp_path, ALL, ITEMS)
    assert path.read_text() == "old"


X, Y = Axis("samples T"), Axis("error", log=True)


def test_lines_show_every_point_band_and_level():
    series = [
        Series("a", [1, 2, 4], [1.0, None, 4.0], [0.5, 1.0, 2.0], [2.0, 3.0, 8.0]),
        Series("b", [1, 2], [2.0, 3.0], dashed=True, markers=False),
        Series("one point", [3], [3.0], markers=False),
    ]
    drawn_ = curves(Lines("t", "c", X, Y, series, {"limit": 100.0, "limit, too": 101.0, "zero": 0.0}))
    low, high, a, b, point = drawn_.data
    assert (list(low.y), list(high.y), high.fill) == ([0.5, 1.0, 2.0], [2.0, 3.0, 8.0], "tonexty")
    assert (list(a.y), a.mode, a.line.dash) == ([1.0, None, 4.0], "lines+markers", "solid")
    assert (list(b.y), b.mode, b.line.dash) == ([2.0, 3.0], "lines", "dash")
    assert point.mode == "lines+markers"
    assert drawn_.layout.xaxis.title.text == "samples T"
    assert drawn_.layout.yaxis.type == "log"
    bottom, top = drawn_.layout.yaxis.range
    assert bottom < np.log10(0.5)
    assert top > np.log10(101)
    assert [shape.y0 for shape in drawn_.layout.shapes] == [100.0, 101.0]
    first, second = drawn_.layout.annotations
    assert (first.text, second.text) == ("limit", "limit, too")
    pixels = (400 - 28 - 62) / (top - bottom)
    assert (second.y * pixels + second.yshift) - (first.y * pixels + first.yshift) >= 14 - 1e-6


def test_a_line_that_others_cover_is_wider_and_its_marks_are_larger():
    x = [1, 2, 4, 8]
    series = [
        Series("below", x, [1.0, 1.0, 1.0, 5.0]),
        Series("beside", x, [9.0, 8.0, 7.0, 6.0]),
        Series("above", x, [1.0, 1.0, 1.0, 1.0]),
        Series("above all", x, [1.0, 1.0, 1.0, 1.001]),
    ]
    below, beside, above, top = curves(Lines("t", "c", X, Y, series, {})).data
    widths = [line.line.width for line in (below, beside, above, top)]
    assert widths[0] > widths[2] > widths[3] == widths[1]
    assert below.marker.size > above.marker.size > top.marker.size == beside.marker.size


def test_the_name_of_a_level_stands_where_less_is_drawn():
    falling = Series("a", [1, 2, 3, 4], [1.0, 10.0, 100.0, 100.0])
    (word,) = curves(Lines("t", "c", X, Y, [falling], {"limit": 99.0})).layout.annotations
    assert (word.x, word.xanchor) == (0, "left")
    rising = Series("a", [1, 2, 3, 4], [100.0, 10.0, 1.0, 1.0])
    (word,) = curves(Lines("t", "c", X, Y, [rising], {"limit": 99.0})).layout.annotations
    assert (word.x, word.xanchor) == (1, "right")


def test_a_band_that_reaches_below_zero_leaves_a_logarithmic_picture_downwards():
    drawn_ = curves(Lines("t", "c", X, Y, [Series("a", [1, 2], [1.0, 2.0], [-1.0, 1.0], [3.0, 3.0])], {}))
    floor = drawn_.data[0].y[0]
    assert 0 < floor < 10 ** drawn_.layout.yaxis.range[0]


def test_what_a_logarithmic_axis_cannot_show_is_said():
    lines = Lines("t", "Look.", X, Y, [Series("a", [1, 2, 3], [0.0, -1.0, 2.0])], {"none": 0.0})
    assert "Look. 3 values not above zero" in drawn("p", lines)
    boxes = Boxes("t", "Look.", X, Y, [Group("g", {"a": [0.0, 1.0]}, {"a": -2.0})])
    assert "Look. 2 values not above zero" in drawn("p", boxes)
    assert "not above zero" not in drawn("p", replace(boxes, y=Axis("error")))


def test_boxes_stand_in_their_group_in_the_colour_of_their_name():
    groups = [
        Group("g", {"a": [1.0, 2.0, 3.0], "b": [2.0, 4.0, 9.0]}, {"b": 5.0}),
        Group("h", {"b": [3.0, 3.0, 3.0]}, {"a": 7.0}),
    ]
    picture = Boxes("t", "c", Axis("setting"), Y, groups)
    *boxes, published = distributions(picture).data
    places = {box.name: (box.x[0], box.line.color, list(box.y)) for box in boxes}
    assert places["a, g"][0] < 0 < places["b, g"][0] < 0.5 < places["b, h"][0]
    assert places["b, g"][1] == places["b, h"][1] != places["a, g"][1]
    assert places["b, g"][2] == [2.0, 4.0, 9.0]
    assert dict(zip(published.text, published.y, strict=True)) == {"b, g": 5.0, "a, h": 7.0}
    assert published.x[0] == places["b, g"][0]
    assert published.marker.symbol == "diamond"
    layout = distributions(picture).layout
    assert list(layout.xaxis.ticktext) == ["g", "h"]
    assert layout.xaxis.range[0] < min(box.x[0] - box.width / 2 for box in boxes)
    shown = drawn("p", picture)
    assert all(word in shown for word in ("a</span>", "b</span>", "published value</span>"))
    assert "published value" not in drawn("p", replace(picture, groups=[replace(g, published={}) for g in groups]))


def points(trace):
    return [np.frombuffer(base64.b64decode(trace[axis]["bdata"]), trace[axis]["dtype"]) for axis in "xy"]


def test_a_trajectory_is_drawn_whole_with_equal_axes_from_start_to_end():
    t = np.linspace(0, 1, 500)
    figure = json.loads(plane(Panel("p", t.tolist(), (3 * t**2).tolist()), Axis("u"), Axis("v")).to_json())
    *pieces, start, end = figure["data"]
    assert len(pieces) == 32
    assert all(points(a)[0][-1] == points(b)[0][0] for a, b in pairwise(pieces))
    walked = np.concatenate([points(piece)[0][:-1] for piece in pieces])
    np.testing.assert_array_equal(walked, t[:-1].astype("f4"))
    assert len({piece["line"]["color"] for piece in pieces}) == 32
    assert (start["x"], end["marker"]["symbol"]) == (points_of(0.0), "circle-open")
    layout = figure["layout"]
    assert layout["yaxis"]["scaleanchor"] == "x"
    widths = [np.ptp(layout[axis]["range"]) for axis in ("xaxis", "yaxis")]
    assert widths[0] == pytest.approx(widths[1])
    assert layout["yaxis"]["range"][0] < 0
    assert layout["yaxis"]["range"][1] > 3
    assert all(len(layout[axis]["tickvals"]) >= 2 for axis in ("xaxis", "yaxis"))
    for few in ([], [1.0], [1.0, 1.0]):
        plane(Panel("p", few, few), Axis("u"), Axis("v")).to_json()


def points_of(value):
    return {"dtype": "f4", "bdata": base64.b64encode(np.array([value], "<f4").tobytes()).decode()}


def test_every_panel_has_its_title_and_every_picture_its_axes(page):
    for name, figure in figures(page).items():
        layout = figure["layout"]
        assert layout["xaxis"]["title"]["text"], name
        assert layout["yaxis"]["title"]["text"], name
    titles = re.findall(r'<p class="panel-title">([^<]+)</p>', page)
    assert titles == [panel.title for panel in everything().pictures[3].panels]
    assert 'style="--columns:3"' in page


def test_no_two_series_look_alike():
    looks = [(color(k), symbol(k)) for k in range(24)]
    assert len(set(looks)) == 24


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (-6.5, 0.2, [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]),
        (-9.2, 6.1, [1e-9, 1e-6, 1e-3, 1.0, 1e3, 1e6]),
        (0.1, 1.3, [2.0, 5.0, 10.0]),
        (np.log10(1.5), np.log10(4.5), [2.0, 3.0, 4.0]),
        (np.log10(100.9), np.log10(104.2), [101.0, 102.0, 103.0, 104.0]),
    ],
)
def test_logarithmic_ticks_are_round_few_and_inside(low, high, ticks):
    assert log_ticks(low, high) == pytest.approx(ticks)


def test_numbers_on_axes_read_well():
    assert written([0.001, 1.0, 100_000.0]) == ["0.001", "1", "100,000"]
    assert written([1e-6, 1e-3, 1.0, 1e3]) == ["10⁻⁶", "10⁻³", "1", "10³"]
    assert written([2e-5, 5e-5]) == ["2·10⁻⁵", "5·10⁻⁵"]
    assert span([], log=True) == pytest.approx((-0.06, 1.06))
    assert span([5.0, None], log=False) == pytest.approx((4.7, 5.3))
    assert span([0.0], log=False) == (-1.0, 1.0)
    assert span([-1.0, 10.0, 1000.0], log=True) == pytest.approx((0.88, 3.12))


def test_the_document_says_the_same_without_pictures():
    text = markdown(ALL, ITEMS)
    for words in ("# Liquid Time-constant Networks", "`liquidtime paper all`", "seeds 0 to 99", "torch 2.13.0"):
        assert words in text
    assert "| [rich](#rich) | Everything that can be shown (Fig. 9 \\| A) |" in text
    assert "| never | The sum of 1 squares (Sec. 1) | 5 | not measured yet |  |" in text
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## rich", "## squares"]
    assert "| A \\< B & C | 2 \\| 3 | 2.5 \\[2.4, 2.6\\] | holds |" in text
    assert "| neural ODE | 76.9 | 105.4 | 227.3 | 76.9 | 0.51 |" in text
    assert "It follows that \\<b\\>it depends\\</b\\>." in text


def test_no_word_leaves_its_cell():
    item = replace(RICH, title=HOSTILE, source=HOSTILE, published=HOSTILE)
    text = markdown({"rich": hostile()}, [item])
    widths = [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("| ")]
    assert set(widths) == {3, 6, 7}
    prose = re.sub(r"(?<!\\)``.*?(?<!\\)``", "", text)
    assert not re.search(r"(?<!\\)<(?!br>)", prose)
