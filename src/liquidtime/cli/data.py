"""The data that words or a stored run belong to."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from liquidtime.cli.own import asked
from liquidtime.data import TASKS, Task, maker, with_log_timespans
from liquidtime.data.table import Options, cut, known_task, opened, recognise, table_name
from liquidtime.data.table import load as load_table
from liquidtime.training import Recipe, Run, RunFolderError, Settings, own_recipe, recipe_for, schema_of


class Seen(NamedTuple):
    """A task, the recipe it gets if nothing else is said, and what to say of files of one's own."""

    task: Task
    recipe: Recipe
    lines: dict[str, str] | None


def understand(
    words: Sequence[str],
    columns: Mapping[str, Any],
    stored: Settings | None,
    protocol: str | None,
    log_timespans: bool,
    model: str,
) -> Seen:
    """The task that the words of `liquidtime train` mean.

    Args:
        words: the name of a data set, or files.
        columns: what was said about files, by field of `Options`.
        stored: of the run that is resumed.
        protocol: of a data set.
        log_timespans: whether log Δt is one more input.
        model: its name, for the recipe.

    Raises:
        ValueError: there is no such data set, protocol or model, or the files make no sense.
    """
    logged = log_timespans or bool(stored and stored.log_timespans)
    table = stored.table if stored else None
    options = asked(columns, Options.from_dict(table["options"]) if table else None)
    if options is None:
        if any(Path(word).exists() for word in words) and words[0] not in {name for name, _ in TASKS}:
            with opened(words) as sources:
                names = ", ".join(cut(name) for name in sources[0].schema.names())
            raise ValueError(f"{words[0]} is a file of your own: pass --target COLUMN, one of {names}")
        if len(words) > 1:
            raise ValueError(f"{len(words)} data sets: pass one, or files of your own with --target COLUMN")
        chosen = protocol or (stored.protocol if stored else "paper")
        recipe = stored.recipe if stored else recipe_for(words[0], model, chosen)
        task, lines = maker(words[0], chosen)(), None
    else:
        if protocol is not None:
            raise ValueError(f"protocol={protocol!r} for files of your own: only published sets have one, leave it out")
        understood = load_table(words, options)
        task, lines = understood.task, understood.lines
        recipe = stored.recipe if stored else own_recipe(task, model)
    return Seen(with_log_timespans(task) if logged else task, recipe, lines)


def task_of(run: Run, files: Sequence[str] = ()) -> tuple[Task, tuple[str, ...]]:
    """The task that a run was trained on, or the same task on other files.

    Args:
        run: a finished run.
        files: files of one's own; none for the run's own data. Where they are the run's own, wherever they lie now,
            it is the test part that counts, else all of their rows.

    Returns:
        The task, and what is unlike the rows that were trained on.

    Raises:
        ValueError: the data set is unknown here, its files are missing, or other files do not fit.
        RunFolderError: its files are not those that the run saw.
    """
    table = run.config["table"]
    own = list(run.config["checksum"].values())
    if files:
        schema = schema_of(run)
        with opened(files) as sources:
            if sorted(source.sha256 for source in sources) != sorted(own):
                known = recognise(schema, sources, labelled=True)
                task = known_task(schema, known, table_name(sources), run.config)
                return (with_log_timespans(task) if run.config["log_timespans"] else task), known.notes
            # The split hangs on their order.
            files = [str(source.path) for source in sorted(sources, key=lambda source: own.index(source.sha256))]
    if table:
        task = load_table(files or table["files"], Options.from_dict(table["options"])).task
        way_out = "pass the file as it was, or score it as a new one by naming it"
    else:
        task = maker(run.config["data"], run.config["protocol_name"])()
        way_out = "install the version of liquidtime that trained it"
    if run.config["log_timespans"]:
        task = with_log_timespans(task)
    if list(task.checksum.values()) != own:
        raise RunFolderError(
            f"{run.path} was trained on other files of {task.name} than are here (their checksums differ): {way_out}"
        )
    return task, ()
