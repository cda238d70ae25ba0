"""Checks of arguments: each refusal names the argument, its value and the way out."""

import math
from typing import Any

import torch
from torch import Tensor

from liquidtime.solvers.base import check_count


def check_sizes(**sizes: object) -> None:
    """Refuse sizes that are not whole numbers of at least 1."""
    for name, size in sizes.items():
        check_count(name, size)


def check_flags(**flags: object) -> None:
    """Refuse flags that are neither True nor False."""
    for name, flag in flags.items():
        if not isinstance(flag, bool):
            raise ValueError(f"{name}={flag!r}: pass True or False")


def is_number(value: object) -> bool:
    """Whether a value is a finite real number, and not a truth value in disguise."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def check_probability(name: str, value: Any) -> None:
    """Refuse what is no number between 0 and 1."""
    if not is_number(value) or not 0 <= value <= 1:
        raise ValueError(f"{name}={value!r}: pass a probability between 0 and 1")


def check_tensor(name: str, value: object) -> None:
    """Refuse what is no dense tensor."""
    if not isinstance(value, Tensor):
        raise ValueError(f"{name} is a {type(value).__name__}: pass a tensor, such as torch.as_tensor({name})")
    if value.layout != torch.strided:
        raise ValueError(f"{name} is {value.layout}: pass {name}.to_dense()")


def check_state(name: str, state: object, expected: tuple[int, ...], like: Tensor) -> Tensor:
    """A state of the expected shape, in the type of `like`."""
    check_tensor(name, state)
    assert isinstance(state, Tensor)
    if tuple(state.shape) != expected:
        raise ValueError(f"{name} has shape {tuple(state.shape)} but this layer and input ask for {expected}")
    if not state.is_floating_point():
        raise ValueError(f"{name} is {state.dtype}: pass {name}.to({like.dtype})")
    if state.device != like.device:
        raise ValueError(
            f"{name} is on {state.device} but the input is on {like.device}: pass {name}.to('{like.device}')"
        )
    return state.to(like.dtype)


def check_devices(u: Tensor, *tensors: Tensor) -> None:
    """Refuse an input that is not where the layer is."""
    for tensor in tensors:
        if tensor.device != u.device:
            raise ValueError(
                f"input is on {u.device} but the layer's tensors are on {tensor.device}: "
                f"pass input.to('{tensor.device}')"
            )


def as_tensor(name: str, value: Any, dtype: torch.dtype | None, device: torch.device) -> Tensor:
    """A tensor from a tensor, a number, or what torch can read as one; a Python number at full precision of `dtype`."""
    if isinstance(value, bool | complex | str) or value is None:
        raise ValueError(f"{name}={value!r}: pass a number or a tensor")
    try:
        return torch.as_tensor(value, dtype=dtype if isinstance(value, int | float) else None, device=device)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"{name} is a {type(value).__name__} that torch cannot read ({error}): pass a tensor"
        ) from None
