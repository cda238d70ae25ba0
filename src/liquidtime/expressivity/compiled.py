"""Random networks solved in compiled code: the equal of `integrate`, some ten times faster."""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numba import njit
from numpy.typing import NDArray
from torch import Tensor

from liquidtime.expressivity.random_networks import ACTIVATIONS, MODELS, Networks
from liquidtime.expressivity.runge_kutta import DORMAND_PRINCE, Tableau
from liquidtime.kernels.cpu.numerics import sigmoid2, tanh_and_slope
from liquidtime.kernels.methods import LOG2E

Row = NDArray[np.float64]

_jit: Any = njit(nogil=True, fastmath={"contract"})
_TANH, _SIGMOID, _RELU, _HARD, _RELEASED = range(len(ACTIVATIONS))
_NODE, _CTRNN, _LTC = range(len(MODELS))


def integrate_networks(
    networks: Networks,
    end: float,
    *,
    method: Tableau = DORMAND_PRINCE,
    rtol: float = 1e-2,
    atol: float = 1e-4,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Solve random networks from y(0) = 0, each with its own step-size control, on torch's number of threads.

    The steps are those of `integrate`, which says how they are controlled; the points differ from its by rounding.

    Args:
        networks: N networks of n layers of k neurons, with an activation out of `ACTIVATIONS`.
        end: the time to reach.
        method: which pair.
        rtol: relative tolerance.
        atol: absolute tolerance.

    Yields:
        For each network in order its output points (points, n k), float32, the start first, and their times
        (points,), float64.

    Raises:
        ValueError: the activation is not one of `ACTIVATIONS`.
        ArithmeticError: a step size vanished.

    Example:
        >>> from liquidtime.expressivity import draw_as_stated
        >>> networks = Networks("ltc", torch.tanh, draw_as_stated(range(2), 7, 3, 1.5), published=False)
        >>> [points.shape[1] for points, times in integrate_networks(networks, end=1.0)]
        [21, 21]
    """
    kind = _kind(networks)
    stages = len(method.nodes)
    table = np.zeros((stages, stages))
    for row, weights in enumerate(method.weights):
        table[row, : len(weights)] = weights
    inside = [n / method.refine for n in range(1, method.refine)]
    shares = [[sum(c * at**p for p, c in enumerate(row, 1)) for row in method.between or ()] for at in inside]
    pair = (np.array(method.nodes, float), table, np.array(method.error, float), 1 / method.order)
    between = np.array(shares, float).reshape(len(inside), stages)

    def one(n: int) -> tuple[Tensor, Tensor]:
        points, times, reached = _integrate(*kind, *_parts(networks, n), *pair, between, end, rtol, atol)
        if reached < end:
            raise ArithmeticError(f"the step size vanished at t = {reached:.6g}: network {n} is singular there")
        return torch.from_numpy(points), torch.from_numpy(times)

    count = len(networks.weights.tau)
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        ahead = 2 * torch.get_num_threads()
        waiting = [pool.submit(one, n) for n in range(min(ahead, count))]
        for n in range(count):
            if n + ahead < count:
                waiting.append(pool.submit(one, n + ahead))
            yield waiting[n].result()
            waiting[n] = None  # type: ignore[call-overload]


def right_hand_side(networks: Networks, n: int) -> Callable[[float, Row], Row]:
    """The equation of the n-th network for other libraries' solvers: (t, y (n k,)) ↦ dy/dt (n k,), float64.

    Raises:
        ValueError: the activation is not one of `ACTIVATIONS`.
    """
    kind, parts = _kind(networks), _parts(networks, n)
    z, q = (np.empty(networks.weights.b.shape[2]) for _ in range(2))

    def derivative(t: float, y: Row) -> Row:
        out = np.empty_like(y)
        _derivative(*kind, *parts, t, y, out, z, q)
        return out

    return derivative


def _kind(networks: Networks) -> tuple[int, bool, int]:
    codes = {function: code for code, function in enumerate(ACTIVATIONS.values())}
    if networks.activation not in codes:
        raise ValueError(f"activation={networks.activation!r}: pass one of ACTIVATIONS, or use `integrate`")
    return MODELS.index(networks.model), networks.published, codes[networks.activation]


def _parts(networks: Networks, n: int) -> list[Row]:
    w = networks.weights
    return [part[n].contiguous().numpy() for part in (w.W, w.b, w.A, w.W_rec, w.b_rec, w.A_rec, 1 / w.tau)]


@_jit
def _activate(code, z):
    """f(z) in the place of z; a branch per activation, so that each loop is vectorised."""
    if code == _TANH:
        for j in range(len(z)):
            z[j] = tanh_and_slope(z[j])[0]
    elif code == _SIGMOID:
        for j in range(len(z)):
            z[j] = sigmoid2(-LOG2E * z[j])
    elif code == _RELU:
        for j in range(len(z)):
            z[j] = max(z[j], 0.0)
    elif code == _HARD or z.min() >= 1 or z.max() <= -1:
        for j in range(len(z)):
            z[j] = min(max(z[j], -1.0), 1.0)


@_jit
def _add_product(z, y, W):
    """z += Wᵀ y, four rows of W at a time."""  # noqa: D403
    whole = len(y) // 4 * 4
    for i in range(0, whole, 4):
        v0, v1, v2, v3 = y[i], y[i + 1], y[i + 2], y[i + 3]
        for j in range(len(z)):
            z[j] += (v0 * W[i, j] + v1 * W[i + 1, j]) + (v2 * W[i + 2, j] + v3 * W[i + 3, j])
    for i in range(whole, len(y)):
        v = y[i]
        for j in range(len(z)):
            z[j] += v * W[i, j]


@_jit
def _derivative(model, published, code, W, b, A, W_rec, b_rec, A_rec, rate, t, y, out, z, q):
    n, k = b.shape
    circle = np.array([math.sin(t), math.cos(t)])
    for layer in range(n):
        state, slope = y[layer * k : (layer + 1) * k], out[layer * k : (layer + 1) * k]
        z[:] = b[layer]
        if layer == 0:
            _add_product(z, circle, W[0])
        else:
            _add_product(z, y[(layer - 1) * k : layer * k], W[layer])
        if not published:
            _add_product(z, state, W_rec[layer])
        _activate(code, z)
        if model == _NODE:
            for j in range(k):
                slope[j] = z[j]
        elif model == _CTRNN:
            for j in range(k):
                slope[j] = z[j] - state[j] * rate[layer, j]
        elif published:
            q[:] = b_rec[layer]
            _add_product(q, state, W_rec[layer])
            _activate(code, q)
            for j in range(k):
                decay = rate[layer, j] + abs(z[j]) + abs(q[j])
                slope[j] = z[j] * A[layer, j] + q[j] * A_rec[layer, j] - decay * state[j]
        else:
            for j in range(k):
                slope[j] = z[j] * A[layer, j] - (rate[layer, j] + abs(z[j])) * state[j]


@_jit
def _integrate(
    model, published, code, W, b, A, W_rec, b_rec, A_rec, rate, nodes, table, error, power, between, end, rtol, atol
):
    n, k = b.shape
    D, S = n * k, len(nodes)
    longest, floor = end / 10, atol / rtol
    y, after, scratch = np.zeros(D), np.zeros(D), np.zeros(D)
    z, q = np.empty(k), np.empty(k)
    stages = np.zeros((S, D))
    points, times, count = np.zeros((256, D), np.float32), np.zeros(256), 1
    t = 0.0
    _derivative(model, published, code, W, b, A, W_rec, b_rec, A_rec, rate, t, y, stages[0], z, q)
    steepest = 0.0
    for j in range(D):
        steepest = max(steepest, abs(stages[0, j]) / max(abs(y[j]), floor))
    steepest /= 0.8 * rtol**power
    h = 1 / steepest if longest * steepest > 1 else longest
    failed = False
    while t < end:
        h = min(h, longest)
        if 1.1 * h >= end - t:
            h = end - t
        if h < 16 * 2.220446049250313e-16 * t:
            break
        for s in range(1, S):
            scratch[:] = 0
            for i in range(s):
                a = table[s, i]
                if a != 0:
                    for j in range(D):
                        scratch[j] += a * stages[i, j]
            for j in range(D):
                after[j] = y[j] + h * scratch[j]
            _derivative(
                model, published, code, W, b, A, W_rec, b_rec, A_rec, rate, t + nodes[s] * h, after, stages[s], z, q
            )
        worst = 0.0
        for j in range(D):
            difference = 0.0
            for s in range(S):
                difference += error[s] * stages[s, j]
            share = abs(difference) / max(abs(y[j]), abs(after[j]), floor)
            worst = max(worst, share) if share == share else np.inf
        worst *= h
        if not worst <= rtol:
            h = 0.5 * h if failed else h * max(0.1, 0.8 * (rtol / worst) ** power)
            failed = True
            continue
        while count + len(between) + 1 > len(points):
            points = np.concatenate((points, np.zeros_like(points)))
            times = np.concatenate((times, np.zeros_like(times)))
        for m in range(len(between)):
            for j in range(D):
                total = 0.0
                for s in range(S):
                    total += between[m, s] * stages[s, j]
                points[count, j] = y[j] + h * total
            times[count] = t + (m + 1) / (len(between) + 1) * h
            count += 1
        t = end if h >= end - t else t + h
        for j in range(D):
            points[count, j] = after[j]
            y[j], stages[0, j] = after[j], stages[S - 1, j]
        times[count] = t
        count += 1
        if not failed:
            h /= max(0.2, 1.25 * (worst / rtol) ** power)
        failed = False
    return points[:count], times[:count], t
