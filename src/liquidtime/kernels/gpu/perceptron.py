"""Equations on a perceptron f = act(W_in u + W_rec x + b), over whole sequences: LTC, CT-RNN and neural ODE.

    N_i = f_i A_i,    D_i = r_i + |f_i| if liquid, else r_i

LTC: liquid, r = 1/τ. CT-RNN: A = 1, r = 1/τ. Neural ODE: A = 1, r = 0. The forward pass keeps the argument z of `act`
at every evaluation; the backward pass computes the rest again. Weights come transposed, so that rows are presynaptic.
`RESIDENT`: a program holds W_rec, and the sum of its gradient, from the first sample to the last; otherwise it reads
it in blocks of rows at every evaluation.
"""

import triton
import triton.language as tl

from liquidtime.kernels.gpu.steps import activate_and_slope, advance, retreat
from liquidtime.kernels.gpu.tiles import add_tile, read, read_tile, write, write_tile


@triton.jit
def product(weight, v, i, z, J: tl.constexpr, H: tl.constexpr, BJ: tl.constexpr, real: tl.constexpr):
    """Z with the product of a weight (J, H) and the values in memory at v added."""
    for block in range(0, J, BJ):
        j = block + tl.arange(0, BJ)
        z += tl.sum(read_tile(weight, j, i, J, H, real) * read(v, j, J, real)[:, None], axis=0)
    return z


@triton.jit
def differentiate_product(
    weight, v, i, gz, total, gv, J: tl.constexpr, H: tl.constexpr, BJ: tl.constexpr, real: tl.constexpr
):
    """The derivative of `product`: adds to `total` (J, H), writes the gradient of v to gv."""
    tl.debug_barrier()
    for block in range(0, J, BJ):
        j = block + tl.arange(0, BJ)
        write(gv, j, J, tl.sum(read_tile(weight, j, i, J, H, real) * gz[None, :], axis=1))
        add_tile(total, j, i, J, H, read(v, j, J, real)[:, None] * gz[None, :])
    tl.debug_barrier()


@triton.jit
def drive_decay(f, A, rate, LIQUID: tl.constexpr):
    """N and D from f."""
    return f * A, rate + (tl.abs(f) if LIQUID else f * 0)


