"""Functions over items for a grid's processes, which import them from here."""

import os
import signal
import time
import zlib
from pathlib import Path

import torch

from liquidtime.comparison import Cell
from tiny import RECIPE, make_task


def square(number):
    """A number times itself."""
    return number**2


def threads(number):
    """How many threads torch may use, and where."""
    return torch.get_num_threads(), os.getpid()


def fail(number):
    """An error of its own for one item."""
    if number == 2:
        raise KeyError("number 2")
    return number


def die(number):
    """Number 3 kills its process."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def wait_for_the_second(folder):
    """The first item ends once the second one has."""
    path = Path(folder)
    if path.name == "second":
        path.touch()
    deadline = time.monotonic() + 60
    while not path.with_name("second").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    if path.name == "first":
        time.sleep(0.5)
    return path.name


def slow(path):
    """Leaves a trace and takes a while."""
    Path(path).touch()
    time.sleep(0.2)
    return path


class TinyCell(Cell):
    """A cell on a made-up task that is trained in a moment."""

    def task(self):
        return make_task()

    def recipe(self):
        return RECIPE


class KillerCell(TinyCell):
    """Its process is killed whenever it is begun."""

    def task(self):
        os.kill(os.getpid(), signal.SIGKILL)


class KillsOnce(TinyCell):
    """Its process is killed when it is begun first; `TRACE` names a folder that remembers."""

    def task(self):
        trace = Path(os.environ["TRACE"], self.model)
        if not trace.exists():
            trace.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return make_task()


class LongCell(TinyCell):
    """Is still at work when others are killed."""

    def task(self):
        time.sleep(1)
        return make_task()


class FailingCell(TinyCell):
    """Gives nothing."""

    def task(self):
        raise {"lstm": ValueError, "gru": MemoryError, "ltc": RuntimeError, "node": zlib.error}[self.model](
            "no data\n set here"
        )


class TracingCell(TinyCell):
    """Says in a file when it is begun; `TRACE` names its folder."""

    def task(self):
        with open(Path(os.environ["TRACE"], "begun"), "a") as file:
            file.write(f"{self.seed}\n")
        return make_task()


def tiny(seeds, kind=TinyCell, model="lstm"):
    """Cells that differ in their seed."""
    return [kind("occupancy", "paper", "published", model, seed) for seed in range(seeds)]


class Follower:
    """Keeps what a grid tells."""

    def __init__(self):
        self.told = []

    def on_start(self, done, total):
        """How many were there."""
        self.told.append((done, total))

    def on_cell(self, cell, failure):
        """What became of a cell."""
        self.told.append((cell, failure))
