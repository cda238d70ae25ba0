"""The elementary functions that the kernels rest on."""

import numpy as np

from liquidtime import ExponentialMidpoint
from liquidtime.kernels.cpu import numerics
from liquidtime.kernels.methods import STAGES, padded


def test_elementary_functions_are_exact_to_rounding():
    y = np.concatenate([np.linspace(-40, 40, 4000), np.logspace(-12, 0, 200), -np.logspace(-12, 0, 200)])

    @numerics.jit
    def all_of_them(y, out):
        for i in range(y.size):
            out[0, i] = numerics.exp2(y[i])
            out[1, i] = numerics.sigmoid2(y[i])
            out[2, i], out[3, i] = numerics.sigmoid_and_slope(y[i])
            out[4, i], out[5, i] = numerics.tanh_and_slope(y[i])
            decay = abs(y[i])
            out[6, i], out[7, i], out[8, i] = numerics.exponential_weights(decay, numerics.number(0.7, decay))

    for dtype, tolerance in ((np.float32, 6e-6), (np.float64, 2e-14)):
        given = y.astype(dtype)
        out = np.empty((9, given.size), dtype)
        all_of_them(given, out)
        z, h = given.astype(np.longdouble), np.longdouble(dtype(0.7))
        d = np.abs(z)
        k, e = -np.expm1(-h * d) / d, np.exp(-h * d)
        # (h e − k)/d with the leading terms taken out by hand, from its series where they cancel.
        series = sum(
            (-1) ** (n + 1) * (n + 1) / np.longdouble(np.prod(np.arange(1.0, n + 3))) * (h * d) ** n for n in range(18)
        )
        slope = np.where(h * d < 1, h * h * series, (h * e - k) / d)
        exact = [np.exp2(z), 1 / (1 + np.exp2(z)), 1 / (1 + np.exp(-z)), np.exp(-z) / (1 + np.exp(-z)) ** 2]
        exact += [np.tanh(z), 1 / np.cosh(z) ** 2, k, e, slope]
        for ours, theirs in zip(out, exact, strict=True):
            held = np.abs(theirs) > 1e-30
            assert np.abs(ours[held] / theirs[held] - 1).max() < tolerance


def test_without_decay_the_exponential_weights_are_their_limits():
    @numerics.jit
    def at_zero(h):
        return numerics.exponential_weights(numerics.number(0.0, h), h)

    assert at_zero(3.0) == (3.0, 1.0, -4.5)
    assert at_zero(0.0) == (0.0, 1.0, 0.0)


def test_padding_is_what_it_says():
    assert [padded(n) for n in (1, 8, 9, 16, 17)] == [8, 8, 16, 16, 24]
    assert ExponentialMidpoint(3).substeps * STAGES["exponential_midpoint"] == 6
