"""Section 5: errors."""

import html
from typing import Any

import numpy as np

from liquidtime.report.walk import Stretch


def confusion_table(confusion: list[list[int]], classes: list[str]) -> str:
    """Counts and shares, the diagonal in blue, errors in orange."""
    head = "".join(f"<th>predicted {html.escape(name)}</th>" for name in classes)
    body = ""
    for k, row in enumerate(confusion):
        total = max(1, sum(row))
        cells = "".join(_cell(count, count / total, k == j) for j, count in enumerate(row))
        body += f"<tr><th>true {html.escape(classes[k])}</th>{cells}</tr>"
    return f"<table><tr><th></th>{head}</tr>{body}</table>"


def _cell(count: int, share: float, right: bool) -> str:
    colour = "0,114,178" if right else "213,94,0"
    strength = 0.08 + 0.3 * share
    return f'<td class="cell" style="background:rgba({colour},{strength:.2f})">{count:,}<br>{100 * share:.1f} %</td>'


def stretches_table(stretches: list[Stretch], classes: list[str], recordings: list[str]) -> str:
    """One row per stretch, with a button that zooms the figure of its recording."""
    if not stretches:
        return "<p>None: every row is right.</p>"
    body = ""
    for stretch in stretches:
        start, stop = (_moment(moment) for moment in (stretch.start, stretch.stop))
        around = [np.datetime64(m) + np.timedelta64(h, "h") for m, h in ((stretch.start, -2), (stretch.stop, 2))]
        button = (
            f'<button data-figure="series-{recordings.index(stretch.recording)}" data-start="{around[0]}" '
            f'data-stop="{around[1]}">{start}</button>'
        )
        names = [html.escape(classes[k]) for k in (stretch.truth, stretch.predicted)]
        body += (
            f"<tr><td>{html.escape(stretch.recording)}</td><td>{button}</td><td>{stop}</td>"
            f"<td class=number>{stretch.rows:,}</td><td>{names[0]}</td><td>{names[1]}</td></tr>"
        )
    head = "".join(f"<th>{name}</th>" for name in ("recording", "from", "to", "rows wrong", "true", "predicted"))
    return f"<table><tr>{head}</tr>{body}</table>"


def _moment(moment: Any) -> str:
    return str(np.datetime64(moment, "m")).replace("T", " ")
