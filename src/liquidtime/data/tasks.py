"""The published data sets by name, and the protocols by which each is cut, split and scaled."""

from collections.abc import Callable

from liquidtime.data import cheetah, gesture, har, mnist, occupancy, ozone, person, power, traffic, walker
from liquidtime.data.names import lookup
from liquidtime.data.task import Task

TASKS: dict[tuple[str, str], Callable[[], Task]] = {
    ("occupancy", "paper"): occupancy.paper,
    ("occupancy", "clean"): occupancy.clean,
    ("gesture", "paper"): gesture.paper,
    ("gesture", "clean"): gesture.clean,
    ("har", "paper"): har.paper,
    ("har", "clean"): har.clean,
    ("mnist", "paper"): mnist.paper,
    ("mnist", "clean"): mnist.clean,
    ("traffic", "paper"): traffic.paper,
    ("traffic", "clean"): traffic.clean,
    ("power", "paper"): power.paper,
    ("power", "clean"): power.clean,
    ("ozone", "paper"): ozone.paper,
    ("ozone", "clean"): ozone.clean,
    ("person", "paper"): person.paper,
    ("person", "clean"): person.clean,
    ("cheetah", "paper"): cheetah.paper,
    ("cheetah", "clean"): cheetah.clean,
    ("walker", "paper"): walker.paper,
    ("walker", "clean"): walker.clean,
}
"""By data set and protocol: `paper` does as the LTC paper's code does, `clean` keeps the parts apart."""
ONE_SPLIT = ("mnist",)
"""Data sets whose published split keeps the parts apart and fits nothing, so that both protocols are the same."""


def load(name: str, protocol: str = "paper") -> Task:
    """A data set, cut, split and scaled.

    Args:
        name: of the data set.
        protocol: `paper` or `clean`.

    Raises:
        ValueError: there is no such data set or protocol, or its files are missing, damaged, or not the published
            ones.

    Example:
        >>> load("occupancy").classes
        ('free', 'occupied')
    """
    return maker(name, protocol)()


def maker(name: str, protocol: str = "paper") -> Callable[[], Task]:
    """What makes a task; no file has been read yet.

    Raises:
        ValueError: there is no such data set or protocol; the message lists the valid names.
    """
    lookup("data set", name, {known: None for known, _ in TASKS})
    return lookup(
        f"protocol of {name}", protocol, {other: make for (known, other), make in TASKS.items() if known == name}
    )
