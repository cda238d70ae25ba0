"""A run as if other data had been its test part."""

from dataclasses import replace
from typing import Any, cast

from liquidtime.data import Task
from liquidtime.training.evaluate import evaluate
from liquidtime.training.folder.metrics import CLASSIFIED, REGRESSED, result_name
from liquidtime.training.folder.run_folder import Run, load_model
from liquidtime.training.objective import Scores, objective_of


def rescored(run: Run, task: Task) -> tuple[Run, Scores]:
    """Score a run's model on the test part of a task; its folder stays as it is.

    Args:
        run: a finished run.
        task: data of the same kind as the run was trained on.

    Returns:
        The run with the results, the data's name and the checksums of the task; and the scores.

    Raises:
        RunFolderError: the weights are damaged.
        ValueError: the task has no test windows.
    """
    scores = evaluate(load_model(run), task.test, objective_of(task))
    tested = {
        result_name(name): cast(dict[str, Any], scores)[name] for name in (REGRESSED if task.regression else CLASSIFIED)
    }
    results = run.results | tested | {"test_windows": len(task.test)}
    told = {"data": task.name, "checksum": task.checksum, "protocol": task.protocol}
    return replace(run, results=results, config=run.config | told), scores
