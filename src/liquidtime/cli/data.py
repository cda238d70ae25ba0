"""The data that a stored run belongs to."""

from liquidtime.data import Task, load, with_log_timespans
from liquidtime.training import Run, RunFolderError


def task_of(run: Run) -> Task:
    """The task that a run was trained on.

    Raises:
        ValueError: the data set is unknown here, or its files are missing.
        RunFolderError: its files are not those that the run saw.
    """
    task = load(run.config["data"], run.config["protocol_name"])
    if run.config["log_timespans"]:
        task = with_log_timespans(task)
    if task.checksum != run.config["checksum"]:
        raise RunFolderError(
            f"{run.path} was trained on other files of {task.name} than are here (their checksums differ): "
            "install the version of liquidtime that trained it"
        )
    return task
