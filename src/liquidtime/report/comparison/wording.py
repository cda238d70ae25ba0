"""What the page, the tables and the terminal say alike."""

from collections.abc import Iterable, Mapping, Sequence

from liquidtime.comparison import KINDS, Cell, Measure, Published
from liquidtime.comparison.table import Contest, Row, Score, beats_paper, matches
from liquidtime.data import ONE_SPLIT
from liquidtime.report.wording import count, listed, model_title

TITLE = "Models compared"
PAPER = "“Liquid Time-constant Networks” by Hasani et al. (AAAI 2021, arXiv:2006.04439)"
BETTER, WORSE, OPEN = "better", "worse", "undecided"
MARK = "✓"
"""Stands behind a mean that is within one published deviation of what was published, or better."""

READING = (
    "Mean ± deviation of the test score over seeds; the deviation is the root of the mean squared one.",
    "The best of a row is bold. The paper's LTC is the conductance form.",
    f"{MARK} marks a mean within one published deviation of the published one, or better. It is given under the paper "
    "protocol and on the whole data set only: elsewhere the test is another one, and the errors of cheetah and walker "
    "have another unit under the clean protocol, which scales their targets.",
)
"""How to read the table."""

TESTING = (
    "Advantage is the mean over seeds of how much better the LTC is; it is positive where the LTC is better, also "
    "where less is better. The interval and p are those of Student's paired t-test, two-sided: p is how often equals "
    "would differ so much or more, if their differences were normal.",
    "Five seeds can show large differences only: a mean advantage has to exceed 1.24 standard deviations of the five "
    "differences for p < 0.05. “Undecided” means that these seeds show no difference, not that there is none.",
    "Seeds differ in weights and in the order of windows, on one split of one data set: nothing here says how other "
    "recordings would do. The rival is the best of the others by these same scores, which favours it. Nothing is "
    "corrected for the number of tests: among equals, one in twenty would be called different.",
)
"""What the paired tests mean, and what they cannot show."""


def how(row: Row) -> str:
    """Protocol, recipe and what is special, in a few words."""
    limit = "" if row.limit is None else f", {count(row.limit, 'epoch')}"
    return f"{row.protocol} protocol, {row.kind} recipe{limit}{', part of the data' if row.variant else ''}"


def briefly(row: Row) -> str:
    """The same, shorter."""
    limit = "" if row.limit is None else f", {count(row.limit, 'epoch')}"
    return f"{row.protocol}, {row.kind}{limit}{', part' if row.variant else ''}"


def number(measure: Measure, value: float) -> str:
    """A score in the unit in which it is told.

    Example:
        >>> from liquidtime.comparison import MEASURES
        >>> number(MEASURES["gesture"], 69.5512), number(MEASURES["traffic"], 0.0994)
        ('69.55', '0.099')
    """
    return f"{value:.{measure.digits}f}"


def spread(measure: Measure, score: Score | Published) -> str:
    """The deviation, a published one in full; nothing where there is one seed."""
    if isinstance(score, Score):
        return f"± {number(measure, score.std)}" if len(score.values) > 1 else ""
    return f"± {max(number(measure, score.std), str(score.std), key=len)}"


def told(measure: Measure, score: Score | Published) -> str:
    """Mean and deviation."""
    return f"{number(measure, score.mean)} {spread(measure, score)}".rstrip()


def seeds(row: Row) -> str:
    """How many seeds a row rests on; fewest to most."""
    return _range(len(score.values) for score in row.scores.values())


def epochs(row: Row) -> str:
    """How many epochs its models were trained for; fewest to most."""
    return _range(row.epochs.values())


