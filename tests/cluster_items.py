"""What the workers of a cluster compute in the tests."""

import os
import signal
import time

import torch


def square(number):
    return number**2


def threads(_):
    return torch.get_num_threads()


def slow_first(number):
    """The first takes longer than all others together."""
    time.sleep(3 if number == 0 else 0)
    return number


def last_of_all(path):
    """The file 0 is there only once all others beside it are, which another worker makes."""
    others = [path.with_name(str(number)) for number in range(1, 5)]
    patience = time.monotonic() + 120
    while path.name == "0" and not all(other.exists() for other in others) and time.monotonic() < patience:
        time.sleep(0.02)
    path.touch()
    return path.name


def fails_at_three(number):
    if number == 3:
        raise ValueError("no data set three")
    return number


def dies_at_three(number):
    if number == 3:
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def noted(path):
    """Leaves a file behind that says it began."""
    path.touch()
    time.sleep(0.3)
    return path


def scores(outcomes):
    """All that two equal grids have in common."""
    return {one.cell: {name: value for name, value in one.scores.items() if name != "seconds"} for one in outcomes}
