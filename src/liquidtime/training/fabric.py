"""One training run in several processes, one per device, through Lightning Fabric."""

import logging
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import cast

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from lightning_fabric.strategies.ddp import DDPStrategy
from lightning_fabric.utilities.exceptions import MisconfigurationException
from torch import Tensor, distributed, nn

from liquidtime.data import Task
from liquidtime.training.devices import Devices
from liquidtime.training.epoch import DivergedError
from liquidtime.training.loop import Loop
from liquidtime.training.ranks import LostRankError, Ranks, Value
from liquidtime.training.recipe import Recipe

SECONDS = 20.0
"""What a process has to come to its end once the run is over."""
_LOST = "a process of the run was lost: what was trained up to the last epoch is kept, continue it (--resume)"


@dataclass(frozen=True)
class Place:
    """Where the processes of a run find each other.

    Args:
        node: number of this machine.
        address: of machine 0.
        port: on it.
    """

    node: int
    address: str
    port: int


def set_up(devices: Devices, place: Place, local_rank: int) -> Fabric:
    """Choose the device of a process.

    Args:
        devices: which devices.
        place: where to meet.
        local_rank: number of the process on its machine.

    Raises:
        ValueError: there are no such devices here.
    """
    for name in ("lightning.fabric", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        return Fabric(
            accelerator=devices.accelerator,
            devices=devices.devices,
            num_nodes=devices.nodes,
            strategy=DDPStrategy(cluster_environment=_Environment(place, local_rank)),
        )
    except (RuntimeError, ValueError, MisconfigurationException) as error:
        raise ValueError(
            f"devices={devices.devices}, accelerator={devices.accelerator!r}: not on this machine ({error})"
        ) from error


class FabricRanks(Ranks):
    """Processes that Fabric's DDP strategy brings together.

    Gradients are averaged once per step, over all chunks of a truncated batch, and not in each backward pass as by
    DDP's wrapper, which neither knows the label counts of the other processes nor takes every gradient strategy.

    Args:
        fabric: of `set_up`.

    Raises:
        LostRankError: the others did not come.
    """

    def __init__(self, fabric: Fabric) -> None:
        kept = {name: os.environ.get(name) for name in ("MASTER_ADDR", "MASTER_PORT")}
        try:
            with _others():
                fabric.launch()
        finally:
            # Lightning writes them, and the next run here may meet elsewhere.
            for name, value in kept.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
        self._fabric = fabric
        super().__init__(fabric.global_rank, fabric.world_size, fabric.device)

    def average(self, model: nn.Module, loss: float) -> float:
        """One message for all gradients and the loss."""
        gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
        flat = torch.cat([*(gradient.flatten() for gradient in gradients), gradients[0].new_tensor([loss])])
        with _others():
            mean = cast(Tensor, self._fabric.all_reduce(flat, reduce_op="mean"))
        sizes = [gradient.numel() for gradient in gradients]
        for gradient, part in zip(gradients, mean[:-1].split(sizes), strict=True):
            gradient.copy_(part.view_as(gradient))
        return float(mean[-1])

    def broadcast(self, value: Value) -> Value:
        """Pickled, between processes of one program."""
        with _others():
            return self._fabric.broadcast(value)


@contextmanager
def ranks_on(devices: Devices, task: Task, recipe: Recipe, seed: int) -> Iterator[Ranks]:
    """This process as one that others on this machine follow; they come to their end with it.

    Args:
        devices: which.
        task: what the others learn.
        recipe: how.
        seed: of it.

    Raises:
        ValueError: the devices are not there, or the environment does not say where the machines meet.
        LostRankError: a process was lost.
    """
    place = Place(devices.node, *devices.meeting)
    fabric = set_up(devices, place, 0)
    context = multiprocessing.get_context("spawn")
    others: list[SpawnProcess] = []
    done = False
    try:
        ready = []
        for rank in range(1, devices.devices):
            here, there = context.Pipe(duplex=False)
            arguments = (there, devices, place, rank, task, recipe, seed, torch.get_num_threads())
            process = context.Process(target=_follow, args=arguments, daemon=True)
            process.start()
            others.append(process)
            ready.append(here)
            there.close()
        _await(ready, others)
        yield FabricRanks(fabric)
        done = True
    finally:
        for process in others:
            process.join(SECONDS if done else 0)
            process.kill()
            process.join()
        if distributed.is_initialized():
            distributed.destroy_process_group()


def follow(task: Task, recipe: Recipe, seed: int, ranks: Ranks) -> None:
    """Train along with the first process, which keeps the results.

    Raises:
        DivergedError: as in the first process.
        LostRankError: a process was lost.
    """
    for _ in Loop.on(task, recipe, seed, ranks).run():
        pass


def _follow(
    ready: Connection, devices: Devices, place: Place, rank: int, task: Task, recipe: Recipe, seed: int, threads: int
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all: the first process ends the others
    torch.set_num_threads(threads)
    ready.send(None)
    try:
        follow(task, recipe, seed, FabricRanks(set_up(devices, place, rank)))
        distributed.destroy_process_group()
    except (ValueError, DivergedError, LostRankError):
        sys.exit(1)  # the first process says it


def _await(ready: Sequence[Connection], others: Sequence[SpawnProcess]) -> None:
    """Wait until all are there: the meeting itself would wait half an hour for one that died on the way."""
    for here, process in zip(ready, others, strict=True):
        if here not in wait([here, process.sentinel]):
            raise LostRankError(_LOST)
        here.close()


@contextmanager
def _others() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise LostRankError(_LOST) from error


class _Environment(LightningEnvironment):
    def __init__(self, place: Place, local_rank: int) -> None:
        super().__init__()
        self._place = place
        self._local = local_rank

    @property
    def creates_processes_externally(self) -> bool:
        return True

    @property
    def main_address(self) -> str:
        return self._place.address

    @property
    def main_port(self) -> int:
        return self._place.port

    def local_rank(self) -> int:
        return self._local

    def node_rank(self) -> int:
        return self._place.node
