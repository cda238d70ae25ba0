"""The folder that a training run leaves behind."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liquidtime.training.folder.config import read_config, recipe_of
from liquidtime.training.folder.files import (
    RESTORE,
    RunFolderError,
    check_tensors,
    encode_json,
    folder_aside,
    read_tensors,
    write,
)
from liquidtime.training.folder.metrics import read_metrics, read_results
from liquidtime.training.model import SequenceModel, draw_model
from liquidtime.training.recipe import Recipe

WEIGHTS = "model.safetensors"


@dataclass(frozen=True)
class Run:
    """A finished run.

    Args:
        path: the folder.
        config: `config.json`: `versions`, `command`, `created`, `data`, `protocol_name`, `variant`,
            `log_timespans`, `checksum`,
            `protocol`, `features`, `classes`, `targets` (one of both is empty), `mean`, `std`, `target_mean`,
            `target_std`, `class_weights`, `metric`, `table`, `recipe`, `seed`, `parameters`, `threads`.
        metrics: the lines of `metrics.jsonl`, with the fields of `EpochRecord`, its score as `valid_` and the metric.
        results: `results.json`: `test_loss`; for classes `test_accuracy`, `test_f1` and `confusion` (true classes in
            rows), for numbers `test_squared_error` and `test_absolute_error`; all None where the task has no test
            windows; `test_windows`; `best_epoch`, `valid_loss` and the score of that epoch, `valid_` and the metric;
            `last_valid_loss` and `last_valid_` and the metric; `epochs`, `parameters`, `seconds`.
    """

    path: Path
    config: dict[str, Any]
    metrics: list[dict[str, Any]]
    results: dict[str, Any]

    @property
    def recipe(self) -> Recipe:
        """The recipe that was followed."""
        return recipe_of(self.config, self.path / "config.json")

    @property
    def outputs(self) -> list[str]:
        """Names of what the read-out gives: the classes, or the targets."""
        names: list[str] = self.config["classes"] or self.config["targets"]
        return names

    @property
    def metric(self) -> str:
        """The score by which the best epoch was chosen."""
        return str(self.config["metric"])


def refuse_existing(folder: Path) -> None:
    """An output path has to be free.

    Raises:
        RunFolderError: something is there.
    """
    if os.path.lexists(folder):
        raise RunFolderError(
            f"{folder} exists already: choose another output folder (--out), or continue an interrupted run (--resume)"
        )


def create(folder: Path, config: dict[str, Any]) -> None:
    """Make a run folder that never exists without its configuration.

    Raises:
        RunFolderError: the path is taken or cannot be written; nothing is left behind.
    """
    refuse_existing(folder)
    content = encode_json(config)
    with folder_aside(folder) as aside:
        (aside / "checkpoint").mkdir()
        write(aside / "config.json", content)


def is_finished(folder: Path) -> bool:
    """Whether training and scoring came to their end."""
    return (folder / "results.json").exists()


def open_run(path: str | Path) -> Run:
    """Open a finished run.

    Raises:
        RunFolderError: there is no run, it is unfinished, or a file is missing, cut off or damaged.
    """
    folder = Path(path)
    config = read_config(folder)
    if not is_finished(folder):
        raise RunFolderError(f"{folder} is an unfinished run: continue it first (--resume)")
    metric = config["metric"]
    run = Run(folder, config, read_metrics(folder, metric), read_results(folder, len(config["classes"]), metric))
    if [row["epoch"] for row in run.metrics] != list(range(1, len(run.metrics) + 1)):
        raise RunFolderError(f"{folder / 'metrics.jsonl'}: the epochs are not 1, 2, 3 …: {RESTORE}")
    if run.results["epochs"] != len(run.metrics):
        raise RunFolderError(
            f"{folder / 'metrics.jsonl'} has {len(run.metrics)} lines for {run.results['epochs']} epochs: {RESTORE}"
        )
    best = run.results["best_epoch"]
    if not (1 <= best <= len(run.metrics) and run.metrics[best - 1]["best"]):
        raise RunFolderError(
            f"{folder / 'results.json'}: best_epoch is {best}, which metrics.jsonl does not call the best: {RESTORE}"
        )
    read_tensors(folder / WEIGHTS)
    return run


def load_model(run: Run) -> SequenceModel:
    """The model with the best epoch's weights, ready for inference. Reads tensors and JSON, so no code can be run.

    Raises:
        RunFolderError: the weights are missing, damaged, or do not fit the configuration.
    """
    path = run.path / WEIGHTS
    tensors, _ = read_tensors(path)
    recipe, features, outputs = run.recipe, len(run.config["features"]), len(run.outputs)
    head = tensors.get("head.weight")
    if head is None or tuple(head.shape) != (outputs, recipe.hidden_size):
        found = "missing" if head is None else f"of shape {tuple(head.shape)}"
        raise RunFolderError(
            f"{path}: tensor head.weight is {found}, but config.json asks for shape "
            f"{(outputs, recipe.hidden_size)}: {RESTORE}"
        )
    try:
        model = draw_model(recipe, features, outputs, seed=0)
    except ValueError as error:
        raise RunFolderError(f"{run.path / 'config.json'}, recipe: {error}") from error
    check_tensors(tensors, model.state_dict(), path)
    model.load_state_dict(tensors)
    return model.eval()
