"""The conductance form over whole sequences.

Per synapse (j, i) from presynaptic value v_j, an input or a neuron, with a_ji = −γ_ji log₂ e, c_ji = −shift_ji log₂ e:

    σ_ji = 1/(1 + 2^(a_ji v_j + c_ji)),    N_i = leak + Σ_j wE_ji σ_ji,    D_i = leak + Σ_j w_ji σ_ji

A layer's synapses come stacked as (4, J, H): a, c, w, wE; the gradients of γ, shift, w and wE likewise.
"""

import numpy as np

from liquidtime.kernels.cpu.entry import Entry, array, next_group, table
from liquidtime.kernels.cpu.numerics import LN2, jit, number, sigmoid2, sigmoid2_and_slope, summing
from liquidtime.kernels.cpu.steps import STAGES, advance, retreat
from liquidtime.kernels.cpu.tiles import FLUSH, add, copy, flush, flush_rows, gather, repeat, spread

TILE = 4
"""Batch rows that share a pass over the synapses."""


@jit
def evaluate(rows, synapses, v, N, D):
    """Add the currents of all synapses to N and D (rows, H)."""
    a, c, w, wE = synapses[0], synapses[1], synapses[2], synapses[3]
    J, H = a.shape
    if rows == TILE:
        for j in range(J):
            v0, v1, v2, v3 = v[0, j], v[1, j], v[2, j], v[3, j]
            for i in range(H):
                s0 = sigmoid2(a[j, i] * v0 + c[j, i])
                s1 = sigmoid2(a[j, i] * v1 + c[j, i])
                s2 = sigmoid2(a[j, i] * v2 + c[j, i])
                s3 = sigmoid2(a[j, i] * v3 + c[j, i])
                N[0, i] += wE[j, i] * s0
                N[1, i] += wE[j, i] * s1
                N[2, i] += wE[j, i] * s2
                N[3, i] += wE[j, i] * s3
                D[0, i] += w[j, i] * s0
                D[1, i] += w[j, i] * s1
                D[2, i] += w[j, i] * s2
                D[3, i] += w[j, i] * s3
    else:
        for r in range(rows):
            for j in range(J):
                for i in range(H):
                    s = sigmoid2(a[j, i] * v[r, j] + c[j, i])
                    N[r, i] += wE[j, i] * s
                    D[r, i] += w[j, i] * s


@summing
def total(terms):
    """Their sum, in the order that suits the machine.

    Alone in a function that is all sum: of the loop in `differentiate`, free to reorder, LLVM makes one thing where it
    is compiled and another where it is loaded from the disk, and gradients differ by rounding.
    """
    value = terms[0]
    for i in range(1, len(terms)):
        value += terms[i]
    return value


@jit
def differentiate(rows, synapses, v, gN, gD, gv, sums, terms):
    """The derivative of `evaluate`: adds to gv (rows, J) and to the gradients of γ, −γμ, w, wE in `sums`.

    `terms` (TILE, H) is scratch.
    """
    a, c, w, wE = synapses[0], synapses[1], synapses[2], synapses[3]
    g_gamma, g_shift, g_w, g_wE = sums[0], sums[1], sums[2], sums[3]
    J, H = a.shape
    scale = number(-LN2, gv[0, 0])
    if rows == TILE:
        for j in range(J):
            v0, v1, v2, v3 = v[0, j], v[1, j], v[2, j], v[3, j]
            for i in range(H):
                s0, d0 = sigmoid2_and_slope(a[j, i] * v0 + c[j, i])
                s1, d1 = sigmoid2_and_slope(a[j, i] * v1 + c[j, i])
                s2, d2 = sigmoid2_and_slope(a[j, i] * v2 + c[j, i])
                s3, d3 = sigmoid2_and_slope(a[j, i] * v3 + c[j, i])
                z0 = (gN[0, i] * wE[j, i] + gD[0, i] * w[j, i]) * d0
                z1 = (gN[1, i] * wE[j, i] + gD[1, i] * w[j, i]) * d1
                z2 = (gN[2, i] * wE[j, i] + gD[2, i] * w[j, i]) * d2
                z3 = (gN[3, i] * wE[j, i] + gD[3, i] * w[j, i]) * d3
                g_wE[j, i] += gN[0, i] * s0 + gN[1, i] * s1 + gN[2, i] * s2 + gN[3, i] * s3
                g_w[j, i] += gD[0, i] * s0 + gD[1, i] * s1 + gD[2, i] * s2 + gD[3, i] * s3
                g_gamma[j, i] += z0 * v0 + z1 * v1 + z2 * v2 + z3 * v3
                g_shift[j, i] += z0 + z1 + z2 + z3
                terms[0, i] = z0 * a[j, i]
                terms[1, i] = z1 * a[j, i]
                terms[2, i] = z2 * a[j, i]
                terms[3, i] = z3 * a[j, i]
            for r in range(TILE):
                gv[r, j] += scale * total(terms[r])
    else:
        for r in range(rows):
            for j in range(J):
                vj = v[r, j]
                for i in range(H):
                    s, d = sigmoid2_and_slope(a[j, i] * vj + c[j, i])
                    z = (gN[r, i] * wE[j, i] + gD[r, i] * w[j, i]) * d
                    g_wE[j, i] += gN[r, i] * s
                    g_w[j, i] += gD[r, i] * s
                    g_gamma[j, i] += z * vj
                    g_shift[j, i] += z
                    terms[r, i] = z * a[j, i]
                gv[r, j] += scale * total(terms[r])


