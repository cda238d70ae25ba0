"""How the paper's items are computed, kept and told: cases, their store, the runner, outcomes and pictures."""

from liquidtime.paper.engine.case import Case, MissingResultError, Results, Value
from liquidtime.paper.engine.item import Item, Scale
from liquidtime.paper.engine.outcome import (
    Finding,
    Outcome,
    Table,
    Verdict,
    does_not_hold,
    either,
    holds,
    holds_if,
    unclear,
)
from liquidtime.paper.engine.pictures import Axis, Boxes, Group, Lines, Panel, Picture, Planes, Series
from liquidtime.paper.engine.runner import Follower, compute
from liquidtime.paper.engine.session import ItemFollower, Judged, run_items
from liquidtime.paper.engine.store import Kept, Store

__all__ = [
    "Axis",
    "Boxes",
    "Case",
    "Finding",
    "Follower",
    "Group",
    "Item",
    "ItemFollower",
    "Judged",
    "Kept",
    "Lines",
    "MissingResultError",
    "Outcome",
    "Panel",
    "Picture",
    "Planes",
    "Results",
    "Scale",
    "Series",
    "Store",
    "Table",
    "Value",
    "Verdict",
    "compute",
    "does_not_hold",
    "either",
    "holds",
    "holds_if",
    "run_items",
    "unclear",
]
