"""Small matrix products whose sums stay in vector registers.

LLVM keeps the sums of a plain loop in memory, at half the speed. So the innermost loop is written in LLVM's own
instructions, on vectors of 32 or 8 numbers, which become the machine's vectors whatever their width.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from liquidtime.kernels.cpu.numerics import jit
from liquidtime.kernels.methods import MULTIPLE

ROWS, WIDE, NARROW = 4, 32, MULTIPLE

_INDEX = ir.IntType(64)
_LANE = ir.IntType(32)
_BYTES = {ir.FloatType(): 4, ir.DoubleType(): 8}


def _panel(rows, width):
    """A loop over k that adds a block of `rows` × `width` of a product to `out`."""

    @intrinsic
    def panel(typing, left, l, l_row, l_step, right, r, out, o, stride, count):
        """out[o + i·stride + c] += Σ_{k < count} left[l + i·l_row + k·l_step] · right[r + k·stride + c]."""
        signature = types.void(left, l, l_row, l_step, right, r, out, o, stride, count)

        def generate(context, builder, signature, arguments):
            def array(n):
                return context.make_array(signature.args[n])(context, builder, arguments[n]).data

            def whole(n):
                return context.cast(builder, arguments[n], signature.args[n], types.intp)

            def vector_at(base, offset):
                return builder.bitcast(builder.gep(base, [offset]), vector.as_pointer())

            def spread(scalar):
                empty = ir.Constant(vector, ir.Undefined)
                first = builder.insert_element(empty, scalar, ir.Constant(_LANE, 0))
                return builder.shuffle_vector(first, empty, ir.Constant(ir.VectorType(_LANE, width), [0] * width))

            number = context.get_value_type(left.dtype)
            vector, size = ir.VectorType(number, width), _BYTES[number]
            lefts, rights, outs = array(0), array(4), array(6)
            l, l_row, l_step, r, o, stride, count = (whole(n) for n in (1, 2, 3, 5, 7, 8, 9))
            row_numbers = [ir.Constant(_INDEX, i) for i in range(rows)]
            targets = [vector_at(outs, builder.add(o, builder.mul(stride, i))) for i in row_numbers]
            before = [builder.load(target, align=size) for target in targets]
            entry = builder.block
            head, body, done = (builder.append_basic_block(f"panel.{name}") for name in ("head", "body", "done"))
            builder.branch(head)

            builder.position_at_end(head)
            k, sums = builder.phi(_INDEX), [builder.phi(vector) for _ in range(rows)]
            for phi, value in zip([k, *sums], [ir.Constant(_INDEX, 0), *before], strict=True):
                phi.add_incoming(value, entry)
            builder.cbranch(builder.icmp_signed("<", k, count), body, done)

            builder.position_at_end(body)
            line = builder.load(vector_at(rights, builder.add(r, builder.mul(k, stride))), align=size)
            column = builder.add(l, builder.mul(k, l_step))
            places = [builder.add(column, builder.mul(l_row, i)) for i in row_numbers]
            factors = [spread(builder.load(builder.gep(lefts, [place]))) for place in places]
            products = [builder.fmul(factor, line, flags=("contract",)) for factor in factors]
            grown = [builder.fadd(a, b, flags=("contract",)) for a, b in zip(sums, products, strict=True)]
            for phi, value in zip([k, *sums], [builder.add(k, ir.Constant(_INDEX, 1)), *grown], strict=True):
                phi.add_incoming(value, body)
            builder.branch(head)

            builder.position_at_end(done)
            for target, value in zip(targets, sums, strict=True):
                builder.store(value, target, align=size)
            return context.get_dummy_value()

        return signature, generate

    return panel


_wide, _narrow = _panel(ROWS, WIDE), _panel(ROWS, NARROW)
_wide_row, _narrow_row = _panel(1, WIDE), _panel(1, NARROW)


@jit
def add_product(rows, steps, width, left, l_row, l_step, right, out):
    """Out (rows, width) += left (rows, steps) right (steps, width), all flat; width a multiple of 8.

    Element (i, k) of left lies at i · l_row + k · l_step, so that it can be read transposed.
    """
    whole, wide = rows - rows % ROWS, width - width % WIDE
    for i in range(0, whole, ROWS):
        for c in range(0, wide, WIDE):
            _wide(left, i * l_row, l_row, l_step, right, c, out, i * width + c, width, steps)
        for c in range(wide, width, NARROW):
            _narrow(left, i * l_row, l_row, l_step, right, c, out, i * width + c, width, steps)
    for i in range(whole, rows):
        for c in range(0, wide, WIDE):
            _wide_row(left, i * l_row, l_row, l_step, right, c, out, i * width + c, width, steps)
        for c in range(wide, width, NARROW):
            _narrow_row(left, i * l_row, l_row, l_step, right, c, out, i * width + c, width, steps)
