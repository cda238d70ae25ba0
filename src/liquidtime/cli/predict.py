"""`liquidtime predict`."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer


def predict(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run on files of your own.", show_default=False)],
    file: Annotated[str, typer.Argument(help="A CSV or Parquet file with the same columns.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A .csv or .parquet file to write; CSV on standard output if left out."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With -o, say what was written as a JSON object.")] = False,
) -> None:
    """Write the rows of a file with what a run's model says about each."""
    from liquidtime import training
    from liquidtime.cli.own import remark
    from liquidtime.cli.train import print_json
    from liquidtime.data.table import check_output, opened, write_beside
    from liquidtime.report.wording import listed

    if as_json and out is None:
        raise ValueError("--json without -o: name the file to write the predictions to")
    if out is not None:
        check_output(out)
    trained = training.open_run(run)
    with opened([file]) as sources, tempfile.TemporaryDirectory(prefix="liquidtime-") as folder:
        if len(sources) > 1:
            raise ValueError(f"{file} is {len(sources)} files: pass them one by one")
        said, notes = training.predict(trained, sources[0])
        path = Path(folder) / "said.csv" if out is None else out
        write_beside(sources[0], said, path)
        if as_json:
            told = {"rows": len(said), "columns": said.columns, "notes": list(notes)}
            print_json({"run": str(run), "out": str(out), **told})
            return
        remark(notes)
        if out is None:
            with path.open(encoding="utf-8", newline="") as lines:
                shutil.copyfileobj(lines, sys.stdout)
        else:
            sys.stdout.write(f"{len(said):,} rows with {listed(said.columns, 4)}   → {out}\n")
