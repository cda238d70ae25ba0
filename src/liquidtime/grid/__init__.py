"""Computations that do not depend on each other, on many processes or machines."""

from liquidtime.grid.alone import KilledError
from liquidtime.grid.cluster import ClusterError
from liquidtime.grid.pool import each, kind_of

__all__ = ["ClusterError", "KilledError", "each", "kind_of"]
