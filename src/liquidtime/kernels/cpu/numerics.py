"""Elementary functions that LLVM can vectorise, written once for float32 and float64.

All rest on 2^y = 2^k (1 + f q(f)) with k the whole number nearest to y and f = y − k. The polynomial q is the Chebyshev
fit to (2^f − 1)/f on [−½, ½]; relative error of 1 + f q(f): 4e-9 in float32, 6e-18 in float64. NaN stays NaN.
"""

import math
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from liquidtime.kernels.methods import LOG2E

OPTIONS: dict[str, Any] = {"fastmath": {"contract", "nsz"}, "error_model": "numpy"}
"""LLVM may fuse multiply-adds; NaN and ∞ are honoured, and division by zero gives ∞."""

jit = njit(nogil=True, **OPTIONS)

summing = njit(nogil=True, fastmath={"contract", "nsz", "reassoc"}, error_model="numpy")
"""For loops that add up: LLVM may reorder the sums, without which it cannot vectorise them."""

LN2 = math.log(2)

_SINGLE: tuple[float, ...] = (
    0.000154531629451206902,
    0.00133908633646712344,
    0.00961808255727785149,
    0.0555035711421907782,
    0.240226507605681269,
    0.693147188026228781,
)
_DOUBLE: tuple[float, ...] = (
    4.45496059818651839e-10,
    7.0725859492692237e-9,
    1.01780624458457735e-7,
    1.32154425879216897e-6,
    0.0000152527338298361184,
    0.000154035304417360502,
    0.00133335581464169353,
    0.00961812910760688853,
    0.0555041086648215943,
    0.240226506959100982,
    0.693147180559945309,
)


@intrinsic
def number(typing, value, like):
    """A constant in the type of `like`; without it Numba computes float32 expressions in float64."""

    def generate(context, builder, signature, arguments):
        return context.cast(builder, arguments[0], value, like)

    return like(value, like), generate


@intrinsic
def _low_bits_as_exponent(typing, r):
    """The lowest bits of a float moved to where its sign and exponent are."""
    bits, mantissa = (32, 23) if r == types.float32 else (64, 52)

    def generate(context, builder, signature, arguments):
        whole = ir.IntType(bits)
        shifted = builder.shl(builder.bitcast(arguments[0], whole), ir.Constant(whole, mantissa))
        return builder.bitcast(shifted, arguments[0].type)

    return r(r), generate


def _polynomial(single, double):
    """A polynomial by Horner's rule, highest coefficient first, by the type of its argument."""

    @intrinsic
    def polynomial(typing, f):
        first, *rest = single if f == types.float32 else double

        def generate(context, builder, signature, arguments):
            value = ir.Constant(arguments[0].type, first)
            for coefficient in rest:
                product = builder.fmul(value, arguments[0], flags=("contract",))
                value = builder.fadd(product, ir.Constant(arguments[0].type, coefficient), flags=("contract",))
            return value

        return f(f), generate

    return polynomial


_q = _polynomial(_SINGLE, _DOUBLE)

# φ(z) = (1 − e^−z)/z = Σ (−z)^n/(n + 1)!, so φ'(z) = −Σ (n + 1) (−z)^n/(n + 2)!; enough terms for z < ½.
_SLOPE = tuple((-1) ** (n + 1) * (n + 1) / math.factorial(n + 2) for n in range(15))
_phi_slope = _polynomial(_SLOPE[8::-1], _SLOPE[::-1])


def _constant(single, double):
    """A number that depends on the type of the argument."""

    @intrinsic
    def constant(typing, y):
        value = single if y == types.float32 else double

        def generate(context, builder, signature, arguments):
            return ir.Constant(arguments[0].type, value)

        return y(y), generate

    return constant


_top = _constant(126.0, 1022.0)  # 2^±top are normal numbers
_shift = _constant(1.5 * 2**23 + 127, 1.5 * 2**52 + 1023)  # added to y, it leaves round(y) + bias in the lowest bits


@jit
def _split(y):
    """(2^k, f) of y, held where 2^y and 2^−y are normal numbers."""
    top, shift = _top(y), _shift(y)
    y = -top if -top > y else y
    y = top if top < y else y
    shifted = y + shift
    return _low_bits_as_exponent(shifted), y - (shifted - shift)


@jit
def exp2(y):
    """2^y."""
    scale, f = _split(y)
    return scale * (f * _q(f) + number(1.0, y))


@jit
def exp2_and_minus_one(y):
    """2^y and 2^y − 1, the second to rounding also near 0."""
    scale, f = _split(y)
    part = scale * (f * _q(f))
    return part + scale, part + (scale - number(1.0, y))


@jit
def sigmoid2(y):
    """1/(1 + 2^y): the sigmoid of z for y = −z log₂ e."""
    one = number(1.0, y)
    return one / (one + exp2(y))


@jit
def sigmoid2_and_slope(y):
    """The sigmoid s of z and its derivative s (1 − s), the second accurate also where s rounds to 1."""
    one = number(1.0, y)
    e = exp2(y)
    s = one / (one + e)
    return s, e * s * s


@jit
def sigmoid_and_slope(z):
    """The same for z itself."""
    return sigmoid2_and_slope(-number(LOG2E, z) * z)


@jit
def tanh_and_slope(z):
    """The hyperbolic tangent and its derivative 4e/(1 + e)², e = e^(−2|z|)."""
    one, two = number(1.0, z), number(2.0, z)
    e, e_minus_one = exp2_and_minus_one(-two * number(LOG2E, z) * abs(z))
    inverse = one / (one + e)
    value = -e_minus_one * inverse
    return (value if z >= number(0.0, z) else -value), two * two * e * inverse * inverse


@jit
def exponential_weights(decay, h):
    """K = (1 − e^(−h decay))/decay, e = e^(−h decay), and dk/d decay; h where decay = 0.

    The exponential step is x + k (drive − decay x), and e = ∂k/∂h.
    """
    z = h * decay
    e, e_minus_one = exp2_and_minus_one(-number(LOG2E, h) * z)
    near, far = z < number(0.5, h), z > number(0.0, h)
    k = -e_minus_one / decay if far else h
    slope = h * h * _phi_slope(z if near else number(0.0, h))
    return k, e, slope if near else (h * e - k) / decay
