"""The page and the document that show what became of the paper: published beside measured beside verdict."""

from liquidtime.report.paper.markdown import markdown
from liquidtime.report.paper.page import render, write

__all__ = ["markdown", "render", "write"]
