"""Data sets: reading, checking, cutting, splitting, scaling."""

from collections.abc import Callable

from liquidtime.data import occupancy
from liquidtime.data.names import lookup
from liquidtime.data.scaling import Scaling
from liquidtime.data.task import Recording, Task, Windows
from liquidtime.data.windows import cut

TASKS: dict[str, Callable[[], Task]] = {"occupancy": occupancy.paper}
"""The published data sets by name, each cut as published."""

__all__ = ["TASKS", "Recording", "Scaling", "Task", "Windows", "cut", "lookup", "occupancy"]
