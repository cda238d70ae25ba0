"""What is compiled and kept on disk, and how several threads share it.

A kernel's only argument is the address of a table of 64-bit integers: the next group to work on, how many there are,
then sizes, settings and the addresses of arrays. Each thread takes the next group until none is left.
"""

import ctypes
import functools
import hashlib
import importlib
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from llvmlite import ir
from numba import carray, cfunc, types  # type: ignore[attr-defined]
from numba.core import config
from numba.extending import intrinsic
from torch import Tensor

from liquidtime.kernels import methods
from liquidtime.kernels.cpu.numerics import OPTIONS, jit

logger = logging.getLogger("liquidtime")

ANNOUNCE_AFTER = 1.0
"""Seconds of waiting for a kernel before the user is told why."""

WORTH_A_THREAD = 50_000
"""Multiply-adds below which a second thread costs more than it saves."""

TABLE = 32
"""Integers in the table, enough for every kernel."""

numba_config: Any = config

SIGNATURE = types.void(types.intp)


@intrinsic
def pointer(typing, address):
    """An address as a pointer, for `numba.carray`."""

    def generate(context, builder, signature, arguments):
        return builder.inttoptr(arguments[0], context.get_value_type(types.voidptr))

    return types.voidptr(types.intp), generate


@intrinsic
def next_group(typing, address):
    """The first number of the table, which no other thread gets too."""

    def generate(context, builder, signature, arguments):
        place = builder.inttoptr(arguments[0], ir.IntType(64).as_pointer())
        return builder.atomic_rmw("add", place, ir.Constant(ir.IntType(64), 1), "monotonic")

    return types.intp(types.intp), generate


@jit
def table(address):
    """The table as an array."""
    return carray(pointer(address), TABLE, np.int64)


@jit
def array(place, shape, dtype):
    """The array at an address."""
    return carray(pointer(place), shape, dtype)


@dataclass(frozen=True)
class Groups:
    """Batch rows in groups: `count` of them, and the address of an array of where each begins and the last ends."""

    count: int
    starts: np.ndarray[Any, Any]
    address: int


