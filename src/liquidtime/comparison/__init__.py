"""Models beside each other: the experiments of the LTC paper, cell by cell, and the table they make."""

from liquidtime.comparison.cell import KINDS, Cell, cells
from liquidtime.comparison.grid import GridFollower, run_cells
from liquidtime.comparison.outcome import CellOutcome, kept_cells, stale_cells
from liquidtime.comparison.published import MEASURES, PUBLISHED, Measure, Published

__all__ = [
    "KINDS",
    "MEASURES",
    "PUBLISHED",
    "Cell",
    "CellOutcome",
    "GridFollower",
    "Measure",
    "Published",
    "cells",
    "kept_cells",
    "run_cells",
    "stale_cells",
]
