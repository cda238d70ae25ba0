"""A Ray cluster."""

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from liquidtime.grid.alone import Item, Result, alone
from liquidtime.grid.cluster import Cluster, ClusterError, LostError, client

TIMEOUT = 10
"""Seconds."""


class Ray(Cluster[Item, Result]):
    """Through the client server at `ray://host:port`, or `ray://auto` on a machine of the cluster."""

    def __init__(self, address: str, function: Callable[[Item], Result]) -> None:
        self._library = client("ray", address)
        self._address, self._function = address, function
        self._begun: list[Any] = []
        place = address.removeprefix("ray://")
        try:
            if place != "auto":
                # Ray itself would wait for half a minute.
                host, _, port = place.rpartition(":")
                socket.create_connection((host.strip("[]"), int(port)), TIMEOUT).close()
            self._library.init("auto" if place == "auto" else address, logging_level="ERROR", log_to_driver=False)
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"cluster={address!r} cannot be reached: start it (ray start --head), name its address, and set "
                "RAY_AUTH_MODE if it asks for a token"
            ) from error
        self._call: Any = self._library.remote(num_cpus=1, max_retries=0)(alone)

    def submit(self, item: Item) -> None:
        """Begin with an item."""
        self._begun.append(self._call.remote(self._function, item))

    def take(self) -> Result:
        """Wait for any of the items that were begun."""
        errors = self._library.exceptions
        try:
            (done, *_), self._begun = self._library.wait(self._begun)
            result: Result = self._library.get(done)
        except errors.RayTaskError as error:
            raise error.cause from error
        except (errors.WorkerCrashedError, errors.OutOfMemoryError, errors.NodeDiedError) as error:
            raise LostError from error
        except (errors.RayError, ConnectionError) as error:
            raise ClusterError(f"cluster={self._address!r} was lost: start it, then give the command again") from error
        return result

    def close(self) -> None:
        """End what is being computed."""
        with suppress(self._library.exceptions.RayError, ConnectionError):
            for one in self._begun:
                self._library.cancel(one, force=True)
        self._library.shutdown()