@jit
def _sequence_forward(address, dtype):
    """Walk the sequence.

    The table: T, B, I, H, method, L, keep, then arrays: bounds; input synapses (4, I, H); recurrent synapses (4, H,
    H); the leak's N and D (2, H); u (T, B, I); spans (T, B); lengths (B,), past which a state stays; start (B·H,);
    states, out (T, B·H); N and D at every evaluation, out (T, L · stages, B·H) each, nothing unless keep.
    """
    q = table(address)
    groups, T, B, I, H, method, substeps, keep = q[1], q[2], q[3], q[4], q[5], q[6], q[7], q[8] > 0
    stages = STAGES[method]
    bounds, inputs, synapses = (
        array(q[9], groups + 1, np.int64),
        array(q[10], (4, I, H), dtype),
        array(q[11], (4, H, H), dtype),
    )
    leak, u = array(q[12], (2, H), dtype), array(q[13], (T, B, I), dtype)
    spans, lengths = array(q[14], (T, B), dtype), array(q[15], B, np.int64)
    start, states = array(q[16], B * H, dtype), array(q[17], (T, B * H), dtype)
    kept = (T, substeps * stages, B * H)
    kept_N, kept_D = array(q[18], kept, dtype), array(q[19], kept, dtype)
    Y, Ns, Ds = np.zeros((TILE, H), dtype), np.zeros((TILE, H), dtype), np.zeros((TILE, H), dtype)
    shares_N, shares_D = np.zeros((TILE, H), dtype), np.zeros((TILE, H), dtype)
    x, slope, h = np.zeros(TILE * H, dtype), np.zeros(TILE * H, dtype), np.zeros(TILE * H, dtype)
    y, N, D, share_N, share_D = Y.ravel(), Ns.ravel(), Ds.ravel(), shares_N.ravel(), shares_D.ravel()
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
                repeat(rows, leak[0], share_N)
                repeat(rows, leak[1], share_D)
                evaluate(rows, inputs, u[t, row:end], shares_N, shares_D)
                for m in range(substeps * stages):
                    copy(n, share_N, N)
                    copy(n, share_D, D)
                    evaluate(rows, synapses, Y, Ns, Ds)
                    if keep:
                        copy(n, N, kept_N[t, m, a:b])
                        copy(n, D, kept_D[t, m, a:b])
                    advance(method, m % stages, n, h, x, y, slope, N, D)
                copy(n, x, states[t, a:b])
            for t in range(steps, T):
                copy(n, x, states[t, a:b])
        group = next_group(address)


