"""One function over many items, in joblib's processes here or on a cluster."""

import signal
import threading
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch
from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

Item = TypeVar("Item")
Result = TypeVar("Result")


class KilledError(ChildProcessError):
    """A process came to its end before its work did."""


def each(function: Callable[[Item], Result], items: Sequence[Item], workers: int) -> Generator[Result, None, None]:
    """What a function gives for each item, in the order in which they are done.

    Each item is computed on one thread. Closing the generator ends what is being computed.

    Args:
        function: of a module, so that a process can import it.
        items: what to pass to it, one by one.
        workers: processes; with 1 the work is done in this one, and only then.

    Raises:
        ValueError: `workers` is not positive.
        KilledError: a process was killed; what it and its neighbours were computing is lost.
    """
    if workers < 1:
        raise ValueError(f"workers={workers}: pass at least 1")
    if workers == 1 or not items:
        yield from (_alone(function, item) for item in items)
        return
    # For one job joblib starts no process: the item that kills its process would take this one along.
    pool = Parallel(n_jobs=max(2, min(workers, len(items))), return_as="generator_unordered", batch_size=1)
    with _deaf_to_interrupts():
        results = pool(delayed(_alone)(function, item) for item in items)
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


def _alone(function: Callable[[Item], Result], item: Item) -> Result:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return function(item)
    finally:
        torch.set_num_threads(threads)
