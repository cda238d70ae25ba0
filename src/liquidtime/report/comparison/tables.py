"""The tables of the page."""

from collections.abc import Sequence

from liquidtime.comparison.table import Row
from liquidtime.report.comparison import wording
from liquidtime.report.comparison.contests import HEADER, contest_lines
from liquidtime.report.comparison.lines import Line, Value, columns, lines
from liquidtime.report.markup import Html, join, table, tag
from liquidtime.report.wording import model_title


def results(rows: Sequence[Row]) -> Html:
    """Every line with every model; the name of a data set leads to its picture and stands once."""
    models = columns(rows)
    header = ["data set", "protocol, recipe", *map(model_title, models), "seeds", "epochs"]
    body: list[list[object]] = []
    before = ""
    for line in lines(rows):
        name = "" if line.data == before else _name(line)
        body.append([name, *_shade(line, models)])
        before = line.data
    return table(header, body, class_="results")


def contests(rows: Sequence[Row]) -> Html:
    """Every paired test in words."""
    body = ([*line, tag("span", verdict, class_=verdict)] for *line, verdict in contest_lines(rows))
    return table(HEADER, body, labels=True, class_="stacked contests")


def notes(rows: Sequence[Row]) -> Html:
    """What has to be known of some lines."""
    told = wording.notes(rows)
    items = (tag("li", tag("strong", where), f": {what}.") for where, what in told)
    return tag("ul", *items, class_="reading") if told else Html("")


def _name(line: Line) -> Html:
    return join((tag("a", line.data, href=f"#{line.data}"), tag("span", line.measure.title, class_="unit")))


def _shade(line: Line, models: Sequence[str]) -> list[object]:
    cells: list[object] = [line.how, *(_value(line, line.values.get(model)) for model in models)]
    cells += [line.seeds, line.epochs]
    return [tag("span", cell, class_="from-paper") for cell in cells] if line.published else cells


def _value(line: Line, value: Value | None) -> Html:
    if value is None:
        return Html("")
    mark = tag("span", f" {wording.MARK}", class_="matched") if value.matched else ""
    deviation = tag("span", wording.spread(line.measure, value.score), class_="spread")
    mean = wording.number(line.measure, value.score.mean)
    return tag("span", mean, mark, deviation, class_="value best" if value.best else "value")
