"""What `torch.compile` leaves alone."""

import functools
from collections.abc import Callable
from typing import TypeVar

import torch

Result = TypeVar("Result")


def uncompiled(method: Callable[..., Result]) -> Callable[..., Result]:
    """As `torch.compiler.disable`, for a method whose values decide its control flow.

    That decorator imports torch's compiler, which takes longer than importing all of this library; here it is
    imported by whoever compiles.
    """

    @functools.wraps(method)
    def call(*arguments: object, **keywords: object) -> Result:
        if torch.compiler.is_compiling():
            from liquidtime.solvers.outside_the_graph import run

            result: Result = run(method, *arguments, **keywords)
            return result
        return method(*arguments, **keywords)

    return call
