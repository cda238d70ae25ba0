"""A training run, from a task and a recipe to a run folder."""

import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast

from liquidtime.data import Task
from liquidtime.training import checkpoint
from liquidtime.training.config import check_same, describe, read_config
from liquidtime.training.devices import Devices
from liquidtime.training.files import encode_json, write_aside, write_tensors
from liquidtime.training.intervals import write_intervals
from liquidtime.training.loop import Loop
from liquidtime.training.metrics import CLASSIFIED, REGRESSED, result_name, write_metrics
from liquidtime.training.model import count_parameters
from liquidtime.training.progress import Progress, Silent
from liquidtime.training.ranks import LostRankError, Ranks
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
    devices: Devices | None = None,
) -> Run:
    """Train a model, validate it every epoch, score its best weights once on the test windows, keep everything.

    The loop is that of `Loop`; this adds the folder. On the CPU, the same task, recipe, seed and number of threads give
    the same weights bit for bit, whether the run was interrupted and resumed or not.

    Args:
        task: what to learn.
        recipe: how.
        seed: of the weights and of the order of the windows.
        out: the run folder, which must not exist unless `resume`.
        progress: is told of the start, and of every batch and epoch.
        resume: continue an interrupted run in `out`; one that is finished is returned as it is.
        command: what the user typed, kept in `config.json`.
        devices: share the run between several processes; the windows of every batch, and to rounding the numbers, are
            those of one process. On other machines than the first nothing is kept, and the call ends the program.

    Raises:
        RunFolderError: `out` exists, cannot be written, or, on resuming, holds no run of this task, recipe and seed.
        ValueError: the recipe does not fit the task.
        DivergedError: the loss is not finite; the epochs before are kept.
        LostRankError: a process that shares the run was lost; the epochs before are kept.

    Example:
        >>> from liquidtime.data import occupancy
        >>> from liquidtime.training import recipe_for, train
        >>> run = train(occupancy.paper(), recipe_for("occupancy", "ltc"), seed=0, out="runs/ltc")  # doctest: +SKIP
        >>> run.results["test_accuracy"]  # doctest: +SKIP
    """
    folder, progress = Path(out), Silent() if progress is None else progress
    if not resume:
        refuse_existing(folder)
    if devices is None:
        return _train(Loop.on(task, recipe, seed), task, folder, progress, resume, command)
    try:
        with _ranks_on(devices, task, recipe, seed) as ranks:
            loop = Loop.on(task, recipe, seed, ranks)
            if ranks.first:
                return _train(loop, task, folder, progress, resume, command)
            list(loop.run())
    except LostRankError as error:
        raise LostRankError(f"{folder}: {error}") from error
    raise SystemExit


def _ranks_on(devices: Devices, task: Task, recipe: Recipe, seed: int) -> AbstractContextManager[Ranks]:
    try:
        from liquidtime.training.fabric import ranks_on
    except ImportError as error:
        raise ValueError(f"devices={devices.devices}: {error}: pip install 'liquidtime[devices]'") from error
    return ranks_on(devices, task, recipe, seed)


def _train(loop: Loop, task: Task, folder: Path, progress: Progress, resume: bool, command: str | None) -> Run:
    config = describe(task, loop.recipe, loop.seed, count_parameters(loop.model), command)
    if resume:
        check_same(read_config(folder), config, folder)
        if is_finished(folder):
            return open_run(folder)
        checkpoint.restore(folder, loop)
        write_metrics(folder, loop.records)
    else:
        create(folder, config)
    progress.on_start(tuple(loop.records))
    for record in loop.run(progress.on_batch):
        checkpoint.save(folder, loop)
        write_metrics(folder, loop.records)
        progress.on_epoch(record)
    _finish(folder, task, loop)
    return open_run(folder)


def _finish(folder: Path, task: Task, loop: Loop) -> None:
    start = time.perf_counter()
    model = loop.take_best()
    names = REGRESSED if task.regression else CLASSIFIED
    tested: dict[str, Any] = dict.fromkeys(map(result_name, names))
    if len(task.test) > 0:
        scores = cast(dict[str, Any], loop.score(task.test))
        tested = {result_name(name): scores[name] for name in names}
    if task.table is not None and task.regression:
        write_intervals(folder, task, model)
    best, last = loop.best_record, loop.records[-1]
    assert best is not None
    results = tested | {
        "test_windows": len(task.test),
        "best_epoch": best.epoch,
        "valid_loss": best.valid_loss,
        f"valid_{task.metric}": best.valid_score,
        "last_valid_loss": last.valid_loss,
        f"last_valid_{task.metric}": last.valid_score,
        "epochs": len(loop.records),
        "parameters": count_parameters(model),
        "seconds": sum(record.seconds for record in loop.records) + time.perf_counter() - start,
    }
    write_tensors(folder / WEIGHTS, loop.best)
    write_aside(folder / "results.json", encode_json(results))
