"""The commands together, and what becomes of errors."""

import sys
from typing import Annotated

import typer

from liquidtime.cli.evaluate import evaluate
from liquidtime.cli.report import report
from liquidtime.cli.train import Interrupted, train

app = typer.Typer(
    name="liquidtime",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Liquid time-constant networks: train, evaluate and look into them.",
)
app.command(
    epilog="Examples:\n\nliquidtime train occupancy\n\nliquidtime train occupancy --model gru --seed 3 --out runs/gru-3"
    "\n\nliquidtime train occupancy --out runs/occupancy-ltc-1 --resume"
)(train)
app.command(
    epilog="Examples:\n\nliquidtime evaluate runs/occupancy-ltc-1\n\nliquidtime evaluate runs/occupancy-ltc-1 --json"
)(evaluate)
app.command(epilog="Example:\n\nliquidtime report runs/occupancy-ltc-1")(report)


def _version(wanted: bool) -> None:
    if wanted:
        from liquidtime import __version__

        sys.stdout.write(f"liquidtime {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
) -> None:
    pass


def run(arguments: list[str] | None = None) -> int:
    """Run one command: 0, or 2 after one line on standard error, or 130 where the user interrupted it."""
    try:
        return int(app(arguments, standalone_mode=False) or 0)
    except (KeyboardInterrupt, typer.Abort):
        return _say("interrupted", 130)
    except Interrupted as interruption:
        return _say(f"interrupted. {interruption}", 130)
    except (ValueError, OSError, ArithmeticError) as error:
        return _say(str(error), 2)
    except Exception as error:
        usage = getattr(error, "format_message", None)
        if usage is None:
            raise
        return _say(usage(), 2) if usage() else 2


def _say(message: str, code: int) -> int:
    line = " ".join(message.split())
    sys.stderr.write(f"{'error: ' if code == 2 else ''}{line}\n")
    return code
