"""The conductance form over whole sequences.

Per synapse (j, i) from presynaptic value v_j, an input or a neuron, with a_ji = −γ_ji log₂ e, c_ji = −shift_ji log₂ e:

    σ_ji = 1/(1 + 2^(a_ji v_j + c_ji)),    N_i = leak + Σ_j wE_ji σ_ji,    D_i = leak + Σ_j w_ji σ_ji

A layer's synapses come stacked as (4, J, H): a, c, w, wE; the gradients of γ, shift, w and wE likewise. `RESIDENT`: a
program holds all recurrent synapses, and the sums of their gradients, from the first sample to the last; otherwise it
reads them in blocks of rows at every evaluation.
"""

import triton
import triton.language as tl

from liquidtime.kernels.gpu.steps import LN2, advance, retreat, sigmoid2, sigmoid2_and_slope
from liquidtime.kernels.gpu.tiles import add_tile, read, read_tile, write, write_tile


@triton.jit
def read_synapses(synapses, j, i, J: tl.constexpr, H: tl.constexpr, real: tl.constexpr):
    """(a, c, w, wE) of rows j and columns i."""
    size: tl.constexpr = J * H
    a = read_tile(synapses, j, i, J, H, real)
    c = read_tile(synapses + size, j, i, J, H, real)
    w = read_tile(synapses + 2 * size, j, i, J, H, real)
    wE = read_tile(synapses + 3 * size, j, i, J, H, real)
    return a, c, w, wE


@triton.jit
def currents(a, c, w, wE, v, N, D):
    """N and D with the currents of a tile of synapses added."""
    s = sigmoid2(a * v[:, None] + c)
    return N + tl.sum(wE * s, axis=0), D + tl.sum(w * s, axis=0)


@triton.jit
def all_currents(synapses, v, i, N, D, J: tl.constexpr, H: tl.constexpr, BJ: tl.constexpr, real: tl.constexpr):
    """N and D with the currents of all synapses added, presynaptic values in memory at v."""
    for block in range(0, J, BJ):
        j = block + tl.arange(0, BJ)
        a, c, w, wE = read_synapses(synapses, j, i, J, H, real)
        N, D = currents(a, c, w, wE, read(v, j, J, real), N, D)
    return N, D


@triton.jit
def differentiate(a, c, w, wE, v, gN, gD):
    """The derivative of `currents`: gradients of γ, shift, w, wE and v."""
    s, slope = sigmoid2_and_slope(a * v[:, None] + c)
    z = (gN[None, :] * wE + gD[None, :] * w) * slope
    return z * v[:, None], z, gD[None, :] * s, gN[None, :] * s, tl.sum(z * a, axis=1) * -LN2


@triton.jit
def differentiate_all(
    synapses, v, i, gN, gD, totals, gv, J: tl.constexpr, H: tl.constexpr, BJ: tl.constexpr, real: tl.constexpr
):
    """The derivative of `all_currents`: adds to `totals` (4, J, H), writes the gradient of v to gv."""
    size: tl.constexpr = J * H
    tl.debug_barrier()
    for block in range(0, J, BJ):
        j = block + tl.arange(0, BJ)
        a, c, w, wE = read_synapses(synapses, j, i, J, H, real)
        g_gamma, g_shift, g_w, g_wE, g_v = differentiate(a, c, w, wE, read(v, j, J, real), gN, gD)
        add_tile(totals, j, i, J, H, g_gamma)
        add_tile(totals + size, j, i, J, H, g_shift)
        add_tile(totals + 2 * size, j, i, J, H, g_w)
        add_tile(totals + 3 * size, j, i, J, H, g_wE)
        write(gv, j, J, g_v)
    tl.debug_barrier()


@triton.jit(do_not_specialize=["T", "B", "substeps"])
def sequence_forward(
    leak,
    inputs,
    synapses,
    u,
    spans,
    lengths,
    start,
    states,
    kept_N,
    kept_D,
    scratch,
    T,
    B,
    substeps,
    METHOD: tl.constexpr,
    STAGES: tl.constexpr,
    KEEP: tl.constexpr,
    I: tl.constexpr,
    H: tl.constexpr,
    P: tl.constexpr,
    BI: tl.constexpr,
    BJ: tl.constexpr,
    BH: tl.constexpr,
    RESIDENT: tl.constexpr,
    real: tl.constexpr,
):
    """Walk the sequence of one batch row.

    leak (2, H), inputs (4, I, H), synapses (4, H, H), u (T, B, I), spans (T, B), lengths (B,), past which a state
    stays, start (B, H). Out: states (T, B, H); N and D at every evaluation (T, L · stages, B, P) if KEEP. `scratch`
    (B, H) holds the point of evaluation unless RESIDENT.
    """
    row = tl.program_id(0).to(tl.int64)
    i = tl.arange(0, BH)
    leak_N, leak_D = read(leak, i, H, real), read(leak + H, i, H, real)
    if RESIDENT:
        a, c, w, wE = read_synapses(synapses, i, i, H, H, real)
    steps = tl.minimum(tl.maximum(tl.load(lengths + row), 0), T)
    x = read(start + row * H, i, H, real)
    y = x
    for t in range(steps):
        h = tl.load(spans + (t * B + row)).to(real) / substeps
        share_N, share_D = all_currents(inputs, u + (t * B + row) * I, i, leak_N, leak_D, I, H, BI, real)
        for step in range(substeps):
            slope = x
            for stage in tl.static_range(STAGES):
                if RESIDENT:
                    N, D = currents(a, c, w, wE, y, share_N, share_D)
                else:
                    tl.debug_barrier()
                    write(scratch + row * H, i, H, y)
                    tl.debug_barrier()
                    N, D = all_currents(synapses, scratch + row * H, i, share_N, share_D, H, H, BJ, real)
                if KEEP:
                    at = (((t * substeps + step) * STAGES + stage) * B + row) * P
                    write(kept_N + at, i, P, N)
                    write(kept_D + at, i, P, D)
                x, y, slope = advance(h, x, y, slope, N, D, METHOD, stage)
        write(states + (t * B + row) * H, i, H, x)
    for t in range(steps, T):
        write(states + (t * B + row) * H, i, H, x)


