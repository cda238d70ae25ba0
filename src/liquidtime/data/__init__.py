"""Data sets: reading, checking, cutting, splitting, scaling."""

from liquidtime.data import cheetah, gesture, har, mnist, occupancy, ozone, person, power, traffic, walker
from liquidtime.data.local import data_folder
from liquidtime.data.names import lookup
from liquidtime.data.scaling import Scaling
from liquidtime.data.series import Series
from liquidtime.data.source import Source
from liquidtime.data.sources import SOURCES
from liquidtime.data.split import Parts, shuffled
from liquidtime.data.task import METRICS, Recording, Task
from liquidtime.data.tasks import ONE_SPLIT, TASKS, load, maker
from liquidtime.data.timing import with_log_timespans
from liquidtime.data.windows import Batch, Windows, cut, join, pick

__all__ = [
    "METRICS",
    "ONE_SPLIT",
    "SOURCES",
    "TASKS",
    "Batch",
    "Parts",
    "Recording",
    "Scaling",
    "Series",
    "Source",
    "Task",
    "Windows",
    "cheetah",
    "cut",
    "data_folder",
    "gesture",
    "har",
    "join",
    "load",
    "lookup",
    "maker",
    "mnist",
    "occupancy",
    "ozone",
    "person",
    "pick",
    "power",
    "shuffled",
    "traffic",
    "walker",
    "with_log_timespans",
]
