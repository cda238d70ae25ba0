"""The page that shows what a run learned, how it thinks and where it fails."""

from liquidtime.report.page import render, write
from liquidtime.report.replay import Replay, replay

__all__ = ["Replay", "render", "replay", "write"]
