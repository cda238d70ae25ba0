"""Runs cases, several at a time, and keeps each as soon as it is done."""

import time
from collections.abc import Sequence
from typing import Protocol

import torch
from joblib import Parallel, delayed

from liquidtime.paper.engine.case import Case, Results, Value
from liquidtime.paper.engine.store import Store


class Follower(Protocol):
    """Who wants to follow."""

    def on_start(self, done: int, total: int) -> None:
        """So many of all cases were there already."""

    def on_case(self, label: str, failure: str | None) -> None:
        """A case is done, or gave nothing."""


def compute(cases: Sequence[Case], store: Store, workers: int, follower: Follower) -> tuple[Results, float]:
    """What cases give, from the store where it is there, computed and kept where it is not.

    Whoever interrupts it loses only what is being computed at that moment. A case that fails does not stop the
    others. Cases that measure time run last, one at a time.

    Args:
        cases: what to compute; equal ones once.
        store: where results stand.
        workers: processes, each on one thread.
        follower: is told of each case.

    Returns:
        The results, and the seconds that all cases took, whenever they ran.

    Raises:
        RunFolderError: a result cannot be written.
        ValueError: `workers` is not positive.
    """
    if workers < 1:
        raise ValueError(f"workers={workers}: pass at least 1")
    wanted = {case.key: case for case in cases}
    kept = {key: store.case(case) for key, case in wanted.items()}
    values = {key: found[0] for key, found in kept.items() if found is not None}
    seconds = sum(found[1] for found in kept.values() if found is not None)
    failures: dict[str, str] = {}
    follower.on_start(len(values), len(wanted))

    def take(case: Case, value: Value | None, failure: str | None, taken: float) -> None:
        nonlocal seconds
        if value is None:
            failures[case.key] = failure or "it gave nothing"
        else:
            store.keep_case(case, value, taken)
            values[case.key] = value
            seconds += taken
        follower.on_case(case.label, failure)

    todo = [case for key, case in wanted.items() if key not in values]
    together, alone = [case for case in todo if not case.alone], [case for case in todo if case.alone]
    if workers > 1 and len(together) > 1:
        results = Parallel(n_jobs=min(workers, len(together)), return_as="generator_unordered", batch_size=1)(
            delayed(_run)(case) for case in together
        )
        for case, value, failure, taken in results:
            take(case, value, failure, taken)
    else:
        for case in together:
            take(*_run(case))
    for case in alone:
        take(*_run(case))
    return Results(values, failures), seconds


def _run(case: Case) -> tuple[Case, Value | None, str | None, float]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    start = time.perf_counter()
    try:
        return case, case.run(), None, time.perf_counter() - start
    except (ValueError, ArithmeticError) as error:
        return case, None, str(error), time.perf_counter() - start
    finally:
        torch.set_num_threads(threads)
