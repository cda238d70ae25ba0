"""The executable paper: claims, figures and tables of the LTC paper, each computed, measured and judged."""

from liquidtime.paper import bounds, fig1, stability
from liquidtime.paper.engine import Item

ITEMS: dict[str, Item] = {module.ITEM.name: module.ITEM for module in (bounds, stability, fig1)}
"""By name, in the order in which they are shown."""

__all__ = ["ITEMS", "Item"]
