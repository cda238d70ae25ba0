"""Files of the user's own on the command line."""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from liquidtime.data.table import Options

PANEL = "Files of your own"

Target = Annotated[
    str | None, typer.Option(rich_help_panel=PANEL, help="The column to predict; DATA are then files of your own.")
]
Time = Annotated[
    str | None, typer.Option(rich_help_panel=PANEL, help="The column that says when a row is: dates or numbers.")
]
TimeFormat = Annotated[
    str | None, typer.Option(rich_help_panel=PANEL, help="How its dates are written, such as '%d/%m/%Y %H:%M'.")
]
Group = Annotated[
    str | None, typer.Option(rich_help_panel=PANEL, help="The column that says to which series a row belongs.")
]
Kind = Annotated[
    str | None,
    typer.Option(
        "--task",
        rich_help_panel=PANEL,
        help="classification, series-classification, regression or forecast; found if left out.",
    ),
]
Horizon = Annotated[int | None, typer.Option(rich_help_panel=PANEL, help="Forecast the target 1 to N rows ahead.")]
Split = Annotated[
    str | None, typer.Option(rich_help_panel=PANEL, help="time or group: what is held out to validate and to test.")
]
Window = Annotated[int | None, typer.Option(rich_help_panel=PANEL, help="Rows per training window; found if left out.")]
Ignore = Annotated[
    list[str] | None, typer.Option(rich_help_panel=PANEL, help="A column to leave out; may be given again.")
]
Categorical = Annotated[
    list[str] | None, typer.Option(rich_help_panel=PANEL, help="A column whose numbers are categories; again for more.")
]
ClassWeights = Annotated[
    str | None, typer.Option(rich_help_panel=PANEL, help="balanced makes every class count alike; none if left out.")
]


def asked(words: Mapping[str, Any], stored: "Options | None") -> "Options | None":
    """What the user said about files of their own, on top of what a stored run knows.

    Args:
        words: by field of `Options`; None or an empty list where nothing was said.
        stored: of a run that is resumed.

    Raises:
        ValueError: options for files without a target.
    """
    from dataclasses import replace

    from liquidtime.data.table import Options

    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in words.items()
        if value is not None and value != []
    }
    if stored is not None:
        return replace(stored, **given)
    if "target" in given:
        return Options(**given)
    if given:
        raise ValueError(f"--{next(iter(given)).replace('_', '-')} without --target: name the column to predict")
    return None


def remark(notes: Sequence[str]) -> None:
    """Say what is unlike the rows that were trained on, a line each on standard error."""
    for note in notes:
        sys.stderr.write(f"note: {note}\n")
