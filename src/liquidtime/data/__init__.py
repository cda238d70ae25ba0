"""Data sets: reading, checking, cutting, splitting, scaling."""

from liquidtime.data import cheetah, gesture, occupancy
from liquidtime.data.local import data_folder
from liquidtime.data.names import lookup
from liquidtime.data.scaling import Scaling
from liquidtime.data.split import Parts, shuffled
from liquidtime.data.task import METRICS, Recording, Task
from liquidtime.data.tasks import TASKS, load, maker
from liquidtime.data.windows import Batch, Windows, cut, join, pick

__all__ = [
    "METRICS",
    "TASKS",
    "Batch",
    "Parts",
    "Recording",
    "Scaling",
    "Task",
    "Windows",
    "cheetah",
    "cut",
    "data_folder",
    "gesture",
    "join",
    "load",
    "lookup",
    "maker",
    "occupancy",
    "pick",
    "shuffled",
]
