"""`liquidtime export`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from liquidtime.export import Exported, Series
    from liquidtime.training import Trained

_TO = "onnx: two models, one sample and a whole series; c: C99 without a heap or a library."
_OUT = "The folder to make; RUN/onnx or RUN/c if left out."


def export(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", show_default=False)],
    to: Annotated[str, typer.Option(help=_TO, show_default=False)],
    out: Annotated[Path | None, typer.Option(help=_OUT, show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as one JSON object.")] = False,
) -> None:
    """Write a run's model as ONNX or C, and compare it with PyTorch."""
    from liquidtime import training
    from liquidtime.cli.train import print_json
    from liquidtime.data import lookup
    from liquidtime.export import FORMATS
    from liquidtime.export import export as write

    lookup("form", to, FORMATS)
    trained = training.load(run)
    series = _tested(trained)
    done = write(trained, to, run / to if out is None else out, series)
    if as_json:
        compared = {"difference": done.check.difference, "not_checked": done.check.obstacle}
        memory = {} if done.flash is None else {"flash_bytes": done.flash, "ram_bytes": done.ram}
        print_json({"run": str(run), "to": to, "folder": str(done.folder), "files": done.files, **memory, **compared})
        return
    for line in _lines(done, "drawn rows" if series is None else "test windows"):
        sys.stdout.write(f"{line}\n")


def _lines(done: "Exported", rows: str) -> list[str]:
    lines = [f"{done.folder / name}  {size:,} bytes" for name, size in done.files.items()]
    if done.flash is not None:
        lines.append(f"flash {done.flash:,} bytes of constants, RAM {done.ram:,} bytes")
    if done.check.difference is None:
        return [*lines, f"not compared with PyTorch: {done.check.obstacle}"]
    return [*lines, f"equal to PyTorch within {done.check.difference:.1e} on {rows}"]


def _tested(trained: "Trained") -> "Series | None":
    """A few test windows in their own units; None where the data are not here or there are none."""
    import numpy as np
    import torch

    from liquidtime.cli.data import task_of
    from liquidtime.export import Series

    try:
        windows = task_of(trained.run)[0].test
    except ValueError:
        return None
    if len(windows) == 0:
        return None
    scaling = trained.scaling
    some = windows[torch.linspace(0, len(windows) - 1, min(4, len(windows))).long()]
    rows = some.x[..., : len(trained.features)].double().numpy() * np.array(scaling.std) + np.array(scaling.mean)
    spans = np.ones(rows.shape[:2]) if some.timespans is None else some.timespans.numpy()
    return Series(rows.astype(np.float32), spans.astype(np.float32))
