"""Computations that do not depend on each other, on many processes or machines."""

from liquidtime.grid.alone import KilledError
from liquidtime.grid.cluster import ClusterError
from liquidtime.grid.pool import each

__all__ = ["ClusterError", "KilledError", "each"]
