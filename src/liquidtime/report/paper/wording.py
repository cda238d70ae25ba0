"""What both the page and the document say."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

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


def extent(quick: bool) -> str:
    """How much was computed, in a word."""
    return "quick" if quick else "full"


def measured(kept: Kept) -> str:
    """What was measured, in a few words, and whether it is a first look."""
    return f"{kept.outcome.measured} (quick)" if kept.quick else kept.outcome.measured