@jit
def _sequence_backward(address, dtype):
    """The derivative.

    The table: T, B, I, H, method, L, then arrays: bounds; input synapses; recurrent synapses; u; spans; lengths;
    start; states; kept N; kept D; the gradient of the states (T, B·H); those of u (T, B, I), zero before, of spans
    (T, B) and start (B·H,), out; totals in
    float64 (groups, 2H + 4IH + 4H²), added to: the gradients of the leak and of both kinds of synapses.
    """
    q = table(address)
    groups, T, B, I, H, method, substeps = q[1], q[2], q[3], q[4], q[5], q[6], q[7]
    stages = STAGES[method]
    evaluations = substeps * stages
    bounds, inputs, synapses = (
        array(q[8], groups + 1, np.int64),
        array(q[9], (4, I, H), dtype),
        array(q[10], (4, H, H), dtype),
    )
    u, spans, lengths = array(q[11], (T, B, I), dtype), array(q[12], (T, B), dtype), array(q[13], B, np.int64)
    start, states = array(q[14], B * H, dtype), array(q[15], (T, B * H), dtype)
    kept_N = array(q[16], (T, evaluations, B * H), dtype)
    kept_D = array(q[17], (T, evaluations, B * H), dtype)
    g_states, g_u = array(q[18], (T, B * H), dtype), array(q[19], (T, B, I), dtype)
    g_spans, g_start = array(q[20], (T, B), dtype), array(q[21], B * H, dtype)
    of_inputs, of_neurons = 2 * H, 2 * H + 4 * I * H
    totals = array(q[22], (groups, of_neurons + 4 * H * H), np.float64)
    points = np.zeros((evaluations + 1, TILE, H), dtype)
    gNs, gDs, gYs = np.zeros((TILE, H), dtype), np.zeros((TILE, H), dtype), np.zeros((TILE, H), dtype)
    shares_N, shares_D = np.zeros((TILE, H), dtype), np.zeros((TILE, H), dtype)
    gN, gD, gy, flat = gNs.ravel(), gDs.ravel(), gYs.ravel(), points.reshape(evaluations + 1, TILE * H)
    share_N, share_D, terms = shares_N.ravel(), shares_D.ravel(), np.zeros((TILE, H), dtype)
    x, slope, h = np.zeros(TILE * H, dtype), np.zeros(TILE * H, dtype), np.zeros(TILE * H, dtype)
    g, gx, gh = np.zeros(TILE * H, dtype), np.zeros(TILE * H, dtype), np.zeros(TILE * H, dtype)
    sums, input_sums = np.zeros((4, H, H), dtype), np.zeros((4, I, H), dtype)
    leak_N, leak_D = np.zeros(TILE * H, dtype), np.zeros(TILE * H, dtype)
    divisor = number(substeps, x[0])
    group = next_group(address)
    while group < groups:
        for row in range(bounds[group], bounds[group + 1], TILE):
            rows = min(TILE, bounds[group + 1] - row)
            end = row + rows
            n, a, b = rows * H, row * H, end * H
            steps, count = min(max(lengths[row:end].max(), 0), T), 0
            gy[:] = 0
            for t in range(T - 1, steps - 1, -1):
                add(n, g_states[t, a:b], gy)
            for t in range(steps - 1, -1, -1):
                add(n, g_states[t, a:b], gy)
                spread(rows, H, t, lengths[row:end], spans[t, row:end], divisor, h)
                gh[:] = 0
                share_N[:] = 0
                share_D[:] = 0
                copy(n, start[a:b] if t == 0 else states[t - 1, a:b], x)
                copy(n, x, flat[0])
                for m in range(evaluations):
                    copy(n, flat[m], flat[m + 1])
                    advance(method, m % stages, n, h, x, flat[m + 1], slope, kept_N[t, m, a:b], kept_D[t, m, a:b])
                for m in range(evaluations - 1, -1, -1):
                    stage = m % stages
                    if stage == stages - 1:
                        copy(n, gy, g)
                    N, D = kept_N[t, m, a:b], kept_D[t, m, a:b]
                    retreat(method, stage, n, h, flat[m - stage], flat[m], N, D, g, gx, gy, gN, gD, gh)
                    differentiate(rows, synapses, points[m], gNs, gDs, gYs, sums, terms)
                    add(n, gN, share_N)
                    add(n, gD, share_D)
                gather(rows, H, t, lengths[row:end], gh, divisor, g_spans[t, row:end])
                differentiate(rows, inputs, u[t, row:end], shares_N, shares_D, g_u[t, row:end], input_sums, terms)
                add(n, share_N, leak_N)
                add(n, share_D, leak_D)
                count += evaluations
                if count >= FLUSH or t == 0:
                    flush_rows(rows, H, leak_N, totals[group, :H])
                    flush_rows(rows, H, leak_D, totals[group, H:of_inputs])
                    flush(input_sums.ravel(), totals[group, of_inputs:of_neurons])
                    flush(sums.ravel(), totals[group, of_neurons:])
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
