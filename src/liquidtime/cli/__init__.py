"""The command line: words to objects, and nothing else."""

import sys


def main(arguments: list[str] | None = None) -> None:
    """Run the command `liquidtime`; ends the process with 0, with 2 after a one-line error, or with 130 on Ctrl-C."""
    try:
        from liquidtime.cli.app import run
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("liquidtime"):
            raise
        sys.stderr.write(f"error: {missing(error.name)}\n")
        sys.exit(2)
    sys.exit(run(arguments))


def missing(module: str) -> str:
    """What to do about a module of the `tool` extra that is not installed."""
    return f'the command line needs {module}: pip install "liquidtime[tool]"'
