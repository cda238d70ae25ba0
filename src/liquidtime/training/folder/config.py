"""`config.json`: all that a run was told."""

import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import torch

from liquidtime import __version__
from liquidtime.data import METRICS, Task
from liquidtime.data.table import Options, Schema
from liquidtime.data.timing import FEATURE
from liquidtime.training.folder.files import RESTORE, RunFolderError, read_json
from liquidtime.training.recipe import Recipe, is_number

FORMAT = "liquidtime-run"
VERSION = 4
_SAME = (
    "data",
    "protocol_name",
    "variant",
    "log_timespans",
    "checksum",
    "protocol",
    "features",
    "classes",
    "targets",
    "mean",
    "std",
    "target_mean",
    "target_std",
    "class_weights",
    "metric",
    "table",
    "seed",
)


def describe(task: Task, recipe: Recipe, seed: int, parameters: int, command: str | None) -> dict[str, Any]:
    """The configuration of a new run."""
    config = {
        "format": FORMAT,
        "format_version": VERSION,
        "versions": {
            "liquidtime": __version__,
            "torch": str(torch.__version__),
            "python": platform.python_version(),
        },
        "command": None if command is None else command.encode("utf-8", "backslashreplace").decode(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "data": task.name,
        "protocol_name": task.protocol_name,
        "variant": task.variant,
        "log_timespans": task.log_timespans,
        "checksum": task.checksum,
        "protocol": task.protocol,
        "features": task.features,
        "classes": task.classes,
        "targets": task.targets,
        "mean": task.mean,
        "std": task.std,
        "target_mean": task.target_mean,
        "target_std": task.target_std,
        "class_weights": task.class_weights,
        "metric": task.metric,
        "table": task.table,
        "recipe": recipe.to_dict(),
        "seed": seed,
        "parameters": parameters,
        "threads": torch.get_num_threads(),
    }
    normalised: dict[str, Any] = json.loads(json.dumps(config, allow_nan=False))
    return normalised


def read_config(folder: Path) -> dict[str, Any]:
    """The configuration of a stored run, checked.

    Raises:
        RunFolderError: the folder is missing, holds no run, or its configuration makes no sense.
    """
    if not folder.is_dir():
        missing = "is not a folder" if folder.exists() else "does not exist"
        raise RunFolderError(f"{folder} {missing}: pass the folder of a run, such as `liquidtime train` makes")
    path = folder / "config.json"
    if not path.is_file():
        raise RunFolderError(f"{folder} is not a run folder (it has no config.json): pass one that training made")
    config = read_json(path)
    if config.get("format") != FORMAT:
        raise RunFolderError(f"{path} does not describe a liquidtime run: pass a folder that training made")
    if config.get("format_version") != VERSION:
        raise RunFolderError(
            f"{path} has format version {config.get('format_version')!r} and this liquidtime reads {VERSION}: "
            "install the version that made the run"
        )
    _check(config, path)
    return config


def recipe_of(config: dict[str, Any], path: Path) -> Recipe:
    """The recipe in a configuration.

    Raises:
        RunFolderError: it is damaged.
    """
    try:
        return Recipe.from_dict(config["recipe"])
    except ValueError as error:
        raise RunFolderError(f"{path}, recipe: {error}. The file was changed by hand: {RESTORE}") from error


class Settings(NamedTuple):
    """What a run was started with: recipe, seed, name of the protocol, and whether log Δt is an input.

    `table` is that of the task: how files of one's own were understood; None for published sets.
    """

    recipe: Recipe
    seed: int
    protocol: str
    log_timespans: bool
    table: dict[str, Any] | None = None


def stored_settings(folder: Path) -> Settings:
    """What a run, finished or not, was started with.

    Raises:
        RunFolderError: the folder is missing, holds no run, or its configuration makes no sense.
    """
    config = read_config(folder)
    recipe = recipe_of(config, folder / "config.json")
    return Settings(recipe, config["seed"], config["protocol_name"], config["log_timespans"], config["table"])


def check_same(stored: dict[str, Any], wanted: dict[str, Any], folder: Path) -> None:
    """Whether a stored run is the one that is wanted.

    Raises:
        RunFolderError: data, seed or recipe differ; the message names the first difference.
    """
    pairs = {name: (stored[name], wanted[name]) for name in _SAME}
    pairs |= {f"recipe.{name}": (stored["recipe"][name], value) for name, value in wanted["recipe"].items()}
    if stored["table"] and wanted["table"]:
        # The files may lie elsewhere now; their checksums are compared.
        before, now = ({**one["table"], "files": []} for one in (stored, wanted))
        pairs["table"] = (before, now)
    for name, (before, now) in pairs.items():
        if before != now:
            raise RunFolderError(
                f"{folder} was started with {name} {before!r}, but now {name} is {now!r}: "
                "resume with the same settings, or train into another folder"
            )


def _check(config: dict[str, Any], path: Path) -> None:
    def demand(holds: bool, name: str, expected: str) -> None:
        if not holds:
            value = repr(config.get(name))
            shown = value if len(value) <= 60 else f"{value[:60]}…"
            raise RunFolderError(f"{path}: {name} is {shown}, expected {expected}: {RESTORE}")

    for name in ("data", "protocol_name", "variant", "protocol", "created"):
        demand(isinstance(config.get(name), str), name, "a text")
    demand(config.get("command", 0) is None or isinstance(config.get("command"), str), "command", "a text or null")
    demand(isinstance(config.get("log_timespans"), bool), "log_timespans", "true or false")
    for name in ("versions", "checksum"):
        value = config.get(name)
        demand(isinstance(value, dict) and all(isinstance(v, str) for v in value.values()), name, "texts by name")
    for name in ("features", "classes", "targets"):
        value = config.get(name)
        demand(isinstance(value, list) and all(isinstance(v, str) for v in value), name, "a list of texts")
    demand(len(config["features"]) > 0, "features", "at least one name")
    for name in ("classes", "targets"):
        demand(len(set(config[name])) == len(config[name]), name, "different names")
    demand(
        bool(config["classes"]) != bool(config["targets"]), "targets", "names if there are no classes, and only then"
    )
    metrics = [name for name in METRICS if (name == "squared_error") == bool(config["targets"])]
    demand(config.get("metric") in metrics, "metric", " or ".join(metrics))
    sizes = {"mean": len(config["features"]), "std": len(config["features"])}
    for name in ("target_mean", "target_std"):
        sizes[name] = len(config["targets"]) if config.get(name) else 0
    sizes["class_weights"] = len(config["classes"])
    for name, size in sizes.items():
        value = config.get(name, 0)
        given = isinstance(value, list) and len(value) == size and all(is_number(v) for v in value)
        demand(given or (name == "class_weights" and value is None), name, f"{size} finite numbers")
    for name in ("std", "target_std"):
        demand(all(value > 0 for value in config[name]), name, "positive numbers")
    demand(all(value >= 0 for value in config["class_weights"] or ()), "class_weights", "numbers, at least 0")
    for name in ("seed", "parameters", "threads"):
        value = config.get(name)
        demand(isinstance(value, int) and not isinstance(value, bool) and value >= 0, name, "a whole number")
    demand(config["seed"] < 2**63, "seed", "a number below 2**63")
    demand(isinstance(config.get("recipe"), dict), "recipe", "an object")
    recipe_of(config, path)
    demand("table" in config, "table", "an object or null")
    if config["table"] is not None:
        _check_table(config, path)


def _check_table(config: dict[str, Any], path: Path) -> None:
    table = config["table"]
    try:
        if not isinstance(table, dict) or sorted(table) != ["files", "options", "schema", "window"]:
            raise ValueError("expected files, options, schema and window")
        files = table["files"]
        if not (isinstance(files, list) and files and all(isinstance(file, str) for file in files)):
            raise ValueError("files makes no sense: expected a list of texts")
        if not (type(table["window"]) is int and table["window"] >= 1):
            raise ValueError("window makes no sense: expected a whole number")
        if not (isinstance(table["options"], dict) and isinstance(table["schema"], dict)):
            raise ValueError("expected objects")
        options, schema = Options.from_dict(table["options"]), Schema.from_dict(table["schema"])
        features = [*schema.features, FEATURE] if config["log_timespans"] else [*schema.features]
        if options.target != schema.target or features != config["features"]:
            raise ValueError("columns and features differ")
        if (list(schema.classes), list(schema.outputs)) != (config["classes"], config["targets"]):
            raise ValueError("classes or targets differ")
    except ValueError as error:
        raise RunFolderError(f"{path}, table: {error}. The file was changed by hand: {RESTORE}") from error
