"""Items with several parts, each of which stands on its own when another could not be computed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from liquidtime.paper.engine import Case, Finding, Outcome, Picture, Results, Table, Verdict


@dataclass(frozen=True)
class Part:
    """What one part of an item has to show.

    Args:
        summary: a sentence or two.
        findings: one by one.
        tables: the numbers.
        pictures: the pictures.
    """

    summary: str
    findings: Sequence[Finding] = ()
    tables: Sequence[Table] = ()
    pictures: Sequence[Picture] = ()


def together(measured: str, verdict: Verdict, parts: Sequence[Part], missing: str = "") -> Outcome:
    """The outcome of an item from its parts, with what is missing told in its summary."""
    return Outcome(
        measured,
        verdict,
        " ".join(text for text in (*(part.summary for part in parts), missing) if text),
        [finding for part in parts for finding in part.findings],
        [table for part in parts for table in part.tables],
        [picture for part in parts for picture in part.pictures],
    )


def missing_cases(cases: Iterable[Case], results: Results) -> str:
    """Which cases gave nothing and why, each reason once; an empty text if all did."""
    reasons: dict[str, list[str]] = {}
    for case in cases:
        if case.key not in results.values:
            reasons.setdefault(results.failure(case) or "not computed", []).append(case.label)
    return " ".join(
        f"Missing: {labels[0]}{f' and {len(labels) - 1} more' if len(labels) > 1 else ''} ({reason})."
        for reason, labels in reasons.items()
    )


def written(value: float, form: str = ".2g") -> str:
    """A number as text, with a true minus sign, and 0 as it is.

    Example:
        >>> written(-0.123), written(0.0, ".1e"), written(-12.0, "+.1f")
        ('−0.12', '0', '−12.0')
    """
    text = "0" if value == 0 else format(value, form)
    return f"−{text[1:]}" if text.startswith("-") else text


def given(cases: Iterable[Case], results: Results) -> bool:
    """Whether all of these cases gave something."""
    return all(case.key in results.values for case in cases)
