"""One function over many items, on a cluster that runs already.

The clusters are asked through clients of their own, since joblib's backends for them fall short: that for Dask waits
forever for a result whose worker died, that for Ray gives results in chunks only.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from importlib import import_module
from itertools import islice
from typing import Any, Generic

from liquidtime.grid.alone import Item, KilledError, Result


class ClusterError(ConnectionError):
    """A cluster that cannot be reached or used."""


class LostError(Exception):
    """A worker came to its end before an item was done."""


class Cluster(ABC, Generic[Item, Result]):
    """A connection to a cluster, for one function.

    Args:
        address: of the cluster.
        function: what its workers compute, each item on one thread.

    Raises:
        ClusterError: it cannot be reached or used.
    """

    @abstractmethod
    def __init__(self, address: str, function: Callable[[Item], Result]) -> None: ...

    @abstractmethod
    def submit(self, item: Item) -> None:
        """Begin with an item."""

    @abstractmethod
    def take(self) -> Result:
        """Wait for any of the items that were begun and not taken yet.

        Raises:
            LostError: its worker was lost.
            ClusterError: the cluster was lost.
        """

    @abstractmethod
    def close(self) -> None:
        """End the connection, and what is being computed where that can be ended."""


def on_cluster(
    cluster: type[Cluster[Item, Result]],
    address: str,
    function: Callable[[Item], Result],
    items: Sequence[Item],
    workers: int | None,
) -> Generator[Result, None, None]:
    """What a function gives for each item, in the order in which they are done.

    Args:
        cluster: its kind.
        address: of it.
        function: of a module that the workers can import.
        items: what to pass to it, one by one.
        workers: how many items are there at a time; None for all.

    Raises:
        ClusterError: the cluster cannot be reached or used, or was lost.
        KilledError: workers were lost with their items; all other items are done.
    """
    lost = False
    with closing(cluster(address, function)) as connection:
        waiting = iter(items)
        for item in islice(waiting, workers):
            connection.submit(item)
        for _ in items:
            try:
                results = [connection.take()]
            except LostError:
                results, lost = [], True
            for item in islice(waiting, 1):
                connection.submit(item)
            yield from results
    if lost:
        raise KilledError(
            f"a worker of {address} was lost, perhaps for want of memory: give each machine fewer workers"
        )


def client(module: str, address: str) -> Any:
    """The client of a kind of cluster.

    Raises:
        ClusterError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ClusterError(
            f"cluster={address!r}: the package {module} is missing: pip install 'liquidtime[cluster]'"
        ) from error
