"""Equations on a perceptron f = act(W_in u + W_rec x + b), over whole sequences: LTC, CT-RNN and neural ODE.

    N_i = f_i A_i,    D_i = r_i + |f_i| if liquid, else r_i

LTC: liquid, r = 1/τ. CT-RNN: A = 1, r = 1/τ. Neural ODE: A = 1, r = 0. The forward pass keeps the argument z of `act`
at every evaluation; the backward pass computes the rest again.
"""

import numpy as np

from liquidtime.kernels.cpu.entry import Entry, array, next_group, table
from liquidtime.kernels.cpu.matrix import add_product
from liquidtime.kernels.cpu.numerics import jit, number, sigmoid_and_slope, tanh_and_slope
from liquidtime.kernels.cpu.steps import STAGES, advance, retreat
from liquidtime.kernels.cpu.tiles import FLUSH, add, copy, flush, flush_rows, gather, repeat, spread

SIGMOID, TANH = range(2)
TILE = 8
"""Batch rows that share a pass over the weights."""


@jit
def respond(n, activation, liquid, A, rate, z, N, D):
    """N and D from the argument of the activation."""
    zero = number(0.0, A[0])
    if activation == SIGMOID:
        for i in range(n):
            f, _ = sigmoid_and_slope(z[i])
            N[i] = f * A[i]
            D[i] = rate[i] + (f if liquid else zero)
    else:
        for i in range(n):
            f, _ = tanh_and_slope(z[i])
            N[i] = f * A[i]
            D[i] = rate[i] + (abs(f) if liquid else zero)


@jit
def activate(n, activation, z, f, slope):
    """The activation and its derivative at z."""
    if activation == SIGMOID:
        for i in range(n):
            f[i], slope[i] = sigmoid_and_slope(z[i])
    else:
        for i in range(n):
            f[i], slope[i] = tanh_and_slope(z[i])


@jit
def drive_decay(n, liquid, A, rate, f, N, D):
    """N and D from f."""
    zero = number(0.0, A[0])
    for i in range(n):
        N[i] = f[i] * A[i]
        D[i] = rate[i] + (abs(f[i]) if liquid else zero)


@jit
def differentiate(n, liquid, A, f, gN, gD, slope_or_gz, g_A, g_rate):
    """The derivative of both: takes the slope of f, leaves the gradient of z, adds to the gradients of A and r."""
    zero = number(0.0, A[0])
    for i in range(n):
        g_A[i] += gN[i] * f[i]
        g_rate[i] += gD[i]
        signed = gD[i] if f[i] > zero else -gD[i] if f[i] < zero else zero
        slope_or_gz[i] *= gN[i] * A[i] + (signed if liquid else zero)


@jit
def _sequence_forward(address, dtype):
    """Walk the sequence.

    The table: T, B, I, H, method, L, activation, liquid, keep, then arrays: bounds; W_in transposed (I, H) and
    W_rec transposed (H, H), so that rows are presynaptic; b, A and r (3, H); u (T, B·I); spans (T, B); lengths
    (B,), past which a state stays; start (B·H,); states, out (T, B·H); z at every evaluation, out (T, L · stages,
    B·H), nothing unless keep.
    """
    q = table(address)
    groups, T, B, I, H, method, substeps = q[1], q[2], q[3], q[4], q[5], q[6], q[7]
    activation, liquid, keep = q[8], q[9] > 0, q[10] > 0
    stages = STAGES[method]
    bounds, W_in, W_rec = array(q[11], groups + 1, np.int64), array(q[12], I * H, dtype), array(q[13], H * H, dtype)
    vectors, u = array(q[14], (3, H), dtype), array(q[15], (T, B * I), dtype)
    spans, lengths = array(q[16], (T, B), dtype), array(q[17], B, np.int64)
    start, states = array(q[18], B * H, dtype), array(q[19], (T, B * H), dtype)
    kept = array(q[20], (T, substeps * stages, B * H), dtype)
    width = TILE * H
    x, slope, h, y = np.zeros(width, dtype), np.zeros(width, dtype), np.zeros(width, dtype), np.zeros(width, dtype)
    share, z, N, D, A, rate = x.copy(), x.copy(), x.copy(), x.copy(), x.copy(), x.copy()
    repeat(TILE, vectors[1], A)
    repeat(TILE, vectors[2], rate)
    divisor = number(substeps, x[0])
    group = next_group(address)
    while group < groups:
        for row in range(bounds[group], bounds[group + 1], TILE):
            rows = min(TILE, bounds[group + 1] - row)
            end = row + rows
            n, a, b = rows * H, row * H, end * H
            copy(n, start[a:b], x)
            copy(n, x, y)
            steps = min(max(lengths[row:end].max(), 0), T)
            for t in range(steps):
                spread(rows, H, t, lengths[row:end], spans[t, row:end], divisor, h)
                repeat(rows, vectors[0], share)
                add_product(rows, I, H, u[t, row * I : end * I], I, 1, W_in, share)
                for m in range(substeps * stages):
                    copy(n, share, z)
                    add_product(rows, H, H, y, H, 1, W_rec, z)
                    if keep:
                        copy(n, z, kept[t, m, a:b])
                    respond(n, activation, liquid, A, rate, z, N, D)
                    advance(method, m % stages, n, h, x, y, slope, N, D)
                copy(n, x, states[t, a:b])
            for t in range(steps, T):
                copy(n, x, states[t, a:b])
        group = next_group(address)


