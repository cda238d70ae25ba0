"""The solvers' steps and their derivatives, neuron by neuron.

A step consists of stages: one evaluation of drive N and decay D at a point y, then what the method makes of it. All
arrays are flat, one number per neuron and batch row, of which the first n count.
"""

from liquidtime.kernels import methods
from liquidtime.kernels.cpu.numerics import exponential_weights, jit, number

CODES = {"explicit_euler": 0, "fused": 1, "exponential_euler": 2, "exponential_midpoint": 3, "rk4": 4}
EXPLICIT_EULER, FUSED, EXPONENTIAL_EULER, EXPONENTIAL_MIDPOINT, RK4 = CODES.values()

STAGES = tuple(methods.STAGES[name] for name in CODES)
"""Evaluations per step, by method."""


@jit
def advance(method, stage, n, h, x, y, slope, N, D):
    """From N and D at the point y to the next point of evaluation, in y; after the last stage the new state, in x too.

    `slope` carries the weighted sum of Runge–Kutta slopes from stage to stage. Where h = 0, x is left as it is.
    """
    zero, one, half, two = number(0.0, h[0]), number(1.0, h[0]), number(0.5, h[0]), number(2.0, h[0])
    if method == EXPLICIT_EULER:
        for i in range(n):
            after = x[i] + h[i] * (N[i] - D[i] * x[i])
            x[i] = after if h[i] > zero else x[i]
            y[i] = x[i]
    elif method == FUSED:
        for i in range(n):
            after = (x[i] + h[i] * N[i]) / (one + h[i] * D[i])
            x[i] = after if h[i] > zero else x[i]
            y[i] = x[i]
    elif method == EXPONENTIAL_MIDPOINT and stage == 0:
        for i in range(n):
            k, _, _ = exponential_weights(D[i], half * h[i])
            y[i] = x[i] + k * (N[i] - D[i] * x[i])
    elif method != RK4:
        for i in range(n):
            k, _, _ = exponential_weights(D[i], h[i])
            after = x[i] + k * (N[i] - D[i] * x[i])
            x[i] = after if h[i] > zero else x[i]
            y[i] = x[i]
    elif stage < 3:
        weight, ahead = (one if stage == 0 else two), (one if stage == 2 else half)
        for i in range(n):
            k = N[i] - D[i] * y[i]
            slope[i] = weight * k + (zero if stage == 0 else slope[i])
            y[i] = x[i] + ahead * h[i] * k
    else:
        sixth = one / number(6.0, h[0])
        for i in range(n):
            k = N[i] - D[i] * y[i]
            after = x[i] + sixth * h[i] * (slope[i] + k)
            x[i] = after if h[i] > zero else x[i]
            y[i] = x[i]


@jit
def retreat(method, stage, n, h, x, y, N, D, g, gx, gy, gN, gD, gh):
    """The derivative of `advance`, from the last stage to the first.

    method, stage, n, h, N and D are as there; x is the state before the step, y the point of this stage, g the gradient
    of the state after the step. gx, that of x so far, is set by the last stage. gy comes in as the gradient of the next
    stage's point and goes out as that of this stage's, as far as N and D do not carry it; at the first stage that point
    is x, and gx is included. gN and gD go out; gh, the gradient of h, is added to.
    """
    zero, one, half = number(0.0, h[0]), number(1.0, h[0]), number(0.5, h[0])
    third = one / number(3.0, h[0])
    if method == EXPLICIT_EULER:
        for i in range(n):
            gh[i] += g[i] * (N[i] - D[i] * x[i])
            gN[i] = h[i] * g[i]
            gD[i] = -h[i] * g[i] * x[i]
            gy[i] = g[i] * (one - h[i] * D[i])
    elif method == FUSED:
        for i in range(n):
            inverse = one / (one + h[i] * D[i])
            after = (x[i] + h[i] * N[i]) * inverse
            p = g[i] * inverse
            gh[i] += p * inverse * (N[i] - D[i] * x[i])
            gN[i] = h[i] * p
            gD[i] = -h[i] * p * after
            gy[i] = p
    elif method == EXPONENTIAL_EULER or (method == EXPONENTIAL_MIDPOINT and stage == 1):
        midpoint = method == EXPONENTIAL_MIDPOINT
        for i in range(n):
            k, e, dk = exponential_weights(D[i], h[i])
            slope = N[i] - D[i] * x[i]
            gh[i] += g[i] * slope * e
            gN[i] = g[i] * k
            gD[i] = g[i] * (slope * dk - k * x[i])
            gx[i] = g[i] * e
            gy[i] = zero if midpoint else gx[i]
    elif method == EXPONENTIAL_MIDPOINT:
        for i in range(n):
            k, e, dk = exponential_weights(D[i], half * h[i])
            slope = N[i] - D[i] * x[i]
            gh[i] += half * gy[i] * slope * e
            gN[i] = gy[i] * k
            gD[i] = gy[i] * (slope * dk - k * x[i])
            gy[i] = gx[i] + gy[i] * e
    else:
        weight = half * third if stage == 0 or stage == 3 else third
        ahead = one if stage == 2 else half
        for i in range(n):
            below = zero if stage == 3 else gy[i]
            gx[i] = (g[i] if stage == 3 else gx[i]) + below
            up = weight * g[i] + ahead * below
            gh[i] += up * (N[i] - D[i] * y[i])
            gN[i] = h[i] * up
            gD[i] = -h[i] * up * y[i]
            gy[i] = (gx[i] if stage == 0 else zero) - h[i] * up * D[i]