@functools.lru_cache(256)
def groups_of(rows: int, tile: int, size: int) -> Groups:
    """The groups that rows make. They depend on shapes alone, never on the number of threads.

    A group is a whole number of tiles; there are at most 16, fewer where a gradient sum of `size` numbers for each
    would take much memory.
    """
    tiles = -(-rows // tile)
    count = max(1, min(tiles, 16, max(4, 2**22 // max(1, size))))
    starts = np.array([min(rows, tile * (tiles * n // count)) for n in range(count + 1)], np.int64)
    return Groups(count, starts, starts.ctypes.data)


class Entry:
    """A kernel for both types, compiled at its first call and from then on loaded from the disk.

    Args:
        single: what Numba compiles for float32, a function of the table's address.
        double: the same for float64.
    """

    def __init__(self, single: Callable[[int], None], double: Callable[[int], None]) -> None:
        self.functions = {torch.float32: single, torch.float64: double}
        self.compiled: dict[torch.dtype, Any] = {}

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str, str]]:
        """Pickled by name: machine code stays on its machine."""
        name = self.functions[torch.float32].__name__.removesuffix("_single")
        return _entry_named, (self.functions[torch.float32].__module__, name)

    def run(
        self, dtype: torch.dtype, groups: Groups, work: int, numbers: Sequence[int], tensors: Sequence[Tensor]
    ) -> None:
        """Work on all groups, on as many threads as torch uses and the work is worth.

        Args:
            dtype: the type of the arrays.
            groups: of batch rows; where they begin stands in the table behind the numbers.
            work: multiply-adds in all.
            numbers: sizes and settings.
            tensors: contiguous arrays.
        """
        if not all(tensor.is_cpu for tensor in tensors):
            raise ValueError(f"tensors on {sorted({str(tensor.device) for tensor in tensors})}: pass all on the CPU")
        pointers = (tensor.data_ptr() for tensor in tensors)
        table = self.table((0, groups.count, *numbers, groups.address, *pointers))
        run_on(threads_for(groups.count, work), self.kernel(dtype), ctypes.addressof(table))

    def table(self, values: Sequence[int]) -> Any:
        """The kernel's argument."""
        return (ctypes.c_int64 * TABLE)(*values)

    def kernel(self, dtype: torch.dtype) -> Any:
        """Machine code for one type."""
        return self.compiled.get(dtype) or self.compile(dtype)

    def compile(self, dtype: torch.dtype) -> Any:
        """Make it, or load it from the disk."""
        function = self.functions[dtype]
        with _LOCK, _Announcement(function.__module__):
            if dtype not in self.compiled:
                try:
                    with _kept_on_disk():
                        kernel = cfunc(SIGNATURE, cache=True, **OPTIONS)(function)
                except Exception as error:  # a full disk, no folder, a file cut off: whatever the disk may hold
                    logger.info("compiled kernels cannot be kept on disk: %s", error)
                    kernel = cfunc(SIGNATURE, **OPTIONS)(function)
                self.compiled[dtype] = kernel.ctypes
        return self.compiled[dtype]


def _entry_named(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def threads_for(groups: int, work: int) -> int:
    """As many threads as torch uses, if there are groups for them and enough multiply-adds."""
    return max(1, min(torch.get_num_threads(), groups, work // WORTH_A_THREAD))


def run_on(threads: int, kernel: Any, address: int) -> None:
    """Call a kernel on several threads at once.

    They are torch's own where torch runs on OpenMP, since those wait for work in a loop that would take a processor
    from any other thread; elsewhere a pool of our own.
    """
    if threads == 1:
        kernel(address)
        return
    team = None if _FORKED else _openmp()
    if team is not None:
        team(ctypes.cast(kernel, ctypes.c_void_p), ctypes.c_void_p(address), threads, 0)
        return
    others = [_pool().submit(kernel, address) for _ in range(threads - 1)]
    kernel(address)
    for other in others:
        other.result()


@functools.cache
def _openmp() -> Any:
    """`GOMP_parallel` of the OpenMP that torch has loaded, or None."""
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return None
    loaded = {line.split(maxsplit=5)[5] for line in lines if ".so" in line}
    for path in sorted(loaded):
        ours = Path(path).is_relative_to(Path(torch.__file__).parent)
        if ours and Path(path).name.startswith(("libgomp", "libiomp5", "libomp")):
            team = getattr(ctypes.CDLL(path), "GOMP_parallel", None)
            if team is not None:
                team.restype = None
                team.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint)
                return team
    return None


@contextmanager
def _kept_on_disk() -> Iterator[None]:
    """Makes Numba keep what it compiles in a folder of its own for every state of the kernels' source.

    By itself Numba looks at the file of the outermost function alone, and would go on using what an earlier version of
    the others was compiled to. `NUMBA_CACHE_DIR` is honoured.
    """
    before = numba_config.CACHE_DIR
    base = before or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "liquidtime"
    numba_config.CACHE_DIR = str(Path(base) / f"kernels-{_fingerprint()}")
    try:
        yield
    finally:
        numba_config.CACHE_DIR = before


@functools.cache
def _fingerprint() -> str:
    """Of all source files that end up in a kernel."""
    files = [*sorted(Path(__file__).parent.glob("*.py")), Path(methods.__file__)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


class _Announcement:
    """Says that a kernel is being compiled if that takes long."""

    def __init__(self, module: str) -> None:
        message = "compiling the %s kernel for this machine, once; later runs find it on disk"
        self._timer = threading.Timer(ANNOUNCE_AFTER, logger.warning, (message, module.rsplit(".", 1)[-1]))
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *exception: object) -> None:
        self._timer.cancel()


_LOCK = threading.Lock()
_POOL: ThreadPoolExecutor | None = None
_FORKED = False


def _pool() -> ThreadPoolExecutor:
    global _POOL
    if _POOL is None:
        _POOL = ThreadPoolExecutor(os.cpu_count(), "liquidtime")
    return _POOL


def _forget() -> None:
    """A forked child has none of its parent's threads, though OpenMP waits for them."""
    global _POOL, _LOCK, _FORKED
    _POOL, _LOCK, _FORKED = None, threading.Lock(), True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
