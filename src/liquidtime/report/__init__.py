"""The page that a run produces: self-contained, no network."""

from liquidtime.report.page import write

__all__ = ["write"]
