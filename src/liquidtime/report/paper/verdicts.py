"""Verdicts to look at: a mark that differs in shape and colour, and the words."""

from liquidtime.paper.engine import Verdict
from liquidtime.report.markup import Html, tag
from liquidtime.report.theme import BLUE, GREY, ORANGE, VERMILLION

MARKS = {"holds": ("✓", BLUE), "holds if": ("◐", ORANGE), "does not hold": ("✗", VERMILLION), "unclear": ("?", GREY)}


def mark(kind: str) -> Html:
    """The mark of a kind of verdict."""
    sign, shade = MARKS[kind]
    return tag("span", sign, class_="mark", style=f"background:{shade}", aria_hidden="true")


def shown(verdict: Verdict) -> Html:
    """Mark and words."""
    return tag("span", mark(verdict.kind), tag("span", str(verdict)), class_="verdict")
