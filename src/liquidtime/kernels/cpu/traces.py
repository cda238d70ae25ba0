"""What a CT-GRU does neuron by neuron, and its derivatives.

Traces lie trace by trace, (8, n), one number per neuron and batch row of a tile; outside they lie neuron by neuron. All
else is flat, and of every array the first n columns count. c are the ln τ̃, ascending.
"""

from liquidtime.kernels.cpu.numerics import exp2, jit, number, tanh_and_slope
from liquidtime.kernels.methods import LOG2E, TRACES


@jit
def take(n, outside, inside):
    """Traces from neuron by neuron to trace by trace."""
    for k in range(n):
        for i in range(TRACES):
            inside[i, k] = outside[k * TRACES + i]


@jit
def add_taken(n, outside, inside):
    """The same, added."""
    for k in range(n):
        for i in range(TRACES):
            inside[i, k] += outside[k * TRACES + i]


@jit
def give(n, inside, outside):
    """Back to neuron by neuron."""
    for k in range(n):
        for i in range(TRACES):
            outside[k * TRACES + i] = inside[i, k]


@jit
def fade(n, rates, dt, factors, x, h):
    """Let time pass over the traces, in place: by what each fades (8, n), and their sum h."""
    h[:n] = 0
    for i in range(TRACES):
        for k in range(n):
            factors[i, k] = exp2(-dt[k] * rates[i])
    for i in range(TRACES):
        for k in range(n):
            x[i, k] *= factors[i, k]
            h[k] += x[i, k]


@jit
def weigh(n, c, z, p, nearest, total):
    """The softmax p (8, n) of −(z − c_i)²; `nearest` and `total` (n,) are scratch.

    The largest exponent is that of the c_i nearest to z. What is left of the others is a product of differences, which
    neither overflows nor cancels.
    """
    zero, one, two, log2e = number(0.0, z[0]), number(1.0, z[0]), number(2.0, z[0]), number(LOG2E, z[0])
    for k in range(n):
        nearest[k] = c[0]
        total[k] = zero
    for i in range(1, TRACES):
        for k in range(n):
            nearest[k] = c[i] if two * z[k] > c[i - 1] + c[i] else nearest[k]
    for i in range(TRACES):
        for k in range(n):
            p[i, k] = exp2(log2e * (c[i] - nearest[k]) * (two * z[k] - (c[i] + nearest[k])))
            total[k] += p[i, k]
    for k in range(n):
        total[k] = one / total[k]
    for i in range(TRACES):
        for k in range(n):
            p[i, k] *= total[k]


@jit
def retrieve(n, r, m, found):
    """Σ r_i m_i."""
    found[:n] = 0
    for i in range(TRACES):
        for k in range(n):
            found[k] += r[i, k] * m[i, k]


@jit
def tilt(n, c, p, v, mean, slope):
    """The slope of Σ p_i v_i along z: 2 Σ p_i v_i (c_i − Σ p_j c_j); `mean` (n,) is scratch."""
    two = number(2.0, c[0])
    mean[:n] = 0
    slope[:n] = 0
    for i in range(TRACES):
        for k in range(n):
            mean[k] += p[i, k] * c[i]
    for i in range(TRACES):
        for k in range(n):
            slope[k] += two * p[i, k] * v[i, k] * (c[i] - mean[k])


@jit
def store(n, there, s, z, x, q):
    """From the traces before the update to those after it; q (n,) is scratch."""
    zero = number(0.0, z[0])
    for k in range(n):
        q[k], _ = tanh_and_slope(z[k])
    for i in range(TRACES):
        for k in range(n):
            after = x[i, k] + s[i, k] * (q[k] - x[i, k])
            x[i, k] = after if there[k] > zero else x[i, k]


@jit
def unstore(n, there, s, z, m, g, q, slope, gs, gz):
    """The derivative of `store`: g (8, n) goes from the traces after it to those before; out go gs, of s, and gz, of z.

    q and slope (n,) are scratch.
    """
    zero = number(0.0, z[0])
    for k in range(n):
        q[k], slope[k] = tanh_and_slope(z[k])
        gz[k] = zero
    for i in range(TRACES):
        for k in range(n):
            passed = g[i, k] * there[k]
            gs[i, k] = passed * (q[k] - m[i, k])
            gz[k] += passed * s[i, k]
            g[i, k] -= passed * s[i, k]
    for k in range(n):
        gz[k] *= slope[k]


@jit
def unfade(n, factors, rates, m, r, g_found, gh, g, g_span):
    """The derivative of `retrieve` in m and of `fade`: g (8, n) goes from m to x; out goes g_span, of Δt log₂e."""
    g_span[:n] = 0
    for i in range(TRACES):
        for k in range(n):
            gm = g[i, k] + g_found[k] * r[i, k] + gh[k]
            g_span[k] -= gm * m[i, k] * rates[i]
            g[i, k] = gm * factors[i, k]