@triton.jit(do_not_specialize=["T", "B", "substeps"])
def sequence_forward(
    vectors,
    weight_input,
    weight,
    u,
    spans,
    lengths,
    start,
    states,
    kept,
    scratch,
    T,
    B,
    substeps,
    ACTIVATION: tl.constexpr,
    LIQUID: tl.constexpr,
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

    vectors (3, H): b, A and r; weights (I, H) and (H, H); u (T, B, I), spans (T, B), lengths (B,), past which a state
    stays, start (B, H). Out: states (T, B, H); z at every evaluation (T, L · stages, B, P) if KEEP. `scratch` (B, H)
    holds the point of evaluation unless RESIDENT.
    """
    row = tl.program_id(0).to(tl.int64)
    i = tl.arange(0, BH)
    bias = read(vectors, i, H, real)
    A, rate = read(vectors + H, i, H, real), read(vectors + 2 * H, i, H, real)
    if RESIDENT:
        W = read_tile(weight, i, i, H, H, real)
    steps = tl.minimum(tl.maximum(tl.load(lengths + row), 0), T)
    x = read(start + row * H, i, H, real)
    y = x
    for t in range(steps):
        h = tl.load(spans + (t * B + row)).to(real) / substeps
        share = product(weight_input, u + (t * B + row) * I, i, bias, I, H, BI, real)
        for step in range(substeps):
            slope = x
            for stage in tl.static_range(STAGES):
                if RESIDENT:
                    z = share + tl.sum(W * y[:, None], axis=0)
                else:
                    tl.debug_barrier()
                    write(scratch + row * H, i, H, y)
                    tl.debug_barrier()
                    z = product(weight, scratch + row * H, i, share, H, H, BJ, real)
                if KEEP:
                    at = (((t * substeps + step) * STAGES + stage) * B + row) * P
                    write(kept + at, i, P, z)
                f, _ = activate_and_slope(z, ACTIVATION)
                N, D = drive_decay(f, A, rate, LIQUID)
                x, y, slope = advance(h, x, y, slope, N, D, METHOD, stage)
        write(states + (t * B + row) * H, i, H, x)
    for t in range(steps, T):
        write(states + (t * B + row) * H, i, H, x)


@triton.jit(do_not_specialize=["T", "B", "substeps"])
def sequence_backward(
    vectors,
    weight_input,
    weight,
    u,
    spans,
    lengths,
    start,
    states,
    kept,
    g_states,
    g_u,
    g_spans,
    g_start,
    vector_totals,
    input_totals,
    totals,
    points,
    g_point,
    T,
    B,
    substeps,
    ACTIVATION: tl.constexpr,
    LIQUID: tl.constexpr,
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
    and of start; sums (G, 3, H), (G, I, H) and (G, H, H), zero before: the gradients of b, A and r, and of the weights.
    Scratch: `points` (G, L · stages, H), the points of evaluation of a sample, and `g_point` (G, H).
    """
    program = tl.program_id(0).to(tl.int64)
    programs = tl.num_programs(0)
    evaluations = substeps * STAGES
    points += program * evaluations * H
    g_point += program * H
    vector_totals += program * (3 * H)
    input_totals += program * (I * H)
    totals += program * (H * H)
    i = tl.arange(0, BH)
    A, rate = read(vectors + H, i, H, real), read(vectors + 2 * H, i, H, real)
    g_bias = tl.full([BH], 0, real)
    g_A = tl.full([BH], 0, real)
    g_rate = tl.full([BH], 0, real)
    if RESIDENT:
        W = read_tile(weight, i, i, H, H, real)
        g_W = tl.full([BH, BH], 0, real)
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
                    write(points + m * H, i, H, y)
                    z = read(kept + ((t * evaluations + m) * B + row) * P, i, H, real)
                    f, _ = activate_and_slope(z, ACTIVATION)
                    N, D = drive_decay(f, A, rate, LIQUID)
                    x, y, slope = advance(h, x, y, slope, N, D, METHOD, stage)
            tl.debug_barrier()
            gh = tl.full([BH], 0, real)
            share = tl.full([BH], 0, real)
            for undone in range(substeps):
                first = (substeps - 1 - undone) * STAGES
                x = read(points + first * H, i, H, real)
                g = gy
                gx = gy
                for stage in tl.static_range(STAGES - 1, -1, -1):
                    z = read(kept + ((t * evaluations + first + stage) * B + row) * P, i, H, real)
                    y = read(points + (first + stage) * H, i, H, real)
                    f, slope = activate_and_slope(z, ACTIVATION)
                    N, D = drive_decay(f, A, rate, LIQUID)
                    gx, gy, gh, gN, gD = retreat(h, x, y, N, D, g, gx, gy, gh, METHOD, stage)
                    g_A += gN * f
                    g_rate += gD
                    gf = gN * A
                    if LIQUID:
                        gf += tl.where(f > 0, gD, tl.where(f < 0, -gD, 0))
                    gz = gf * slope
                    share += gz
                    if RESIDENT:
                        g_W += y[:, None] * gz[None, :]
                        gy += tl.sum(W * gz[None, :], axis=1)
                    else:
                        point = points + (first + stage) * H
                        differentiate_product(weight, point, i, gz, totals, g_point, H, H, BJ, real)
                        gy += read(g_point, i, H, real)
            tl.store(g_spans + (t * B + row), (tl.sum(gh, axis=0) / substeps).to(g_spans.dtype.element_ty))
            at = (t * B + row) * I
            differentiate_product(weight_input, u + at, i, share, input_totals, g_u + at, I, H, BI, real)
            g_bias += share
        write(g_start + row * H, i, H, gy)
    write(vector_totals, i, H, g_bias)
    write(vector_totals + H, i, H, g_A)
    write(vector_totals + 2 * H, i, H, g_rate)
    if RESIDENT:
        write_tile(totals, i, i, H, H, g_W)
