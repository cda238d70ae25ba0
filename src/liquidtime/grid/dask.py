"""A Dask cluster."""

from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

from liquidtime.grid.alone import Item, Result, alone
from liquidtime.grid.cluster import Cluster, ClusterError, LostError, client

TIMEOUT = "10s"
PATIENCE = 15.0
"""Seconds without a result after which it is asked whether there are workers; twice without any, and it is given up."""


class Dask(Cluster[Item, Result]):
    """Through the scheduler at `tcp://host:port` or `tls://host:port`.

    Dask begins an item anew when its worker dies, and gives it up after the fourth.
    """

    def __init__(self, address: str, function: Callable[[Item], Result]) -> None:
        self._library = client("distributed", address)
        self._address, self._function = address, function
        try:
            self._client: Any = self._library.Client(address, timeout=TIMEOUT, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise ClusterError(
                f"cluster={address!r} cannot be reached: start a scheduler there (dask scheduler), or name its address"
            ) from error
        if not self._client.nthreads():
            self._client.close()
            raise self._no_workers()
        self._begun: set[Any] = set()

    def submit(self, item: Item) -> None:
        """Begin with an item."""
        self._begun.add(self._client.submit(_on_worker, self._function, item, pure=False))

    def take(self) -> Result:
        """Wait for any of the items that were begun."""
        try:
            future = self._wait()
            result: Result = future.result()
        except self._library.KilledWorker as error:
            raise LostError from error
        except CancelledError as error:
            raise ClusterError(f"cluster={self._address!r} was lost: start it, then give the command again") from error
        return result

    def close(self) -> None:
        """Forget the items that are not done; those at hand go on to their end, since no thread can be ended."""
        self._client.close()

    def _wait(self) -> Any:
        empty = 0
        while empty < 2:
            try:
                with self._client.as_current():
                    done = self._library.wait(self._begun, PATIENCE, "FIRST_COMPLETED").done
            except TimeoutError:
                empty = 0 if self._client.nthreads() else empty + 1
            else:
                future = done.pop()
                self._begun.remove(future)
                return future
        raise self._no_workers()

    def _no_workers(self) -> ClusterError:
        return ClusterError(
            f"cluster={self._address!r} has no workers: start some (dask worker {self._address} --nthreads 1 "
            "--nworkers N)"
        )


def _on_worker(function: Callable[[Item], Result], item: Item) -> Result:
    from distributed import get_worker

    worker = get_worker()
    if worker.state.nthreads > 1:
        # Items of one process would share torch's random numbers.
        raise ClusterError(
            f"the worker {worker.address} runs {worker.state.nthreads} threads: start it with --nthreads 1 (and "
            "--nworkers N for N processes)"
        )
    return alone(function, item)
