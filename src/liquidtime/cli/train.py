"""`liquidtime train`."""

import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liquidtime.cli import own

if TYPE_CHECKING:
    from liquidtime.data import Task
    from liquidtime.training import Run

MODEL_NAMES = "ltc, conductance-ltc, ctrnn, node, ctgru, lstm, gru"
DEFAULT_MODEL = "ltc"
_PROTOCOL = "How data are cut and split: paper (if left out), as published, where tests may overlap training; or clean."
_LOG = "Give the elapsed times as one more input, for models that know no time."
_EVERY = "k of --gradient truncated or recompute: samples per chunk."

_DEVICES = "Share the run between so many devices of this machine, one process each."
_NODES = "Machines that share it; see docs/clusters.md."
_ACCELERATOR = "Of --devices: auto (if left out), cpu or cuda."
_PATIENCE = "Epochs in a row without a better one after which training ends."


class Interrupted(Exception):  # noqa: N818
    """The user stopped a run; the message says how to go on."""


def train(
    data: Annotated[
        list[str],
        typer.Argument(help="A data set by name (`liquidtime data list`), or with --target CSV or Parquet files."),
    ],
    target: own.Target = None,
    time: own.Time = None,
    time_format: own.TimeFormat = None,
    group: own.Group = None,
    kind: own.Kind = None,
    horizon: own.Horizon = None,
    split: own.Split = None,
    window: own.Window = None,
    ignore: own.Ignore = None,
    categorical: own.Categorical = None,
    class_weights: own.ClassWeights = None,
    model: Annotated[str | None, typer.Option(help=f"One of {MODEL_NAMES}; {DEFAULT_MODEL} if left out.")] = None,
    protocol: Annotated[str | None, typer.Option(help=_PROTOCOL)] = None,
    log_timespans: Annotated[bool, typer.Option("--log-timespans", help=_LOG)] = False,
    epochs: Annotated[int | None, typer.Option(help="Passes over the training windows.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the weights and the order of windows; 0 if left out.")] = None,
    out: Annotated[Path | None, typer.Option(help="Run folder; runs/DATA-MODEL-N if left out.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue the interrupted run in --out.")] = False,
    hidden_size: Annotated[int | None, typer.Option(help="Neurons.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Windows per optimiser step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Of Adam.")] = None,
    solver: Annotated[str | None, typer.Option(help="How a span of time is crossed, such as fused or rk4.")] = None,
    substeps: Annotated[int | None, typer.Option(help="Steps of --solver per sample.")] = None,
    gradient: Annotated[str | None, typer.Option(help="bptt, truncated, recompute or adjoint.")] = None,
    every: Annotated[int | None, typer.Option(help=_EVERY)] = None,
    truncate: Annotated[int | None, typer.Option(help="Step back every K samples (truncated BPTT).")] = None,
    patience: Annotated[int | None, typer.Option(help=_PATIENCE)] = None,
    devices: Annotated[int | None, typer.Option(help=_DEVICES)] = None,
    nodes: Annotated[int | None, typer.Option(help=_NODES)] = None,
    accelerator: Annotated[str | None, typer.Option(help=_ACCELERATOR)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as one JSON object.")] = False,
) -> None:
    """Train a model on a data set or on files of your own, score it, and write its run folder with a report page."""
    from liquidtime import training
    from liquidtime.cli.data import understand
    from liquidtime.cli.progress import Display, understood
    from liquidtime.report import write

    options: dict[str, Any] = {
        "model": model,
        "hidden_size": hidden_size,
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "solver": solver,
        "substeps": substeps,
        "gradient": gradient,
        "every": every,
        "truncate": truncate,
        "patience": patience,
    }
    given = {name: value for name, value in options.items() if value is not None}
    shared: dict[str, Any] = {"devices": devices, "nodes": nodes, "accelerator": accelerator}
    shared = {name: value for name, value in shared.items() if value is not None}
    where = training.Devices(**shared) if shared else None
    columns: dict[str, Any] = {
        "target": target,
        "time": time,
        "time_format": time_format,
        "group": group,
        "task": kind,
        "horizon": horizon,
        "split": split,
        "window": window,
        "ignore": ignore,
        "categorical": categorical,
        "class_weights": class_weights,
    }
    stored = None
    if resume:
        if out is None:
            raise ValueError("--resume without --out: name the run folder to continue")
        stored = training.stored_settings(out)
    seen = understand(data, columns, stored, protocol, log_timespans, model or DEFAULT_MODEL)
    task, recipe = seen.task, replace(seen.recipe, **given)
    seed = seed if seed is not None else stored.seed if stored else 0
    folder = _free_folder(task.name, recipe.model) if out is None else out
    display = Display(
        understood(task, recipe, seen.lines), recipe.epochs, quiet=as_json or (where is not None and where.node > 0)
    )
    command = shlex.join(["liquidtime", *sys.argv[1:]])
    try:
        with display:
            run = training.train(task, recipe, seed, folder, display, resume, command=command, devices=where)
    except KeyboardInterrupt:
        if not folder.exists():
            raise
        there = [word for name, value in shared.items() for word in (f"--{name}", str(value))]
        again = shlex.join(["liquidtime", "train", *data, "--out", str(folder), "--resume", *there])
        raise Interrupted(f"Continue with: {again}") from None
    page = write(run, task)
    if as_json:
        print_json({"run": str(folder), "report": str(page), **run.results})
    else:
        display.say(f"{_tested(task, run)}   → {page}")


def _tested(task: "Task", run: "Run") -> str:
    from liquidtime.cli.wording import scored, steps, unseen

    if len(task.test) == 0:
        return "no test windows"
    scores = {name.removeprefix("test_"): value for name, value in run.results.items()}
    first, *others = scored(task, scores)
    return f"test {first} ({', '.join([*others, steps(task.test) + unseen(task)])})"


def print_json(value: dict[str, Any]) -> None:
    """One JSON object and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def file_name(data: str) -> str:
    """What a task is called, as part of a file's name."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in data)


def _free_folder(data: str, model: str) -> Path:
    number = 1
    name = file_name(data)
    while (folder := Path("runs") / f"{name}-{model}-{number}").exists():
        number += 1
    return folder
