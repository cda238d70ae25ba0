"""Which kernel runs."""

import functools
import warnings

import torch
from torch import Tensor
from torch.autograd import forward_ad

from liquidtime.dynamics import Dynamics
from liquidtime.kernels.sequences import SequenceKernel, kernel_for
from liquidtime.solvers import Solver

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


def choose(setting: str, dynamics: Dynamics, solver: Solver, state: Tensor) -> tuple[str, SequenceKernel | None]:
    """The name of what runs for a state of this type on this device, and the kernel; None for the reference.

    Raises:
        ValueError: a kernel was asked for by name that does not cover the case; the message says why.
    """
    if setting == "reference":
        return setting, None
    name = _BACKENDS.get(state.device.type, "reference") if setting == "auto" else setting
    kernel = kernel_for(dynamics, solver)
    obstacle = _obstacle(name, kernel, dynamics, solver, state)
    if obstacle is None:
        return name, kernel
    if setting == "auto":
        return "reference", None
    raise ValueError(f'kernel="{setting}": {obstacle}; kernel="auto" takes the reference there')


def _obstacle(
    name: str, kernel: SequenceKernel | None, dynamics: Dynamics, solver: Solver, state: Tensor
) -> str | None:
    """Why a kernel cannot run, or None."""
    if _BACKENDS.get(state.device.type) != name:
        return f"the tensors are on {state.device}"
    if kernel is None:
        return f"there is none for {type(dynamics).__name__} with this f and solver={solver}"
    if state.dtype not in _DTYPES[name]:
        return f"there is none for {state.dtype}"
    if forward_ad._current_level >= 0:
        return "it has no forward-mode derivative"
    if not _works(name):
        return "it cannot be compiled on this machine"
    return None


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
