"""One item on one thread, wherever it is computed."""

from collections.abc import Callable
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")


class KilledError(ChildProcessError):
    """A process came to its end before its work did."""


def alone(function: Callable[[Item], Result], item: Item) -> Result:
    """What a function gives for an item, computed on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return function(item)
    finally:
        torch.set_num_threads(threads)
