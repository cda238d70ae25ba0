"""Batch rows in tiles, gradient sums in groups.

A tile of a few batch rows shares a pass over the parameters. What happens neuron by neuron runs over the tile as
one flat vector of rows · H numbers, which LLVM vectorises best.
"""

from liquidtime.kernels.cpu.numerics import jit, number

FLUSH = 128
"""Additions to a gradient sum in the type of the parameters before it moves on to float64."""


@jit
def flush(sums, totals):
    """Move a gradient sum to its float64 total, both flat."""
    for n in range(sums.size):
        totals[n] += sums[n]
        sums[n] = 0


@jit
def copy(n, source, target):
    """Write the first n numbers."""
    for i in range(n):
        target[i] = source[i]


@jit
def add(n, source, target):
    """Add the first n numbers."""
    for i in range(n):
        target[i] += source[i]


@jit
def spread(rows, H, t, lengths, spans, divisor, target):
    """span/divisor of each row, once per neuron; 0 past the row's length."""
    for r in range(rows):
        value = spans[r] / divisor if t < lengths[r] else number(0.0, divisor)
        for i in range(H):
            target[r * H + i] = value


@jit
def gather(rows, H, t, lengths, values, divisor, target):
    """The derivative: the sum over each row's neurons."""
    for r in range(rows):
        total = values[r * H]
        for i in range(1, H):
            total += values[r * H + i]
        target[r] = total / divisor if t < lengths[r] else number(0.0, divisor)


@jit
def repeat(rows, values, target):
    """One row (H,) written `rows` times."""
    H = values.size
    for r in range(rows):
        for i in range(H):
            target[r * H + i] = values[i]


@jit
def flush_rows(rows, H, values, totals):
    """Move the sum over rows to a float64 total (H,)."""
    for r in range(rows):
        for i in range(H):
            totals[i] += values[r * H + i]
            values[r * H + i] = 0
