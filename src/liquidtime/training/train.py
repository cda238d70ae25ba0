"""A training run, from a task and a recipe to a run folder."""

import time
from pathlib import Path
from typing import Any, cast

from liquidtime.data import Task
from liquidtime.training import checkpoint
from liquidtime.training.config import check_same, describe, read_config
from liquidtime.training.files import encode_json, write_aside, write_tensors
from liquidtime.training.intervals import write_intervals
from liquidtime.training.loop import Loop
from liquidtime.training.metrics import CLASSIFIED, REGRESSED, result_name, write_metrics
from liquidtime.training.model import count_parameters
from liquidtime.training.progress import Progress, Silent
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
    loop = Loop.on(task, recipe, seed)
    config = describe(task, recipe, seed, count_parameters(loop.model), command)
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
        write_intervals(folder, task, loop.model)
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
