"""The folder that an export leaves behind."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from liquidtime.data import lookup
from liquidtime.export.c_files import c_source
from liquidtime.export.check import Check, Series, check_c, check_onnx, drawn
from liquidtime.export.onnx_files import onnx_files
from liquidtime.training import RunFolderError, Trained, folder_aside
from liquidtime.training.folder.files import write


@dataclass(frozen=True)
class Exported:
    """What was written.

    Args:
        folder: where.
        files: bytes of each file.
        flash: bytes of a C model's constants; None for ONNX.
        ram: bytes of a C model's memory, likewise.
        check: how it compares with PyTorch.
    """

    folder: Path
    files: dict[str, int]
    flash: int | None
    ram: int | None
    check: Check


@dataclass(frozen=True)
class _Made:
    files: dict[str, bytes]
    check: Check
    flash: int | None = None
    ram: int | None = None


def _onnx(trained: Trained, series: Series) -> _Made:
    files = onnx_files(trained)
    return _Made(files, check_onnx(trained, files, series))


def _c(trained: Trained, series: Series) -> _Made:
    source = c_source(trained)
    files = {name: text.encode() for name, text in source.files.items()}
    return _Made(files, check_c(trained, source, series), source.flash, source.ram)


FORMATS: dict[str, Callable[[Trained, Series], _Made]] = {"onnx": _onnx, "c": _c}


def export(trained: Trained, to: str, out: str | Path, series: Series | None = None) -> Exported:
    """Write a trained run in another form, after comparing that form with PyTorch where this machine can run it.

    Args:
        trained: the model.
        to: `onnx` or `c`.
        out: the folder to make; it must not exist.
        series: rows to compare on; None for some that are drawn.

    Raises:
        RunFolderError: `out` exists or cannot be written; nothing is left behind.
        ValueError: there is no such form, the model has none, or what came out differs from PyTorch.

    Example:
        >>> import liquidtime
        >>> from liquidtime.export import export
        >>> export(liquidtime.load("runs/occupancy-ltc-1"), "c", "firmware/model").ram  # doctest: +SKIP
        660
    """
    make, folder = lookup("form", to, FORMATS), Path(out)
    if os.path.lexists(folder):
        raise RunFolderError(f"{folder} exists already: remove it, or choose another output folder (--out)")
    made = make(trained, drawn(trained) if series is None else series)
    with folder_aside(folder) as aside:
        for name, content in made.files.items():
            write(aside / name, content)
    sizes = {name: len(content) for name, content in made.files.items()}
    return Exported(folder, sizes, made.flash, made.ram, made.check)
