"""The page and the tables that show models beside each other: published beside measured, seed by seed."""

from liquidtime.report.comparison.markdown import markdown
from liquidtime.report.comparison.page import render, write

__all__ = ["markdown", "render", "write"]
