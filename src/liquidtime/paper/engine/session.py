"""Items from their cases to their kept outcomes: all cases in one pool, each item judged once its own are there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from liquidtime.paper.engine.case import MissingResultError
from liquidtime.paper.engine.item import Item, Scale
from liquidtime.paper.engine.runner import Done, Follower, fresh, results_of, stored
from liquidtime.paper.engine.store import Kept, Store
from liquidtime.training import RunFolderError


class ItemFollower(Follower, Protocol):
    """Who wants to follow items too."""

    def on_item(self, name: str, kept: Kept | None, reason: str) -> None:
        """An item is judged and kept, or cannot be judged, for a reason."""


@dataclass(frozen=True)
class Judged:
    """What became of items.

    Args:
        kept: outcomes by the name of the item.
        unjudged: why an item has none, by name.
        failures: why a case gave nothing, by label.
    """

    kept: Mapping[str, Kept]
    unjudged: Mapping[str, str]
    failures: Mapping[str, str]


def run_items(
    items: Sequence[Item], scale: Scale, store: Store, workers: int, follower: ItemFollower, command: str = ""
) -> Judged:
    """Compute, judge and keep items.

    The cases of all items form one queue, so that no worker waits for the end of an item, and a case that several
    items share is run once. An item whose judge cannot do without a case that failed has no outcome; its earlier one,
    if there is any, stays.

    Args:
        items: which.
        scale: how much is computed.
        store: where results stand.
        workers: processes, each on one thread.
        follower: is told of each case and item.
        command: what the user typed.

    Raises:
        RunFolderError: a result cannot be written, or the folder holds something else.
        ValueError: `workers` is not positive.
        ChildProcessError: a process was killed.
    """
    store.open()
    cases = {item.name: item.cases(scale) for item in items}
    everything = [case for mine in cases.values() for case in mine]
    done: dict[str, Done] = stored(everything, store)
    kept: dict[str, Kept] = {}
    unjudged: dict[str, str] = {}

    def judge_those_ready() -> None:
        for item in items:
            mine = {case.key for case in cases[item.name]}
            if item.name in kept or item.name in unjudged or not mine <= done.keys():
                continue
            reason = ""
            try:
                outcome = item.judge(scale, results_of(cases[item.name], done))
                seconds = sum(done[key].seconds for key in mine)
                kept[item.name] = store.keep_item(item.name, outcome, scale.quick, seconds, command)
            except RunFolderError:
                raise
            except (MissingResultError, ValueError, ArithmeticError) as error:
                reason = unjudged[item.name] = str(error) or type(error).__name__
            follower.on_item(item.name, kept.get(item.name), reason)

    follower.on_start(len(done), len({case.key for case in everything}))
    judge_those_ready()
    for one in fresh([case for case in everything if case.key not in done], store, workers):
        done[one.case.key] = one
        follower.on_case(one.case.label, one.failure)
        judge_those_ready()
    failures = {one.case.label: one.failure for one in done.values() if one.failure is not None}
    return Judged(kept, unjudged, failures)
