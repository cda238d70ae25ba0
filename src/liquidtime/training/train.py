"""A training run, from a task and a recipe to a run folder."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from liquidtime.data import Task
from liquidtime.training import checkpoint
from liquidtime.training.checkpoint import TrainingState
from liquidtime.training.config import check_same, describe, read_config
from liquidtime.training.epoch import DivergedError, train_epoch
from liquidtime.training.evaluate import evaluate
from liquidtime.training.files import encode_json, write_aside, write_tensors
from liquidtime.training.intervals import write_intervals
from liquidtime.training.metrics import CLASSIFIED, REGRESSED, result_name, write_metrics
from liquidtime.training.model import count_parameters, draw_model
from liquidtime.training.objective import objective_of
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

    Adam (0.9, 0.999) on the task's loss. The best epoch has the best validation score by the task's metric, at equal
    score the lowest loss. On the CPU, the same task, recipe, seed and number of threads give the same weights bit
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
    model = draw_model(recipe, len(task.features), len(task.outputs), seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
    )
    state = TrainingState(model, optimizer, best={}, records=[], metric=task.metric)
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
    objective = objective_of(task)
    loss = train_epoch(state.model, state.optimizer, task.train, objective, recipe, seed, epoch, progress.on_batch)
    scores = evaluate(state.model, task.valid, objective)
    if not np.isfinite(scores["loss"]):
        raise DivergedError(
            f"the validation loss is {scores['loss']} in epoch {epoch}: lower learning_rate={recipe.learning_rate} "
            "or limit the gradient with clip"
        )
    seconds = time.perf_counter() - start
    score = cast(dict[str, float], scores)[task.metric]
    record = EpochRecord(epoch, loss, scores["loss"], score, seconds, best=True, metric=task.metric)
    return record if record.beats(state.best_record) else replace(record, best=False)


def _finish(folder: Path, task: Task, state: TrainingState) -> None:
    start = time.perf_counter()
    state.model.load_state_dict(state.best)
    names = REGRESSED if task.regression else CLASSIFIED
    tested: dict[str, Any] = dict.fromkeys(map(result_name, names))
    if len(task.test) > 0:
        scores = cast(dict[str, Any], evaluate(state.model, task.test, objective_of(task)))
        tested = {result_name(name): scores[name] for name in names}
    if task.table is not None and task.regression:
        write_intervals(folder, task, state.model)
    best, last = state.best_record, state.records[-1]
    assert best is not None
    results = tested | {
        "test_windows": len(task.test),
        "best_epoch": best.epoch,
        "valid_loss": best.valid_loss,
        f"valid_{task.metric}": best.valid_score,
        "last_valid_loss": last.valid_loss,
        f"last_valid_{task.metric}": last.valid_score,
        "epochs": len(state.records),
        "parameters": count_parameters(state.model),
        "seconds": sum(record.seconds for record in state.records) + time.perf_counter() - start,
    }
    write_tensors(folder / WEIGHTS, state.best)
    write_aside(folder / "results.json", encode_json(results))