def notes(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """What has to be known of some rows: which, and what."""
    found: dict[str, list[str]] = {}
    for row in rows:
        where = f"{row.data}, {how(row)}"
        if row.variant:
            found.setdefault(f"{row.variant}; published values belong to the whole", []).append(where)
        if row.data in ONE_SPLIT:
            found.setdefault("the clean protocol is the same split, so it was trained once", []).append(where)
        if row.log_timespans:
            names = " and ".join(map(model_title, row.log_timespans))
            found.setdefault(f"{names} had log Δt as one more input, since they know no time", []).append(where)
        if len(set(row.epochs.values())) > 1:
            each = ", ".join(f"{model_title(model)} {row.epochs[model]}" for model in row.scores)
            found.setdefault(f"epochs: {each}", []).append(where)
        if len({len(score.values) for score in row.scores.values()}) > 1:
            each = ", ".join(f"{model_title(model)} {len(score.values)}" for model, score in row.scores.items())
            found.setdefault(f"seeds: {each}", []).append(where)
    return [("; ".join(where), what) for what, where in found.items()]


def outcome_of(contest: Contest) -> str:
    """Whether the LTC is better, worse, or nothing is shown."""
    if contest.p >= 0.05:
        return OPEN
    return BETTER if contest.advantage > 0 else WORSE


def signed(measure: Measure, value: float) -> str:
    """A difference with its sign.

    Example:
        >>> from liquidtime.comparison import MEASURES
        >>> signed(MEASURES["gesture"], -2.309), signed(MEASURES["gesture"], 0.0)
        ('−2.31', '0.00')
    """
    shown = number(measure, abs(value))
    sign = "" if float(shown) == 0 else "−" if value < 0 else "+"
    return sign + shown


def chance(p: float) -> str:
    """A probability as people write it.

    Example:
        >>> chance(0.0332), chance(0.00001), chance(0.4)
        ('0.033', '< 0.001', '0.400')
    """
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def verdict(rows: Sequence[Row]) -> str:
    """What came out, in a few sentences."""
    if not rows:
        return "Nothing is measured yet."
    sets = list(dict.fromkeys(row.data for row in rows))
    sentences = [f"{count(len(sets), 'data set')} in {count(len(rows), 'row')} of the table."]
    for kind in KINDS:
        mine = [row for row in rows if row.kind == kind]
        sentences += _beside_paper([row for row in mine if row.limit is None], f"By the {kind} recipes")
        limited = [row for row in mine if row.limit is not None]
        sentences += _beside_paper(limited, f"By the {kind} recipes with other numbers of epochs")
    contests = [contest for row in rows for contest in row.contests]
    if contests:
        named = {name: sum(outcome_of(one) == name for one in contests) for name in (BETTER, WORSE, OPEN)}
        sentences.append(
            f"Against the best of the other models, paired by seed, an LTC is better in {named[BETTER]} of "
            f"{count(len(contests), 'test')}, worse in {named[WORSE]}, and {named[OPEN]} "
            f"{'is' if named[OPEN] == 1 else 'are'} undecided."
        )
    return " ".join(sentences)


def causes(failures: Mapping[Cell, str]) -> list[tuple[str, str]]:
    """Failed cells and their reason, each reason once."""
    found: dict[str, list[Cell]] = {}
    for cell, reason in failures.items():
        found.setdefault(reason, []).append(cell)
    return [(_cells(cells), reason) for reason, cells in found.items()]


def _cells(cells: Sequence[Cell]) -> str:
    if len(cells) == 1:
        return cells[0].label
    return f"{count(len(cells), 'cell')} of {listed(list(dict.fromkeys(cell.data for cell in cells)))}"


def _beside_paper(rows: Sequence[Row], by: str) -> list[str]:
    """What came out beside what was published, in rows that were trained alike."""
    marks = [mark for row in rows for model in row.scores if (mark := matches(row, model)) is not None]
    if not marks:
        return []
    beaten = list(dict.fromkeys(row.data for row in rows if _beats(row)))
    better = f"; an LTC is better than every published model on {listed(beaten, 10)}" if beaten else ""
    return [
        f"{by} {sum(marks)} of {count(len(marks), 'mean')} {'is' if len(marks) == 1 else 'are'} "
        f"within one published deviation of the published one, or better{better}."
    ]


def _beats(row: Row) -> bool:
    return any(beats_paper(row, model) for model in ("ltc", "conductance-ltc"))


def _range(values: Iterable[int]) -> str:
    found = sorted(set(values))
    return str(found[0]) if len(found) == 1 else f"{found[0]} to {found[-1]}"