@jit
def _sequence_backward(address, dtype):
    """The derivative.

    The table: T, B, I, H, method, L, activation, liquid, then arrays: bounds; W_in (H, I) and W_rec (H, H); b, A
    and r (3, H); u; spans; lengths; start; states; kept z; the gradient of the states (T, B·H); those of u (T,
    B·I), zero before, of spans (T, B) and start (B·H,), out; totals in float64 (groups, HI + H² + 3H), added to:
    the gradients of W_in, W_rec, b, A and r.
    """
    q = table(address)
    groups, T, B, I, H, method, substeps, activation = q[1], q[2], q[3], q[4], q[5], q[6], q[7], q[8]
    liquid, stages = q[9] > 0, STAGES[method]
    evaluations = substeps * stages
    bounds, W_in, W_rec = array(q[10], groups + 1, np.int64), array(q[11], H * I, dtype), array(q[12], H * H, dtype)
    vectors, u = array(q[13], (3, H), dtype), array(q[14], (T, B * I), dtype)
    spans, lengths = array(q[15], (T, B), dtype), array(q[16], B, np.int64)
    start, states = array(q[17], B * H, dtype), array(q[18], (T, B * H), dtype)
    kept, g_states = array(q[19], (T, evaluations, B * H), dtype), array(q[20], (T, B * H), dtype)
    g_u, g_spans = array(q[21], (T, B * I), dtype), array(q[22], (T, B), dtype)
    of_neurons, of_b = H * I, H * I + H * H
    g_start, totals = array(q[23], B * H, dtype), array(q[24], (groups, of_b + 3 * H), np.float64)
    width = TILE * H
    points, gz = np.zeros((evaluations + 1, width), dtype), np.zeros((evaluations, width), dtype)
    f, all_points, all_gz = np.zeros((evaluations, width), dtype), points.ravel(), gz.ravel()
    x, slope, h = np.zeros(width, dtype), np.zeros(width, dtype), np.zeros(width, dtype)
    N, D, A, rate, share = x.copy(), x.copy(), x.copy(), x.copy(), x.copy()
    g, gx, gy, gh, gN, gD = x.copy(), x.copy(), x.copy(), x.copy(), x.copy(), x.copy()
    g_b, g_A, g_rate = x.copy(), x.copy(), x.copy()
    sums, input_sums = np.zeros(H * H, dtype), np.zeros(H * I, dtype)
    repeat(TILE, vectors[1], A)
    repeat(TILE, vectors[2], rate)
    divisor = number(substeps, x[0])
    group = next_group(address)
    while group < groups:
        for row in range(bounds[group], bounds[group + 1], TILE):
            rows = min(TILE, bounds[group + 1] - row)
            end = row + rows
            n, a, b, c, d = rows * H, row * H, end * H, row * I, end * I
            steps, count = min(max(lengths[row:end].max(), 0), T), 0
            gy[:] = 0
            gz[:] = 0
            for t in range(T - 1, steps - 1, -1):
                add(n, g_states[t, a:b], gy)
            for t in range(steps - 1, -1, -1):
                add(n, g_states[t, a:b], gy)
                spread(rows, H, t, lengths[row:end], spans[t, row:end], divisor, h)
                gh[:] = 0
                share[:] = 0
                copy(n, start[a:b] if t == 0 else states[t - 1, a:b], x)
                copy(n, x, points[0])
                for m in range(evaluations):
                    copy(n, points[m], points[m + 1])
                    activate(n, activation, kept[t, m, a:b], f[m], gz[m])
                    drive_decay(n, liquid, A, rate, f[m], N, D)
                    advance(method, m % stages, n, h, x, points[m + 1], slope, N, D)
                for m in range(evaluations - 1, -1, -1):
                    stage = m % stages
                    if stage == stages - 1:
                        copy(n, gy, g)
                    drive_decay(n, liquid, A, rate, f[m], N, D)
                    retreat(method, stage, n, h, points[m - stage], points[m], N, D, g, gx, gy, gN, gD, gh)
                    differentiate(n, liquid, A, f[m], gN, gD, gz[m], g_A, g_rate)
                    add_product(rows, H, H, gz[m], H, 1, W_rec, gy)
                    add(n, gz[m], share)
                gather(rows, H, t, lengths[row:end], gh, divisor, g_spans[t, row:end])
                add_product(H, evaluations * TILE, H, all_gz, 1, H, all_points, sums)
                add_product(rows, H, I, share, H, 1, W_in, g_u[t, c:d])
                add_product(H, rows, I, share, 1, H, u[t, c:d], input_sums)
                add(n, share, g_b)
                count += evaluations
                if count >= FLUSH or t == 0:
                    flush(input_sums, totals[group, :of_neurons])
                    flush(sums, totals[group, of_neurons:of_b])
                    flush_rows(rows, H, g_b, totals[group, of_b : of_b + H])
                    flush_rows(rows, H, g_A, totals[group, of_b + H : of_b + 2 * H])
                    flush_rows(rows, H, g_rate, totals[group, of_b + 2 * H :])
                    count = 0
            copy(n, gy, g_start[a:b])
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
