"""The continuous-time GRU over whole sequences.

Per neuron, with traces x_i and c_i = ln τ̃_i, shares of the input and biases left out:

    m_i = x_i 2^(−Δt log₂e/τ̃_i),       h = Σ_i m_i
    r_i, s_i = softmax_i(−(z − c_i)²)    at z = U_R h and z = U_S h
    q = tanh(U_Q Σ_i r_i m_i),           x_i ← m_i + s_i (q − m_i)

The forward pass keeps the three arguments z of the gates; the backward pass computes the rest again.
"""

import numpy as np

from liquidtime.kernels.cpu.entry import Entry, array, next_group, table
from liquidtime.kernels.cpu.matrix import add_product
from liquidtime.kernels.cpu.numerics import jit, number
from liquidtime.kernels.cpu.tiles import FLUSH, add, copy, flush, flush_rows, gather, repeat, spread
from liquidtime.kernels.cpu.traces import add_taken, fade, give, retrieve, store, take, tilt, unfade, unstore, weigh
from liquidtime.kernels.methods import LOG2E, TRACES

RETRIEVAL, STORAGE, CANDIDATE = range(3)
TILE = 8
"""Batch rows that share a pass over the weights."""


@jit
def _sequence_forward(address, dtype):
    """Walk the sequence.

    The table: T, B, I, H, keep, then arrays: bounds; W transposed (3, I, H) and U transposed (3, H, H), so that rows
    are presynaptic, and b (3, H), each for retrieval, storage and candidate; ln τ̃ and log₂e/τ̃ (2, 8); u (T, B·I);
    spans (T, B); lengths (B,), past which a state stays; start (8·B·H,); states, out (T, 8·B·H); the arguments of the
    gates, out (T, 3, B·H), nothing unless keep.
    """
    q = table(address)
    groups, T, B, I, H, keep = q[1], q[2], q[3], q[4], q[5], q[6] > 0
    bounds, W, U = array(q[7], groups + 1, np.int64), array(q[8], (3, I * H), dtype), array(q[9], (3, H * H), dtype)
    bias, grid = array(q[10], (3, H), dtype), array(q[11], (2, TRACES), dtype)
    u, spans, lengths = array(q[12], (T, B * I), dtype), array(q[13], (T, B), dtype), array(q[14], B, np.int64)
    start, states = array(q[15], TRACES * B * H, dtype), array(q[16], (T, TRACES * B * H), dtype)
    kept = array(q[17], (T, 3, B * H), dtype)
    c, rates, width = grid[0], grid[1], TILE * H
    traces, vectors, z = np.zeros((3, TRACES, width), dtype), np.zeros((6, width), dtype), np.zeros((3, width), dtype)
    x, factors, p = traces[0], traces[1], traces[2]
    dt, there, h, found, nearest, scratch = vectors[0], vectors[1], vectors[2], vectors[3], vectors[4], vectors[5]
    ones = np.ones(TILE, dtype)
    one = ones[0]
    group = next_group(address)
    while group < groups:
        for row in range(bounds[group], bounds[group + 1], TILE):
            rows = min(TILE, bounds[group + 1] - row)
            end = row + rows
            n, a, b = rows * H, row * H, end * H
            take(n, start[TRACES * a : TRACES * b], x)
            steps = min(max(lengths[row:end].max(), 0), T)
            for t in range(steps):
                spread(rows, H, t, lengths[row:end], spans[t, row:end], one, dt)
                spread(rows, H, t, lengths[row:end], ones, one, there)
                fade(n, rates, dt, factors, x, h)
                for gate in range(3):
                    # The neurons' share first: inputs may be large, and each sum on top of them is rounded accordingly.
                    repeat(rows, bias[gate], z[gate])
                    add_product(rows, H, H, found if gate == CANDIDATE else h, H, 1, U[gate], z[gate])
                    add_product(rows, I, H, u[t, row * I : end * I], I, 1, W[gate], z[gate])
                    if gate == RETRIEVAL:
                        weigh(n, c, z[RETRIEVAL], p, nearest, scratch)
                        retrieve(n, p, x, found)
                weigh(n, c, z[STORAGE], p, nearest, scratch)
                store(n, there, p, z[CANDIDATE], x, scratch)
                if keep:
                    for gate in range(3):
                        copy(n, z[gate], kept[t, gate, a:b])
                give(n, x, states[t, TRACES * a : TRACES * b])
            for t in range(steps, T):
                give(n, x, states[t, TRACES * a : TRACES * b])
        group = next_group(address)


