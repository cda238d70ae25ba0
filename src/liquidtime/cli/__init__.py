"""The command line: words to objects, and nothing else."""

import io
import os
import sys


def main(arguments: list[str] | None = None) -> None:
    """Run the command `liquidtime`.

    Ends the process with 0, with 1 where part of the work failed, with 2 after a one-line error, or with 130 on Ctrl-C.
    """
    _open_streams()
    try:
        from liquidtime.cli.app import run

        code = run(arguments)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("liquidtime"):
            raise
        sys.stderr.write(f'error: the command line needs {error.name}: pip install "liquidtime[tool]"\n')
        code = 2
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        code = 130
    sys.exit(code)


def _open_streams() -> None:
    """Closed streams lead nowhere; letters that an encoding lacks become question marks."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
