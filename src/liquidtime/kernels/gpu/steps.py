"""Elementary functions, and the solvers' steps with their derivatives, neuron by neuron.

A step consists of stages: one evaluation of drive N and decay D at a point y, then what the method makes of it. All
compute in the type of their arguments, float32 or float64; methods go by their names in `methods.STAGES`.
"""

import math

import triton
import triton.language as tl

from liquidtime.kernels import methods

LOG2E = tl.constexpr(methods.LOG2E)
LN2 = tl.constexpr(math.log(2))


@triton.jit
def exp2(y):
    """2^y, held where 2^y and 2^−y are normal numbers; NaN stays NaN."""
    top: tl.constexpr = 1022 if y.dtype == tl.float64 else 126
    y = tl.where(y < -top, -top, y)
    return tl.math.exp2(tl.where(y > top, top, y))


@triton.jit
def sigmoid2(y):
    """1/(1 + 2^y): the sigmoid of z for y = −z log₂ e."""
    return 1 / (1 + exp2(y))


@triton.jit
def sigmoid2_and_slope(y):
    """The sigmoid s of z and its derivative s (1 − s), the second accurate also where s rounds to 1."""
    e = exp2(y)
    s = 1 / (1 + e)
    return s, e * s * s


@triton.jit
def phi(z):
    """(1 − e^−z)/z = 1 − z/2 (1 − z/3 (1 − …)), for |z| < ½."""
    terms: tl.constexpr = 16 if z.dtype == tl.float64 else 9
    value = z * 0 + 1
    for n in tl.static_range(terms, 1, -1):
        value = 1 - value * z * (1.0 / n)
    return value


@triton.jit
def phi_slope(z):
    """Its derivative −½ (1 − ⅔ z (1 − ⅜ z (1 − …))), with factors (n + 1)/(n (n + 2)), for |z| < ½."""
    terms: tl.constexpr = 16 if z.dtype == tl.float64 else 9
    value = z * 0 + 1
    for n in tl.static_range(terms, 0, -1):
        value = 1 - value * z * ((n + 1.0) / (n * (n + 2.0)))
    return -0.5 * value


@triton.jit
def tanh_and_slope(z):
    """The hyperbolic tangent (1 − e)/(1 + e) and its derivative 4e/(1 + e)², e = e^(−2|z|)."""
    doubled = 2 * tl.abs(z)
    near = doubled < 0.5
    e = exp2(doubled * -LOG2E)
    inverse = 1 / (1 + e)
    small = tl.where(near, doubled, 0)
    value = tl.where(near, small * phi(small), 1 - e) * inverse
    return tl.where(z < 0, -value, value), 4 * e * inverse * inverse


@triton.jit
def activate_and_slope(z, ACTIVATION: tl.constexpr):
    """The activation, "sigmoid" or "tanh", and its derivative."""
    if ACTIVATION == "sigmoid":
        f, slope = sigmoid2_and_slope(z * -LOG2E)
    else:
        f, slope = tanh_and_slope(z)
    return f, slope


@triton.jit
def exponential_weights(decay, h):
    """K = (1 − e^(−h decay))/decay, e = e^(−h decay), and dk/d decay; k = h where decay = 0.

    The exponential step is x + k (drive − decay x), and e = ∂k/∂h.
    """
    z = h * decay
    near = tl.abs(z) < 0.5
    small = tl.where(near, z, 0)
    divisor = tl.where(near, 1, decay)
    e = exp2(z * -LOG2E)
    k = tl.where(near, h * phi(small), (1 - e) / divisor)
    return k, e, tl.where(near, h * h * phi_slope(small), (h * e - k) / divisor)


@triton.jit
def advance(h, x, y, slope, N, D, METHOD: tl.constexpr, STAGE: tl.constexpr):
    """(x, y, slope) after a stage, from N and D at the point y.

    y becomes the next point of evaluation; after the last stage it is the new state, and so is x. `slope` carries the
    weighted sum of Runge–Kutta slopes from stage to stage. Where h = 0, x is left as it is.
    """
    if METHOD == "explicit_euler":
        x = tl.where(h > 0, x + h * (N - D * x), x)
        y = x
    elif METHOD == "fused":
        x = tl.where(h > 0, (x + h * N) / (1 + h * D), x)
        y = x
    elif METHOD == "exponential_midpoint" and STAGE == 0:
        k, _, _ = exponential_weights(D, 0.5 * h)
        y = x + k * (N - D * x)
    elif METHOD != "rk4":
        k, _, _ = exponential_weights(D, h)
        x = tl.where(h > 0, x + k * (N - D * x), x)
        y = x
    elif STAGE < 3:
        ahead: tl.constexpr = 1.0 if STAGE == 2 else 0.5
        k = N - D * y
        slope = k if STAGE == 0 else slope + 2 * k
        y = x + ahead * h * k
    else:
        x = tl.where(h > 0, x + (1.0 / 6.0) * h * (slope + N - D * y), x)
        y = x
    return x, y, slope


@triton.jit
def retreat(h, x, y, N, D, g, gx, gy, gh, METHOD: tl.constexpr, STAGE: tl.constexpr):
    """(gx, gy, gh, gN, gD): the derivative of `advance`, from the last stage to the first.

    h, N and D are as there; x is the state before the step, y the point of this stage, g the gradient of the state
    after the step. gx, that of x so far, is set by the last stage. gy comes in as the gradient of the next stage's
    point and goes out as that of this stage's, as far as N and D do not carry it; at the first stage that point is x,
    and gx is included. gh, the gradient of h, is added to.
    """
    if METHOD == "explicit_euler":
        gh += g * (N - D * x)
        gN = h * g
        gD = -gN * x
        gy = g * (1 - h * D)
    elif METHOD == "fused":
        inverse = 1 / (1 + h * D)
        gy = g * inverse
        gh += gy * inverse * (N - D * x)
        gN = h * gy
        gD = -gN * (x + h * N) * inverse
    elif METHOD == "exponential_euler" or (METHOD == "exponential_midpoint" and STAGE == 1):
        k, e, dk = exponential_weights(D, h)
        slope = N - D * x
        gh += g * slope * e
        gN = g * k
        gD = g * (slope * dk - k * x)
        gx = g * e
        gy = gx if METHOD == "exponential_euler" else g * 0
    elif METHOD == "exponential_midpoint":
        k, e, dk = exponential_weights(D, 0.5 * h)
        slope = N - D * x
        gh += 0.5 * gy * slope * e
        gN = gy * k
        gD = gy * (slope * dk - k * x)
        gy = gx + gy * e
    else:
        weight: tl.constexpr = 1.0 / 6.0 if STAGE == 0 or STAGE == 3 else 1.0 / 3.0
        ahead: tl.constexpr = 1.0 if STAGE == 2 else 0.5
        if STAGE == 3:
            gx = g
            up = weight * g
        else:
            gx += gy
            up = weight * g + ahead * gy
        gh += up * (N - D * y)
        gN = h * up
        gD = -gN * y
        gy = gx - gN * D if STAGE == 0 else -gN * D
    return gx, gy, gh, gN, gD