@jit
def _sequence_backward(address, dtype):
    """The derivative.

    The table: T, B, I, H, then arrays: bounds; W (3, H, I) and U (3, H, H); ln τ̃ and log₂e/τ̃ (2, 8); u; spans;
    lengths; start; states; kept arguments; the gradient of the states (T, 8·B·H); those of u (T, B·I), zero before, of
    spans (T, B) and start (8·B·H,), out; totals in float64 (groups, 3HI + 3H² + 3H), added to: the gradients of W, U
    and b.
    """
    q = table(address)
    groups, T, B, I, H = q[1], q[2], q[3], q[4], q[5]
    bounds, W, U = array(q[6], groups + 1, np.int64), array(q[7], (3, H * I), dtype), array(q[8], (3, H * H), dtype)
    grid, u = array(q[9], (2, TRACES), dtype), array(q[10], (T, B * I), dtype)
    spans, lengths = array(q[11], (T, B), dtype), array(q[12], B, np.int64)
    start, states = array(q[13], TRACES * B * H, dtype), array(q[14], (T, TRACES * B * H), dtype)
    kept, g_states = array(q[15], (T, 3, B * H), dtype), array(q[16], (T, TRACES * B * H), dtype)
    g_u, g_spans = array(q[17], (T, B * I), dtype), array(q[18], (T, B), dtype)
    of_U, of_b = 3 * H * I, 3 * H * I + 3 * H * H
    g_start, totals = array(q[19], TRACES * B * H, dtype), array(q[20], (groups, of_b + 3 * H), np.float64)
    c, rates, width = grid[0], grid[1], TILE * H
    traces, vectors = np.zeros((6, TRACES, width), dtype), np.zeros((10, width), dtype)
    x, factors, g, gs, r, s = traces[0], traces[1], traces[2], traces[3], traces[4], traces[5]
    dt, there, h, found, nearest, scratch = vectors[0], vectors[1], vectors[2], vectors[3], vectors[4], vectors[5]
    slope, g_found, gh, g_span = vectors[6], vectors[7], vectors[8], vectors[9]
    gz, g_b = np.zeros((3, width), dtype), np.zeros((3, width), dtype)
    W_sums, U_sums = np.zeros((3, H * I), dtype), np.zeros((3, H * H), dtype)
    ones = np.ones(TILE, dtype)
    one, divisor = ones[0], number(LOG2E, ones[0])
    group = next_group(address)
    while group < groups:
        for row in range(bounds[group], bounds[group + 1], TILE):
            rows = min(TILE, bounds[group + 1] - row)
            end = row + rows
            n, a, b, d, e = rows * H, row * H, end * H, row * I, end * I
            steps, count = min(max(lengths[row:end].max(), 0), T), 0
            g[:] = 0
            for t in range(T - 1, steps - 1, -1):
                add_taken(n, g_states[t, TRACES * a : TRACES * b], g)
            for t in range(steps - 1, -1, -1):
                add_taken(n, g_states[t, TRACES * a : TRACES * b], g)
                before = start if t == 0 else states[t - 1]
                take(n, before[TRACES * a : TRACES * b], x)
                spread(rows, H, t, lengths[row:end], spans[t, row:end], one, dt)
                spread(rows, H, t, lengths[row:end], ones, one, there)
                fade(n, rates, dt, factors, x, h)
                weigh(n, c, kept[t, RETRIEVAL, a:b], r, nearest, scratch)
                weigh(n, c, kept[t, STORAGE, a:b], s, nearest, scratch)
                retrieve(n, r, x, found)
                unstore(n, there, s, kept[t, CANDIDATE, a:b], x, g, scratch, slope, gs, gz[CANDIDATE])
                tilt(n, c, s, gs, scratch, gz[STORAGE])
                g_found[:n] = 0
                add_product(rows, H, H, gz[CANDIDATE], H, 1, U[CANDIDATE], g_found)
                tilt(n, c, r, x, scratch, gz[RETRIEVAL])
                for k in range(n):
                    gz[RETRIEVAL, k] *= g_found[k]
                gh[:n] = 0
                for gate in (RETRIEVAL, STORAGE):
                    add_product(rows, H, H, gz[gate], H, 1, U[gate], gh)
                    add_product(H, rows, H, gz[gate], 1, H, h, U_sums[gate])
                add_product(H, rows, H, gz[CANDIDATE], 1, H, found, U_sums[CANDIDATE])
                unfade(n, factors, rates, x, r, g_found, gh, g, g_span)
                gather(rows, H, t, lengths[row:end], g_span, divisor, g_spans[t, row:end])
                for gate in range(3):
                    add_product(rows, H, I, gz[gate], H, 1, W[gate], g_u[t, d:e])
                    add_product(H, rows, I, gz[gate], 1, H, u[t, d:e], W_sums[gate])
                    add(n, gz[gate], g_b[gate])
                count += 1
                if count >= FLUSH or t == 0:
                    flush(W_sums.ravel(), totals[group, :of_U])
                    flush(U_sums.ravel(), totals[group, of_U:of_b])
                    for gate in range(3):
                        flush_rows(rows, H, g_b[gate], totals[group, of_b + gate * H : of_b + (gate + 1) * H])
                    count = 0
            give(n, g, g_start[TRACES * a : TRACES * b])
        group = next_group(address)


def sequence_forward_single(address):
    """In float32."""
    _sequence_forward(address, np.float32)


def sequence_forward_double(address):
    """In float64."""
    _sequence_forward(address, np.float64)


def sequence_backward_single(address):
    """In float32."""
    _sequence_backward(address, np.float32)


def sequence_backward_double(address):
    """In float64."""
    _sequence_backward(address, np.float64)


sequence_forward = Entry(sequence_forward_single, sequence_forward_double)
sequence_backward = Entry(sequence_backward_single, sequence_backward_double)
