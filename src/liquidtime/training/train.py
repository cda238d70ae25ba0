"""A training run, from a task and a recipe to a run folder."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from liquidtime.data import Task
from liquidtime.training import checkpoint
from liquidtime.training.checkpoint import TrainingState
from liquidtime.training.config import check_same, describe, read_config
from liquidtime.training.epoch import DivergedError, train_epoch
from liquidtime.training.evaluate import evaluate
from liquidtime.training.files import encode_json, write_aside, write_tensors
from liquidtime.training.metrics import write_metrics
from liquidtime.training.model import count_parameters, draw_model
from liquidtime.training.progress import EpochRecord, Progress, Silent
from liquidtime.training.recipe import Recipe
from liquidtime.training.run_folder import WEIGHTS, Run, create, is_finished, open_run, refuse_existing


def train(
    task: Task,
    recipe: Recipe,
    seed: int,
    out: str | Path,
    progress: Progress | None = None,
    resume: bool = False,
    *,
    command: str | None = None,
) -> Run:
    """Train a model, validate it every epoch, score its best weights once on the test windows, keep everything.

    Adam (0.9, 0.999) on the cross-entropy of every step. The best epoch has the highest validation accuracy, at equal
    accuracy the lowest loss. On the CPU, the same task, recipe, seed and number of threads give the same weights bit
    for bit, whether the run was interrupted and resumed or not.

    Args:
        task: what to learn.
        recipe: how.
        seed: of the weights and of the order of the windows.
        out: the run folder, which must not exist unless `resume`.
        progress: is told of the start, and of every batch and epoch.
        resume: continue an interrupted run in `out`; one that is finished is returned as it is.
        command: what the user typed, kept in `config.json`.

    Raises:
        RunFolderError: `out` exists, cannot be written, or, on resuming, holds no run of this task, recipe and seed.
        ValueError: the recipe does not fit the task.
        DivergedError: the loss is not finite; the epochs before are kept.

    Example:
        >>> from liquidtime.data import occupancy
        >>> from liquidtime.training import recipe_for, train
        >>> run = train(occupancy.paper(), recipe_for("occupancy", "ltc"), seed=0, out="runs/ltc")  # doctest: +SKIP
        >>> run.results["test_accuracy"]  # doctest: +SKIP
    """
    folder, progress = Path(out), Silent() if progress is None else progress
    if not resume:
        refuse_existing(folder)
    _check(task, recipe, seed)
    model = draw_model(recipe, len(task.features), len(task.classes), seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
    )
    state = TrainingState(model, optimizer, best={}, records=[])
    config = describe(task, recipe, seed, count_parameters(model), command)
    if resume:
        check_same(read_config(folder), config, folder)
        if is_finished(folder):
            return open_run(folder)
        checkpoint.restore(folder, state, recipe.epochs)
        write_metrics(folder, state.records)
    else:
        create(folder, config)
    progress.on_start(tuple(state.records))
    for epoch in range(len(state.records) + 1, recipe.epochs + 1):
        record = _epoch(task, recipe, seed, epoch, state, progress)
        if record.best:
            state.best = {name: tensor.clone() for name, tensor in model.state_dict().items()}
        state.records.append(record)
        checkpoint.save(folder, state)
        write_metrics(folder, state.records)
        progress.on_epoch(record)
    _finish(folder, task, state)
    return open_run(folder)


def _check(task: Task, recipe: Recipe, seed: int) -> None:
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
        raise ValueError(f"seed={seed!r}: pass a whole number, at least 0")
    if recipe.batch_size > len(task.train):
        raise ValueError(
            f"batch_size={recipe.batch_size} but {task.name} has {len(task.train)} training windows: pass fewer"
        )
    if len(task.valid) == 0:
        raise ValueError(f"{task.name} has no validation windows: the best epoch could not be chosen")


def _epoch(task: Task, recipe: Recipe, seed: int, epoch: int, state: TrainingState, progress: Progress) -> EpochRecord:
    start = time.perf_counter()
    loss = train_epoch(state.model, state.optimizer, task.train, recipe, seed, epoch, progress.on_batch)
    scores = evaluate(state.model, task.valid)
    if not np.isfinite(scores["loss"]):
        raise DivergedError(
            f"the validation loss is {scores['loss']} in epoch {epoch}: lower learning_rate={recipe.learning_rate} "
            "or limit the gradient with clip"
        )
    seconds = time.perf_counter() - start
    record = EpochRecord(epoch, loss, scores["loss"], scores["accuracy"], seconds, best=True)
    return record if record.beats(state.best_record) else replace(record, best=False)


def _finish(folder: Path, task: Task, state: TrainingState) -> None:
    start = time.perf_counter()
    state.model.load_state_dict(state.best)
    tested: dict[str, Any] = dict.fromkeys(("test_loss", "test_accuracy", "test_f1", "confusion"))
    if len(task.test) > 0:
        scores = evaluate(state.model, task.test)
        tested = {f"test_{name}": scores[name] for name in ("loss", "accuracy", "f1")}
        tested["confusion"] = scores["confusion"]
    best, last = state.best_record, state.records[-1]
    assert best is not None
    results = tested | {
        "test_windows": len(task.test),
        "best_epoch": best.epoch,
        "valid_loss": best.valid_loss,
        "valid_accuracy": best.valid_accuracy,
        "last_valid_loss": last.valid_loss,
        "last_valid_accuracy": last.valid_accuracy,
        "epochs": len(state.records),
        "parameters": count_parameters(state.model),
        "seconds": sum(record.seconds for record in state.records) + time.perf_counter() - start,
    }
    write_tensors(folder / WEIGHTS, state.best)
    write_aside(folder / "results.json", encode_json(results))
