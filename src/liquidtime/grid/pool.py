"""One function over many items, in joblib's processes here or on a cluster."""

import re
import signal
import threading
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from joblib import Parallel, cpu_count, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

from liquidtime.grid.alone import Item, KilledError, Result, alone
from liquidtime.grid.cluster import Cluster, on_cluster
from liquidtime.grid.dask import Dask
from liquidtime.grid.ray import Ray

CLUSTERS: dict[str, type[Cluster[Any, Any]]] = {"tcp": Dask, "tls": Dask, "ray": Ray}
"""Kinds of clusters, by the scheme of their address."""


def each(
    function: Callable[[Item], Result], items: Sequence[Item], workers: int | None, cluster: str | None = None
) -> Generator[Result, None, None]:
    """What a function gives for each item, in the order in which they are done.

    Each item is computed on one thread. Closing the generator ends what is being computed; a Dask cluster only forgets
    what waits, and computes to its end what is at hand.

    Args:
        function: of a module, so that a process can import it.
        items: what to pass to it, one by one.
        workers: processes, with 1, and only then, the work is done in this one; on a cluster, items at a time. None
            for one process per core, or all that the cluster has.
        cluster: the address of a running cluster, `tcp://host:port` of a Dask scheduler, `ray://host:port` of a Ray
            client server, or `ray://auto` on a machine of a Ray cluster; None for processes here.

    Raises:
        ValueError: `workers` is not positive, or `cluster` is no such address.
        KilledError: a process was killed. Here, what it and its neighbours were computing is lost; on a cluster, what
            it was computing, and all else is done before this is raised.
        ClusterError: the cluster cannot be reached or used, its package is missing, or the connection was lost.
    """
    if workers is not None and workers < 1:
        raise ValueError(f"workers={workers}: pass at least 1")
    if cluster is not None:
        yield from on_cluster(kind_of(cluster), cluster, function, items, workers)
        return
    workers = cpu_count() if workers is None else workers
    if workers == 1 or not items:
        yield from (alone(function, item) for item in items)
        return
    # For one job joblib starts no process: the item that kills its process would take this one along.
    pool = Parallel(n_jobs=max(2, min(workers, len(items))), return_as="generator_unordered", batch_size=1)
    with _deaf_to_interrupts():
        results = pool(delayed(alone)(function, item) for item in items)
    try:
        for one in results:  # noqa: UP028, since `yield from` would close it by itself, with a warning
            yield one
    except TerminatedWorkerError as error:
        raise KilledError("a process was killed, perhaps for want of memory: pass fewer workers") from error
    finally:
        with warnings.catch_warnings():
            # That what was being computed is lost is what an interruption means.
            warnings.simplefilter("ignore", UserWarning)
            results.close()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes that start inside ignore Ctrl-C, which a terminal sends to all: the first one ends the others."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)


def kind_of(address: str) -> type[Cluster[Any, Any]]:
    """The kind of cluster that an address is of.

    Raises:
        ValueError: of none.
    """
    scheme, _, place = address.partition("://")
    if scheme not in CLUSTERS or not (re.fullmatch(r"\S+:\d{1,5}", place) or address == "ray://auto"):
        raise ValueError(
            f"cluster={address!r}: pass tcp://HOST:8786 of a Dask scheduler, ray://HOST:10001 of a Ray cluster, or "
            "ray://auto on one of its machines"
        )
    return CLUSTERS[scheme]
