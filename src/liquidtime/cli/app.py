"""The commands together, and what becomes of errors."""

import sys
from typing import Annotated

import typer

from liquidtime.cli.compare import compare
from liquidtime.cli.data_sets import get, list_sets
from liquidtime.cli.evaluate import evaluate
from liquidtime.cli.export import export
from liquidtime.cli.paper import paper
from liquidtime.cli.predict import predict
from liquidtime.cli.report import report
from liquidtime.cli.train import Interrupted, train

app = typer.Typer(
    name="liquidtime",
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Liquid time-constant networks: train, evaluate, look into and ship them.",
)
_NEW = "liquidtime evaluate runs/sensors-ltc-1 new.csv"
_RUN = "runs/occupancy-ltc-1"


def _examples(*commands: str) -> str:
    return "\n\n".join(("Examples:", *commands))


app.command(
    epilog=_examples(
        "liquidtime train occupancy",
        "liquidtime train sensors.csv --target occupied --time date",
        "liquidtime train recordings/*.csv --target phase --split group",
        "liquidtime train load.parquet --target demand --time hour --horizon 24",
        "liquidtime train occupancy --model gru --seed 3 --out runs/gru-3",
        f"liquidtime train occupancy --out {_RUN} --resume",
    )
)(train)
app.command(
    epilog=_examples(
        f"liquidtime evaluate {_RUN}",
        f"liquidtime evaluate {_RUN} --json",
        "liquidtime evaluate runs/sensors-ltc-1 new.csv",
    )
)(evaluate)
app.command(
    epilog=_examples(
        "liquidtime predict runs/sensors-ltc-1 new.csv -o predicted.csv",
        "liquidtime predict runs/sensors-ltc-1 new.csv",
    )
)(predict)
app.command(epilog=_examples(f"liquidtime report {_RUN}", "liquidtime report runs/sensors-ltc-1 new.csv"))(report)
app.command(
    epilog=_examples(f"liquidtime export {_RUN} --to onnx", f"liquidtime export {_RUN} --to c --out firmware/model")
)(export)
app.command(
    epilog=_examples(
        "liquidtime paper", "liquidtime paper fig1 --quick", "liquidtime paper all --out results --markdown results.md"
    )
)(paper)
app.command(
    epilog=_examples(
        "liquidtime compare --data occupancy --recipe tuned --seeds 2",
        "liquidtime compare --data all --models all --seeds 5 --out grid --markdown table.md",
        "liquidtime compare --data all --cluster tcp://10.0.0.1:8786 --out /home/me/grid",
        "liquidtime compare --table --out grid --csv table.csv",
    )
)(compare)

data = typer.Typer(no_args_is_help=True, help="The published data sets: list them, get one.")
data.command("list", epilog=_examples("liquidtime data list", "liquidtime data list --json"))(list_sets)
data.command(epilog=_examples("liquidtime data get gesture"))(get)
app.add_typer(data, name="data")


def _version(wanted: bool) -> None:
    if wanted:
        from liquidtime import __version__

        sys.stdout.write(f"liquidtime {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
) -> None:
    if context.invoked_subcommand is None:
        sys.stdout.write(context.get_help() + "\n")


def run(arguments: list[str] | None = None) -> int:
    """Run one command: 0, 1 if a part failed, 2 after one line on standard error, 130 if the user interrupted it."""
    try:
        code = int(app(arguments, standalone_mode=False) or 0)
        return _say("interrupted", 130) if code == 130 else code
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
