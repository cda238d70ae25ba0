"""Computations that do not depend on each other, on many processes or machines."""

from liquidtime.grid.pool import KilledError, each

__all__ = ["KilledError", "each"]