@triton.jit(do_not_specialize=["T", "B", "substeps"])
def sequence_backward(
    inputs,
    synapses,
    u,
    spans,
    lengths,
    start,
    states,
    kept_N,
    kept_D,
    g_states,
    g_u,
    g_spans,
    g_start,
    leak_totals,
    input_totals,
    totals,
    points,
    g_point,
    T,
    B,
    substeps,
    METHOD: tl.constexpr,
    STAGES: tl.constexpr,
    I: tl.constexpr,
    H: tl.constexpr,
    P: tl.constexpr,
    BI: tl.constexpr,
    BJ: tl.constexpr,
    BH: tl.constexpr,
    RESIDENT: tl.constexpr,
    real: tl.constexpr,
):
    """The derivative, over every G-th batch row for each of G programs.

    In as in `sequence_forward`, and the gradient of the states (T, B, H). Out: gradients of u and spans, zero before,
    and of start; sums (G, 2, H), (G, 4, I, H) and (G, 4, H, H), zero before: the gradients of the leak and of the
    synapses. Scratch: `points` (G, L · stages, H), the points of evaluation of a sample, and `g_point` (G, H).
    """
    program = tl.program_id(0).to(tl.int64)
    programs = tl.num_programs(0)
    evaluations = substeps * STAGES
    points += program * evaluations * H
    g_point += program * H
    leak_totals += program * (2 * H)
    input_totals += program * (4 * I * H)
    totals += program * (4 * H * H)
    i = tl.arange(0, BH)
    leak_gN = tl.full([BH], 0, real)
    leak_gD = tl.full([BH], 0, real)
    if RESIDENT:
        a, c, w, wE = read_synapses(synapses, i, i, H, H, real)
        sum_gamma = tl.full([BH, BH], 0, real)
        sum_shift = tl.full([BH, BH], 0, real)
        sum_w = tl.full([BH, BH], 0, real)
        sum_wE = tl.full([BH, BH], 0, real)
    for row in range(program, B, programs):
        steps = tl.minimum(tl.maximum(tl.load(lengths + row), 0), T)
        gy = tl.full([BH], 0, real)
        for t in range(steps, T):
            gy += read(g_states + (t * B + row) * H, i, H, real)
        for back in range(steps):
            t = steps - 1 - back
            gy += read(g_states + (t * B + row) * H, i, H, real)
            h = tl.load(spans + (t * B + row)).to(real) / substeps
            x = read(states + ((t - 1) * B + row) * H, i, H, real) if t > 0 else read(start + row * H, i, H, real)
            y = x
            tl.debug_barrier()
            for step in range(substeps):
                slope = x
                for stage in tl.static_range(STAGES):
                    m = step * STAGES + stage
                    at = ((t * evaluations + m) * B + row) * P
                    write(points + m * H, i, H, y)
                    N, D = read(kept_N + at, i, H, real), read(kept_D + at, i, H, real)
                    x, y, slope = advance(h, x, y, slope, N, D, METHOD, stage)
            tl.debug_barrier()
            gh = tl.full([BH], 0, real)
            share_gN = tl.full([BH], 0, real)
            share_gD = tl.full([BH], 0, real)
            for undone in range(substeps):
                first = (substeps - 1 - undone) * STAGES
                x = read(points + first * H, i, H, real)
                g = gy
                gx = gy
                for stage in tl.static_range(STAGES - 1, -1, -1):
                    at = ((t * evaluations + first + stage) * B + row) * P
                    N, D = read(kept_N + at, i, H, real), read(kept_D + at, i, H, real)
                    y = read(points + (first + stage) * H, i, H, real)
                    gx, gy, gh, gN, gD = retreat(h, x, y, N, D, g, gx, gy, gh, METHOD, stage)
                    share_gN += gN
                    share_gD += gD
                    if RESIDENT:
                        g_gamma, g_shift, g_w, g_wE, gv = differentiate(a, c, w, wE, y, gN, gD)
                        sum_gamma += g_gamma
                        sum_shift += g_shift
                        sum_w += g_w
                        sum_wE += g_wE
                        gy += gv
                    else:
                        point = points + (first + stage) * H
                        differentiate_all(synapses, point, i, gN, gD, totals, g_point, H, H, BJ, real)
                        gy += read(g_point, i, H, real)
            tl.store(g_spans + (t * B + row), (tl.sum(gh, axis=0) / substeps).to(g_spans.dtype.element_ty))
            at = (t * B + row) * I
            differentiate_all(inputs, u + at, i, share_gN, share_gD, input_totals, g_u + at, I, H, BI, real)
            leak_gN += share_gN
            leak_gD += share_gD
        write(g_start + row * H, i, H, gy)
    write(leak_totals, i, H, leak_gN)
    write(leak_totals + H, i, H, leak_gD)
    if RESIDENT:
        size: tl.constexpr = H * H
        write_tile(totals, i, i, H, H, sum_gamma)
        write_tile(totals + size, i, i, H, H, sum_shift)
        write_tile(totals + 2 * size, i, i, H, H, sum_w)
        write_tile(totals + 3 * size, i, i, H, H, sum_wE)
