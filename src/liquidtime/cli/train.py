"""`liquidtime train`."""

import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

MODEL_NAMES = "ltc, conductance-ltc, ctrnn, node, ctgru, lstm, gru"
DEFAULT_MODEL = "ltc"
_EVERY = "k of --gradient truncated or recompute: samples per chunk."


class Interrupted(Exception):  # noqa: N818
    """The user stopped a run; the message says how to go on."""


def train(
    data: Annotated[str, typer.Argument(help="A data set by name: occupancy.", show_default=False)],
    model: Annotated[str | None, typer.Option(help=f"One of {MODEL_NAMES}; {DEFAULT_MODEL} if left out.")] = None,
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
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as one JSON object.")] = False,
) -> None:
    """Train a model on a data set, score it, and write its run folder with a report page."""
    from liquidtime import training
    from liquidtime.cli.progress import Display, understood
    from liquidtime.data import maker
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
    }
    given = {name: value for name, value in options.items() if value is not None}
    make = maker(data)
    if resume:
        if out is None:
            raise ValueError("--resume without --out: name the run folder to continue")
        stored, first_seed = training.stored_settings(out)
    else:
        stored, first_seed = training.recipe_for(data, model or DEFAULT_MODEL), 0
    recipe, seed = replace(stored, **given), first_seed if seed is None else seed
    folder = _free_folder(data, recipe.model) if out is None else out
    task = make()
    display = Display(understood(task, recipe), recipe.epochs, quiet=as_json)
    command = shlex.join(["liquidtime", *sys.argv[1:]])
    try:
        with display:
            run = training.train(task, recipe, seed, folder, display, resume, command=command)
    except KeyboardInterrupt:
        if not folder.exists():
            raise
        again = shlex.join(["liquidtime", "train", data, "--out", str(folder), "--resume"])
        raise Interrupted(f"Continue with: {again}") from None
    page = write(run, task)
    if as_json:
        print_json({"run": str(folder), "report": str(page), **run.results})
    else:
        steps = run.results["test_windows"] * task.test.length
        display.say(
            f"test accuracy {100 * run.results['test_accuracy']:.2f} % (F1 {run.results['test_f1']:.3f}, "
            f"{steps:,} steps never trained on)   → {page}"
        )


def print_json(value: dict[str, Any]) -> None:
    """One JSON object and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def _free_folder(data: str, model: str) -> Path:
    number = 1
    while (folder := Path("runs") / f"{data}-{model}-{number}").exists():
        number += 1
    return folder
