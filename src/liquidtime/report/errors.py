"""Section 5: what the model confuses, and where and when."""

from collections.abc import Sequence

import numpy as np

from liquidtime.report.calibration import calibration
from liquidtime.report.drawing import RECORDINGS
from liquidtime.report.markup import Html, escape, join, section, table, tag
from liquidtime.report.replay import Replay
from liquidtime.report.stretches import Stretch, mistakes
from liquidtime.report.wording import count, percent, recordings_of
from liquidtime.training import Run

WORST = 10
SHOWN_FEATURES = 6


def errors(run: Run, replays: list[Replay], seen: bool = False) -> Html:
    """The section."""
    classes, features = run.config["classes"], run.config["features"]
    worst = mistakes(replays)
    wrong = sum(len(stretch) for stretch in worst)
    every = "the last row of each" if replays[0].last else "every row"
    sentence = (
        "Rows of the matrices are the true classes, columns what the model says; a perfect model fills the diagonal. "
        "The first counts the test windows of the protocol, each walked from a zero state; the second "
        f"{every} of {recordings_of(seen)} once, walked from end to end as in section 2."
    )
    whole = np.zeros((len(classes), len(classes)), int)
    for one in replays:
        np.add.at(whole, (one.truth[one.counts], one.predicted[one.counts]), 1)
    tables = [confusion_table("Whole recordings, one pass", whole.tolist(), classes)]
    if run.results["confusion"] is not None:
        tables.insert(0, confusion_table("Test windows of the protocol", run.results["confusion"], classes))
    parts: list[object] = [tag("div", *tables, class_="matrices"), calibration(replays)]
    if worst:
        held = sum(len(stretch) for stretch in worst[:WORST])
        where = (
            f"{count(wrong, 'row')} of {count(int(whole.sum()))} are wrong, in "
            f"{count(len(worst), 'stretch', 'stretches')}. The longest {len(worst[:WORST])} below hold "
            f"{percent(held / wrong, 0)} of them. A click on a time shows it in section 2."
        )
        where += (
            " The inputs are means over the stretch, in their own units." if len(features) <= SHOWN_FEATURES else ""
        )
        parts += [
            tag("h3", "The worst stretches"),
            tag("p", where),
            worst_table(worst[:WORST], replays, classes, features),
        ]
    else:
        parts.append(tag("p", "In the whole recordings no row is wrong."))
    return section("errors", "5 · Errors", sentence, *parts)


def confusion_table(title: str, counts: Sequence[Sequence[int]], classes: Sequence[str]) -> Html:
    """Counts and shares of each true class; the deeper the blue, the larger the share."""
    header = [tag("span", "truth ↓  model →", class_="corner"), *classes, "rows"]
    rows = []
    for name, row in zip(classes, counts, strict=True):
        total = sum(row)
        cells = [_cell(number, number / total if total else 0.0) for number in row]
        rows.append([tag("strong", name), *cells, f"{total:,}"])
    right = sum(row[index] for index, row in enumerate(counts)) / max(1, sum(map(sum, counts)))
    caption = tag("p", tag("strong", title), f": {percent(right, 2)} right", class_="caption")
    return tag("div", caption, table(header, rows, class_="confusion"))


def worst_table(
    worst: Sequence[Stretch], replays: Sequence[Replay], classes: Sequence[str], features: Sequence[str]
) -> Html:
    """The stretches, with the mean inputs there in their own units."""
    named = features if len(features) <= SHOWN_FEATURES else []
    header = ["recording", "from", "to", "rows", "truth", "model says", "P(truth)", *named]
    rows = []
    for stretch in worst:
        one = replays[stretch.recording]
        truth, said = one.truth[stretch.first], one.predicted[stretch.first]
        sure = one.output[stretch.rows, truth].mean()
        means = one.raw[stretch.rows].mean(0)[: len(named)]
        row = [one.name, _link(stretch, one), one.clock.moment(stretch.last), f"{len(stretch):,}"]
        rows.append([*row, classes[truth], classes[said], f"{sure:.2f}", *(f"{mean:.4g}" for mean in means)])
    return table(header, rows, class_="worst")


def _cell(number: int, share: float) -> Html:
    counted = tag("span", f"{number:,}", class_="number")
    inside = join((counted, tag("span", percent(share), class_="share")))
    return tag("div", inside, class_="cell", style=f"background:rgba(0,114,178,{0.5 * share:.3f})")


def _link(stretch: Stretch, replay: Replay) -> Html:
    begin = replay.clock.moment(stretch.first)
    if stretch.recording >= RECORDINGS:
        return escape(begin)
    span = {"data_from": f"{replay.starts[stretch.first]:.15g}", "data_to": f"{replay.ends[stretch.last]:.15g}"}
    return tag("a", begin, href="#predictions", data_jump=stretch.recording, **span)
