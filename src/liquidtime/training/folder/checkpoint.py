"""The state of a run between two epochs, in one file that is replaced as a whole."""

import json
from pathlib import Path

import torch
from torch import Tensor

from liquidtime.training.folder.files import RunFolderError, check_tensors, parse_json, read_tensors, write_tensors
from liquidtime.training.folder.metrics import record_from_dict
from liquidtime.training.loop import Loop

FILE = Path("checkpoint", "last.safetensors")


def save(folder: Path, loop: Loop) -> None:
    """Write the checkpoint. The order of the windows is drawn from (seed, epoch), so it is not kept.

    Raises:
        RunFolderError: it cannot be written; the one before is intact.
    """
    tensors = {f"weights.{name}": tensor for name, tensor in loop.model.state_dict().items()}
    tensors |= {f"best.{name}": tensor for name, tensor in loop.best.items()}
    tensors |= _moments(loop.optimizer)
    records = json.dumps({"records": [record.to_dict() for record in loop.records]}, allow_nan=False)
    write_tensors(folder / FILE, tensors, {"state": records})


def restore(folder: Path, loop: Loop) -> None:
    """Bring a new loop to where the checkpoint left off; without a checkpoint leave it at the start.

    Raises:
        RunFolderError: the checkpoint is damaged or belongs to another model.
    """
    path = folder / FILE
    if not path.exists():
        return
    tensors, metadata = read_tensors(path)
    stored = parse_json(metadata.get("state", ""), f"{path}, its records").get("records")
    place, found = f"{path}, its records", stored if isinstance(stored, list) else []
    records = [record_from_dict(record, place, loop.metric) for record in found]
    counted = [record.epoch for record in records] == list(range(1, len(records) + 1))
    if not (counted and 1 <= len(records) <= loop.recipe.epochs and records[0].best):
        raise RunFolderError(f"{path} has records that make no sense: delete {path.parent} to start the run over")
    weights = loop.model.state_dict()
    moving = _expected_moments(loop.optimizer, tensors)
    expected = {f"{part}.{name}": tensor for part in ("weights", "best") for name, tensor in weights.items()}
    check_tensors(tensors, expected | moving, path)
    loop.model.load_state_dict({name: tensors[f"weights.{name}"] for name in weights})
    loop.best = {name: tensors[f"best.{name}"] for name in weights}
    loop.records = records
    moments: dict[int, dict[str, Tensor]] = {}
    for name in moving:
        _, i, key = name.split(".")
        moments.setdefault(int(i), {})[key] = tensors[name]
    groups = loop.optimizer.state_dict()["param_groups"]
    loop.optimizer.load_state_dict({"state": moments, "param_groups": groups})


def _moments(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    moments = optimizer.state_dict()["state"]
    return {f"adam.{i}.{key}": tensor for i, held in moments.items() for key, tensor in held.items()}


def _expected_moments(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Stand-ins for Adam's moments; a parameter that no gradient reached has none."""
    expected = {}
    for i, parameter in enumerate(optimizer.param_groups[0]["params"]):
        if f"adam.{i}.step" in tensors:
            expected[f"adam.{i}.step"] = torch.tensor(0.0)
            expected |= {f"adam.{i}.{key}": parameter for key in ("exp_avg", "exp_avg_sq")}
    return expected
