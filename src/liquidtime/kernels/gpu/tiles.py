"""Rows and tiles of parameters in memory, padded with zeros to the powers of two that Triton takes."""

import triton
import triton.language as tl


@triton.jit
def read(pointer, n, size, real: tl.constexpr):
    """The numbers at n, 0 beyond `size`."""
    return tl.load(pointer + n, mask=n < size, other=0.0).to(real)


@triton.jit
def write(pointer, n, size, value):
    """The numbers at n, nothing beyond `size`."""
    tl.store(pointer + n, value.to(pointer.dtype.element_ty), mask=n < size)


@triton.jit
def read_tile(pointer, j, i, J: tl.constexpr, H: tl.constexpr, real: tl.constexpr):
    """Rows j and columns i of an array (J, H)."""
    inside = (j[:, None] < J) & (i[None, :] < H)
    return tl.load(pointer + (j[:, None] * H + i[None, :]), mask=inside, other=0.0).to(real)


@triton.jit
def write_tile(pointer, j, i, J: tl.constexpr, H: tl.constexpr, value):
    """Rows j and columns i of an array (J, H)."""
    inside = (j[:, None] < J) & (i[None, :] < H)
    tl.store(pointer + (j[:, None] * H + i[None, :]), value.to(pointer.dtype.element_ty), mask=inside)


@triton.jit
def add_tile(pointer, j, i, J: tl.constexpr, H: tl.constexpr, value):
    """Add to rows j and columns i of an array (J, H)."""
    write_tile(pointer, j, i, J, H, value + read_tile(pointer, j, i, J, H, value.dtype))
