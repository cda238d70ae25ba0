"""What both the page and the document say."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from liquidtime.paper.engine import Item, Kept, Verdict
from liquidtime.report.wording import count

TITLE = "Liquid Time-constant Networks, computed anew"
PAPER = "Hasani, Lechner, Amini, Rus & Grosu (AAAI 2021, arXiv:2006.04439)"
PURPOSE = (
    f"Each claim, figure and table of “Liquid Time-constant Networks” by {PAPER}, computed anew: "
    "what was published, beside what was measured here, beside a verdict."
)
MEANINGS = {
    "holds": ("holds", "what was measured agrees with what was published"),
    "holds if": ("holds if …", "it agrees under the condition that is named"),
    "does not hold": ("does not hold", "what was measured contradicts it"),
    "unclear": ("not reproducible from what was published", "settings that decide it were not published"),
}
"""By kind of verdict: its words, and what they mean."""
NOT_RUN = "not measured yet"


_COUNTED = {
    "holds": ("holds", "hold"),
    "holds if": ("holds under a condition", "hold under a condition"),
    "does not hold": ("does not hold", "do not hold"),
    "unclear": ("is not reproducible from what was published", "are not reproducible from what was published"),
}


def tally(verdicts: Iterable[Verdict]) -> str:
    """How many verdicts there are of each kind.

    Example:
        >>> from liquidtime.paper.engine import does_not_hold, holds
        >>> tally([holds, does_not_hold, holds])
        '2 hold, 1 does not hold'
    """
    found = Counter(verdict.kind for verdict in verdicts)
    return ", ".join(f"{found[kind]} {words[found[kind] > 1]}" for kind, words in _COUNTED.items() if found[kind])


def result(kept: Mapping[str, Kept], items: Sequence[Item]) -> str:
    """What came out, in a sentence."""
    if not kept:
        return "Nothing is measured yet."
    verdicts = tally(one.outcome.verdict for one in kept.values())
    return f"{len(kept)} of {count(len(items), 'item')} measured: {verdicts}."


def when(created: str) -> str:
    """A moment to the minute.

    Example:
        >>> when("2026-03-01T12:34:56+00:00")
        '2026-03-01 12:34 UTC'
    """
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return created
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def duration(seconds: float) -> str:
    """A span of time as people say it.

    Example:
        >>> duration(0.21), duration(75), duration(7384)
        ('0.2 s', '1 min 15 s', '2 h 3 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def extent(quick: bool) -> str:
    """How much was computed, in a word."""
    return "quick" if quick else "full"


def measured(kept: Kept) -> str:
    """What was measured, in a few words, and whether it is a first look."""
    return f"{kept.outcome.measured} (quick)" if kept.quick else kept.outcome.measured
