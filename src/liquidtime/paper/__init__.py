"""The executable paper: claims, figures and tables of the LTC paper, each computed, measured and judged."""

from liquidtime.paper import bounds, claims, depth, fig1, fig2a, fig2b, fig2c, fig2d, fig2e, fig3, gradients, stability
from liquidtime.paper.engine import Item

_MODULES = (bounds, stability, gradients, fig1, fig2a, fig2b, fig2c, fig2d, fig2e, fig3, depth, claims)
ITEMS: dict[str, Item] = {module.ITEM.name: module.ITEM for module in _MODULES}
"""By name, in the order in which they are shown."""

__all__ = ["ITEMS", "Item"]
