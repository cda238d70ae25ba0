"""What every page has around its body: one file that needs no network."""

from collections.abc import Sequence

from plotly.offline import get_plotlyjs

from liquidtime.report.markup import Html, escape, join, tag
from liquidtime.report.script import SCRIPT
from liquidtime.report.style import STYLE

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
"""A browser obeys it: whatever stands in a folder of results, the page loads nothing."""


def document(title: str, body: Sequence[Html], style: str = "") -> str:
    """A page as text.

    Args:
        title: of the window.
        body: its parts.
        style: rules that this page has beside those of all.
    """
    head = (
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'),
        tag("title", title),
        tag("style", Html(STYLE + style)),
    )
    silent = tag("noscript", "The pictures need JavaScript; numbers and tables do not.")
    scripts = (tag("script", Html(get_plotlyjs())), tag("script", Html(SCRIPT)))
    whole = tag("html", tag("head", *head), tag("body", tag("main", silent, *body), *scripts), lang="en")
    return f"<!doctype html>\n{join((whole,))}\n"
