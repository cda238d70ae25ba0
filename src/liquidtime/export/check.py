"""What was exported against PyTorch, on the same rows."""

import shutil
import subprocess
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from liquidtime.export.c_files import Source
from liquidtime.export.onnx_files import SEQUENCE, STEP
from liquidtime.export.sample import Sample
from liquidtime.solvers import ConvergenceError
from liquidtime.training import Trained

TOLERANCE = 1e-5
COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-std=c99", "-O2")


class Series(NamedTuple):
    """Rows to compare on.

    Args:
        rows: features in their own units (B, T, F), float32.
        spans: elapsed time before each row (B, T), float32.
    """

    rows: NDArray[np.float32]
    spans: NDArray[np.float32]


class Check(NamedTuple):
    """What a comparison found.

    Args:
        difference: the largest between PyTorch and the exported model, for numbers in standard deviations and relative
            where they are larger than 1; None if there was no comparison.
        obstacle: why there was none.
    """

    difference: float | None
    obstacle: str | None = None


def drawn(trained: Trained) -> Series:
    """Normal rows with the features' own means and deviations, and times around 1, one of them 0."""
    random, F = np.random.default_rng(0), len(trained.features)
    scaling = trained.scaling
    rows = (np.array(scaling.mean) + np.array(scaling.std) * random.normal(size=(4, 16, F))).astype(np.float32)
    spans = random.uniform(0.5, 1.5, (4, 16)).astype(np.float32)
    spans[:, 5] = 0
    return Series(rows, spans)


def check_onnx(trained: Trained, files: dict[str, bytes], series: Series) -> Check:
    """Both models in onnxruntime against PyTorch.

    Raises:
        ValueError: they differ.
    """
    try:
        runtime = import_module("onnxruntime")
    except ModuleNotFoundError:
        return Check(None, "onnxruntime is not installed")
    step, sequence = (_session(runtime, files[name]) for name in (STEP, SEQUENCE))
    rows, spans = series
    B, T, _ = rows.shape
    start = np.zeros((B, Sample(trained).state_size), np.float32)
    times = {"timespan": spans} if trained.takes_time else {}
    whole, _ = sequence.run(None, {"features": rows, "state": start, **times})
    said, state = [], start
    for t in range(T):
        given = {name: values[:, t] for name, values in times.items()}
        one, state = step.run(None, {"features": rows[:, t], "state": state, **given})
        said.append(one)
    return _compared(trained, series, {SEQUENCE: whole, STEP: np.stack(said, 1)})


def check_c(trained: Trained, source: Source, series: Series) -> Check:
    """The example program, compiled here, against PyTorch.

    Raises:
        ValueError: they differ, or the program refuses a row.
    """
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        return Check(None, f"there is no C compiler here ({', '.join(COMPILERS)})")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in source.files.items():
            (folder / file).write_text(text, encoding="utf-8")
        sources = [file for file in source.files if file.endswith(".c")]
        built = _run([compiler, *FLAGS, *sources, "-lm", "-o", "predict"], folder, "")
        if built.returncode != 0:
            return Check(None, f"{compiler} did not compile it ({' '.join(built.stderr.split())[:200]})")
        ran = _run([str(folder / "predict")], folder, as_csv(trained, series))
    if ran.returncode != 0:
        return Check(None, f"the program stopped ({ran.stderr.strip()})")
    lines = [line for line in ran.stdout.splitlines()[1:] if line]
    said = np.array([[float(value) for value in line.split(",")] for line in lines])
    return _compared(trained, series, {"the program": said.reshape(*series.spans.shape, -1)})


def as_csv(trained: Trained, series: Series) -> str:
    """Lines for the example program, an empty one between two series."""
    table = series.rows
    if trained.takes_time:
        table = np.concatenate([series.spans[..., None], table], -1)
    return "\n\n".join("\n".join(",".join(f"{value:.9g}" for value in row) for row in rows) for rows in table) + "\n"


def _run(words: list[str], folder: Path, given: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(words, cwd=folder, input=given, capture_output=True, text=True, check=False, timeout=120)


def _session(runtime: Any, model: bytes) -> Any:
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _compared(trained: Trained, series: Series, said: dict[str, NDArray[Any]]) -> Check:
    try:
        expected = trained.predict(series.rows, series.spans if trained.takes_time else None)
    except ConvergenceError as error:
        return Check(None, str(error))
    if not np.isfinite(expected).all():
        return Check(None, "PyTorch itself gives no finite numbers on these rows")
    scaling = trained.target_scaling
    scaled = (expected - np.array(scaling.mean)) / np.array(scaling.std)
    unit = np.array(scaling.std) * np.maximum(np.abs(scaled), 1)
    worst = {name: float((np.abs(values - expected) / unit).max()) for name, values in said.items()}
    for name, difference in worst.items():
        if not difference <= TOLERANCE:
            raise ValueError(
                f"{name} differs from PyTorch by {difference:.1e} on {len(expected)} series, more than {TOLERANCE:g}: "
                "the solver amplifies roundings; train with fused or exponential-midpoint, or with more substeps"
            )
    return Check(max(worst.values()))
