"""Imported only while torch compiles; see `uncompiled`."""

from collections.abc import Callable
from typing import Any

import torch


@torch.compiler.disable
def run(function: Callable[..., Any], *arguments: object, **keywords: object) -> Any:
    """Call a function outside of any graph."""
    return function(*arguments, **keywords)
