"""Which kernel runs."""

import functools
import warnings
from collections.abc import Callable
from typing import TypeVar

import torch
from torch.autograd import forward_ad

from liquidtime.dynamics.base import Tensors

K = TypeVar("K")

SETTINGS = ("auto", "reference", "numba", "triton")
"""What a layer may be told. `auto` takes the fastest that covers the case, and the reference where none does."""

_BACKENDS = {"cpu": "numba", "cuda": "triton"}
_DTYPES = {"numba": (torch.float32, torch.float64), "triton": (torch.float32, torch.bfloat16)}


def check_setting(kernel: object) -> None:
    """Refuse what is no setting.

    Raises:
        ValueError: the message lists the valid ones.
    """
    if not isinstance(kernel, str) or kernel not in SETTINGS:
        raise ValueError(f"kernel={kernel!r}: choose one of {', '.join(map(repr, SETTINGS))}")


def choose(setting: str, kernel: K | None, case: Callable[[], str], tensors: Tensors) -> tuple[str, K | None]:
    """The name of what runs for such tensors, and the kernel; None for the reference.

    Args:
        setting: one of `SETTINGS`.
        kernel: the one for the case at hand, or None.
        case: says what that is.
        tensors: all that a kernel would read, the state or a parameter first.

    Raises:
        ValueError: a kernel was asked for by name that does not cover the case; the message says why.
    """
    if setting == "reference":
        return setting, None
    name = _BACKENDS.get(tensors[0].device.type, "reference") if setting == "auto" else setting
    obstacle = _obstacle(name, kernel, case, tensors)
    if obstacle is None:
        return name, kernel
    if setting == "auto":
        return "reference", None
    raise ValueError(f'kernel="{setting}": {obstacle}; kernel="auto" takes the reference there')


def _obstacle(name: str, kernel: object, case: Callable[[], str], tensors: Tensors) -> str | None:
    """Why a kernel cannot run, or None."""
    first = tensors[0]
    if _BACKENDS.get(first.device.type) != name:
        return f"the tensors are on {first.device}"
    if kernel is None:
        return f"there is none for {case()}"
    if first.dtype not in _DTYPES[name]:
        return f"there is none for {first.dtype}"
    if any(tensor.dtype != first.dtype for tensor in tensors):
        return f"parameters and state are of several types: {', '.join(sorted({str(t.dtype) for t in tensors}))}"
    if forward_ad._current_level >= 0:
        return "it has no forward-mode derivative"
    if torch._C._get_tracing_state() is not None:
        return "torch.jit.trace cannot record it"
    return None if _works(name) else "it cannot be compiled on this machine"


def _works(name: str) -> bool:
    """Whether a kernel can be compiled here."""
    return _can_compile(name)


# `torch.compile` takes the answer as a constant; torch.compiler.assume_constant_result sets just this attribute, but
# imports the compiler to do so.
_works._dynamo_marked_constant = True  # type: ignore[attr-defined]


@functools.cache
def _can_compile(name: str) -> bool:
    """The same, tried once; if not, says so once."""
    try:
        _PROBES[name]()
    except Exception as error:
        warnings.warn(
            f'kernel="{name}" cannot be compiled here ({type(error).__name__}: {error}): layers run on the slower '
            'reference; build them with kernel="reference" to silence this',
            stacklevel=2,
        )
        return False
    return True


def _probe_numba() -> None:
    from liquidtime.kernels.cpu.probe import probe

    probe()


def _probe_triton() -> None:
    import liquidtime.kernels.gpu.backend  # noqa: F401


_PROBES = {"numba": _probe_numba, "triton": _probe_triton}
