"""Runs cases, several at a time, and keeps each as soon as it is done."""

import json
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from liquidtime.grid import each
from liquidtime.paper.engine.case import Case, Results, Value
from liquidtime.paper.engine.store import Store


class Follower(Protocol):
    """Who wants to follow."""

    def on_start(self, done: int, total: int) -> None:
        """So many of all cases were there already."""

    def on_case(self, label: str, failure: str | None) -> None:
        """A case is done, or gave nothing."""


@dataclass(frozen=True)
class Done:
    """A case that was run.

    Args:
        case: which.
        value: what it gave; None if it gave nothing.
        failure: why it gave nothing; None if it gave something.
        seconds: what it took.
    """

    case: Case
    value: Value | None
    failure: str | None
    seconds: float


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
        ChildProcessError: a process was killed.
    """
    done = stored(cases, store)
    missing = [case for case in cases if case.key not in done]
    follower.on_start(len(done), len({case.key for case in cases}))
    with closing(fresh(missing, store, workers)) as results:
        for one in results:
            done[one.case.key] = one
            follower.on_case(one.case.label, one.failure)
    return results_of(cases, done), sum(one.seconds for one in done.values())


def results_of(cases: Sequence[Case], done: dict[str, Done]) -> Results:
    """What these cases gave, of all that are done."""
    mine = [done[case.key] for case in cases]
    values = {one.case.key: one.value for one in mine if one.value is not None}
    return Results(values, {one.case.key: one.failure for one in mine if one.failure is not None})


def stored(cases: Sequence[Case], store: Store) -> dict[str, Done]:
    """The cases that are in the store, by key."""
    found = ((case, store.case(case)) for case in {case.key: case for case in cases}.values())
    return {case.key: Done(case, kept[0], None, kept[1]) for case, kept in found if kept is not None}


def fresh(cases: Sequence[Case], store: Store, workers: int) -> Generator[Done, None, None]:
    """Run cases and keep what they give, each as soon as it is done.

    Raises:
        RunFolderError: a result cannot be written.
        ValueError: `workers` is not positive.
        ChildProcessError: a process was killed.
    """
    todo = list({case.key: case for case in cases}.values())
    together, alone = [case for case in todo if not case.alone], [case for case in todo if case.alone]
    with closing(_all(together, alone, workers)) as results:
        for one in results:
            if one.value is not None:
                store.keep_case(one.case, one.value, one.seconds)
            yield one


def _all(together: list[Case], alone: list[Case], workers: int) -> Generator[Done, None, None]:
    with closing(each(_run, together, workers)) as results:
        yield from results
    yield from each(_run, alone, workers=1)


def _run(case: Case) -> Done:
    start = time.process_time()
    value, failure = None, None
    try:
        # What the judge sees is the same whether it was computed or read.
        value = json.loads(json.dumps(case.run(), allow_nan=False))
    except (ValueError, ArithmeticError) as error:
        failure = str(error) or type(error).__name__
    return Done(case, value, failure, time.process_time() - start)
