"""What a kernel promises beyond equal numbers: awkward calls, threads, memory, choice, and life without Numba."""

import copy
import os
import pickle
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from liquidtime import CTGRU, CTRNN, LTC, Adaptive, Adjoint, ConductanceLTC, ExponentialMidpoint, Fused, NeuralODE
from liquidtime.dynamics import Perceptron
from liquidtime.kernels import operators
from liquidtime.kernels.cpu import backend, entry, matrix, numerics
from liquidtime.kernels.methods import STAGES, padded

KINDS = {"conductance": partial(ConductanceLTC, init="ncps"), "ltc": LTC, "ctrnn": CTRNN, "node": NeuralODE}
over_kinds = pytest.mark.parametrize("kind", KINDS)


def pair(kind: str, I: int, H: int, **options: object):
    """The same layer on the kernel and on the reference."""
    torch.manual_seed(0)
    fast = KINDS[kind](I, H, kernel="numba", **options)
    slow = KINDS[kind](I, H, kernel="reference", **options)
    slow.load_state_dict(fast.state_dict())
    return fast, slow


def agree(a: Tensor, b: Tensor, tolerance: float) -> bool:
    a, b = a.detach(), b.detach()
    return float((a - b).abs().max()) <= tolerance * float(b.abs().max())


def gradients(rnn, output: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(output.square().sum(), list(rnn.parameters())))


@over_kinds
@pytest.mark.parametrize("shape", [(1, 1, 3, 1), (1, 7, 2, 5), (9, 1, 1, 33), (4, 6, 5, 64)], ids=str)
def test_single_steps_single_rows_and_any_width(kind, shape):
    T, B, I, H = shape
    fast, slow = pair(kind, I, H, dtype=torch.float64)
    x = torch.randn(T, B, I, dtype=torch.float64)
    ours, theirs = fast(x)[0], slow(x)[0]
    assert agree(ours, theirs, 1e-12)
    for a, b in zip(gradients(fast, ours), gradients(slow, theirs), strict=True):
        assert agree(a, b, 1e-11)


@over_kinds
def test_ten_thousand_steps(kind):
    fast, slow = pair(kind, 2, 3, solver=Fused(1), dtype=torch.float32)
    x, spans = torch.randn(10_000, 2, 2), 0.1 * torch.rand(10_000, 2)
    exact = slow.double()(x.double(), timespans=spans.double())[0]
    ours = fast(x, timespans=spans)[0]
    assert agree(ours.double(), exact, 1e-4 if kind == "node" else 2e-6)
    for a, b in zip(gradients(fast, ours), gradients(slow, exact), strict=True):
        assert agree(a.double(), b, 1e-3 if kind == "node" else 1e-5)


@over_kinds
def test_tensors_of_any_layout(kind):
    fast, slow = pair(kind, 3, 10, dtype=torch.float64, batch_first=True)
    wide = torch.randn(5, 8, 6, 2, dtype=torch.float64)
    x, spans, hx = wide[..., ::2, 1], wide[:, :, 0, 0].abs().flip(0), torch.randn(10, 5, 1).double().permute(2, 1, 0)
    weight = torch.randn(10, 8, 5, dtype=torch.float64).permute(2, 1, 0)
    found = []
    for rnn in (fast, slow):
        given = [tensor.detach().requires_grad_() for tensor in (x, hx, spans)]
        output, h_n = rnn(given[0], given[1], timespans=given[2])
        found.append([output, h_n, *torch.autograd.grad((output * weight).sum(), [*given, *rnn.parameters()])])
    for a, b in zip(*found, strict=True):
        assert agree(a, b, 1e-11)


@over_kinds
def test_the_same_weights_used_twice_get_both_gradients(kind):
    fast, slow = pair(kind, 3, 6, dtype=torch.float64)
    x, z = torch.randn(2, 5, 4, 3, dtype=torch.float64)
    for a, b in zip(gradients(fast, fast(x)[0] + fast(z)[0]), gradients(slow, slow(x)[0] + slow(z)[0]), strict=True):
        assert agree(a, b, 1e-11)


@over_kinds
@pytest.mark.parametrize("batch", [3, 16, 37])
def test_results_do_not_depend_on_the_number_of_threads(kind, batch, monkeypatch):
    monkeypatch.setattr(entry, "WORTH_A_THREAD", 1)
    rnn, x = pair(kind, 3, 12)[0], torch.randn(6, batch, 3)
    before, found, used = torch.get_num_threads(), [], []
    run_on = entry.run_on
    monkeypatch.setattr(entry, "run_on", lambda threads, *a: (used.append(threads), run_on(threads, *a)))
    try:
        for threads in (1, 2, 5):
            torch.set_num_threads(threads)
            output = rnn(x)[0]
            found.append([output, *gradients(rnn, output)])
    finally:
        torch.set_num_threads(before)
    assert max(used) > 1 or batch == 3
    for other in found[1:]:
        assert all(torch.equal(a, b) for a, b in zip(found[0], other, strict=True))


def test_a_pool_of_our_own_serves_where_torch_has_no_openmp(monkeypatch):
    monkeypatch.setattr(entry, "WORTH_A_THREAD", 1)
    monkeypatch.setattr(entry, "_openmp", lambda: None)
    fast, slow = pair("ltc", 3, 12, dtype=torch.float64)
    x, before = torch.randn(6, 37, 3, dtype=torch.float64), torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        ours = fast(x)[0]
        assert all(agree(a, b, 1e-11) for a, b in zip(gradients(fast, ours), gradients(slow, slow(x)[0]), strict=True))
    finally:
        torch.set_num_threads(before)
    assert entry._POOL is not None


@over_kinds
def test_what_is_no_number_shows_in_what_it_touches_and_nowhere_else(kind):
    rnn, x = pair(kind, 3, 9)[0], torch.randn(5, 6, 3)
    expected = rnn(x)[0]
    x[2, 4, 1] = torch.nan
    output = rnn(x)[0]
    assert output[2:, 4].isnan().all()
    untouched = [b for b in range(6) if b != 4]
    assert torch.equal(output[:, untouched], expected[:, untouched])
    assert torch.equal(output[:2], expected[:2])


def test_an_absent_synapse_has_no_influence_and_no_gradient():
    H, ring = 6, torch.eye(6, dtype=torch.bool).roll(1, 0)
    rnn = ConductanceLTC(2, H, init="ncps", recurrent_mask=ring, solver=Fused(1), dtype=torch.float64, kernel="numba")
    hx = torch.randn(1, 1, H, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda h: rnn(torch.zeros(1, 1, 2).double(), h)[1], hx)
    linked = jacobian.reshape(H, H).T.abs() > 0
    assert torch.equal(linked, ring | torch.eye(H, dtype=torch.bool))
    rnn(torch.randn(4, 3, 2, dtype=torch.float64), hx.expand(-1, 3, -1))[0].sum().backward()
    dynamics = rnn.dynamics()
    for parameter in (dynamics.raw_w, dynamics.raw_gamma, dynamics.mu, dynamics.E):
        assert (parameter.grad[~ring] == 0).all()
        assert (parameter.grad[ring] != 0).all()


# Operators.


def arguments(name: str, dtype: torch.dtype, T: int = 3, B: int = 5, I: int = 2, H: int = 7) -> tuple:
    """Inputs of a forward operator."""
    draw = torch.Generator().manual_seed(3)
    rand = lambda *shape: torch.rand(*shape, dtype=dtype, generator=draw)  # noqa: E731
    head = (rand(T, B, I), rand(T, B), torch.tensor([T, 0, T - 1, 1, T]).clamp(0, T).repeat(1 + B // 5)[:B], rand(B, H))
    if name == "conductance":
        synapses = (*(rand(I, H) for _ in range(4)), *(rand(H, H) for _ in range(4)))
        return (*head, rand(H), 1 + rand(H), *synapses, "exponential_midpoint", 2, True)
    return (*head, rand(H, I), rand(H, H), rand(H), rand(H), rand(H), "tanh", True, "rk4", 2, True)


@pytest.mark.parametrize("name", ["conductance", "perceptron"])
def test_operators_satisfy_torch(name):
    given = arguments(name, torch.float64)
    forward, backward = getattr(operators, f"{name}_forward"), getattr(operators, f"{name}_backward")
    wanted = [a.requires_grad_() if isinstance(a, Tensor) and a.is_floating_point() else a for a in given]
    torch.library.opcheck(forward.op, tuple(wanted))
    with torch.no_grad():
        states, *kept = forward(*given)
    rest = given[6:-1] if name == "conductance" else given[4:-1]
    saved = (torch.ones_like(states), *given[:4], states, *kept, *rest)
    torch.library.opcheck(backward.op, tuple(a.detach() if isinstance(a, Tensor) else a for a in saved))


@over_kinds
def test_a_second_derivative_raises_and_names_the_way_out(kind):
    fast, slow = pair(kind, 3, 5, dtype=torch.float64)
    x = torch.randn(4, 2, 3, dtype=torch.float64, requires_grad=True)

    def second(rnn) -> Tensor:
        (first,) = torch.autograd.grad(rnn(x)[0].square().sum(), x, create_graph=True)
        return torch.autograd.grad(first.square().sum(), x)[0]

    with pytest.raises(NotImplementedError, match='kernel="reference"'):
        second(fast)
    assert second(slow).abs().sum() > 0


@over_kinds
@pytest.mark.filterwarnings("default")  # torch warns of its own internals
def test_forward_mode_runs_on_the_reference(kind):
    fast, slow = pair(kind, 3, 5, dtype=torch.float64)
    auto = KINDS[kind](3, 5, dtype=torch.float64)
    auto.load_state_dict(fast.state_dict())
    x = torch.randn(4, 2, 3, dtype=torch.float64)
    along = torch.randn_like(x)
    ours = torch.func.jvp(lambda x: auto(x)[0], (x,), (along,))[1]
    theirs = torch.func.jvp(lambda x: slow(x)[0], (x,), (along,))[1]
    assert torch.equal(ours, theirs)
    with pytest.raises(ValueError, match="forward-mode"):
        torch.func.jvp(lambda x: fast(x)[0], (x,), (along,))


@over_kinds
def test_the_transforms_of_torch_func(kind):
    fast, slow = pair(kind, 3, 5, dtype=torch.float64)
    x = torch.randn(4, 2, 3, dtype=torch.float64)
    ensemble = torch.stack([x, 2 * x, -x])

    def transformed(rnn):
        yield torch.func.grad(lambda v: rnn(v)[0].square().sum())(x)
        yield torch.func.jacrev(lambda v: rnn(v)[1])(x)
        yield torch.func.vmap(torch.func.grad(lambda v: rnn(v)[0].square().sum()))(ensemble)
        yield torch.func.grad(lambda v: torch.func.vmap(lambda w: rnn(w)[0])(v).square().sum())(ensemble)

    for a, b in zip(transformed(fast), transformed(slow), strict=True):
        assert agree(a, b, 1e-11)


def test_batched_gradients_are_refused_by_name():
    rnn, x = LTC(3, 5), torch.randn(4, 2, 3)
    with pytest.raises(NotImplementedError, match="is_grads_batched=True"):
        torch.autograd.functional.jacobian(lambda v: rnn(v)[0], x, vectorize=True)


@pytest.mark.filterwarnings("default")  # torch warns that its tracer is deprecated
def test_who_records_sees_the_operator_or_the_reference():
    rnn, x, y = LTC(3, 5), torch.randn(4, 2, 3), torch.randn(4, 2, 3)
    recorded = torch.fx.experimental.proxy_tensor.make_fx(lambda v: rnn(v)[0])(x)
    assert any("perceptron_forward" in node.name for node in recorded.graph.nodes)
    assert torch.equal(recorded(y), rnn(y)[0])
    with torch.no_grad():
        traced = torch.jit.trace(rnn, (x,), check_trace=False)
    assert agree(traced(y)[0], rnn(y)[0], 1e-5)


def test_what_keeps_nothing_walks_forward_once_more_for_a_gradient():
    for name in ("conductance", "perceptron"):
        given = [
            a.requires_grad_() if isinstance(a, Tensor) and a.is_floating_point() else a
            for a in arguments(name, torch.float64)
        ]
        forward = getattr(operators, f"{name}_forward")
        wanted = [a for a in given if isinstance(a, Tensor) and a.requires_grad]
        found = [torch.autograd.grad(forward(*given[:-1], keep)[0].square().sum(), wanted) for keep in (True, False)]
        assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))
        assert len(forward(*given[:-1], False)[1]) == 0


@pytest.mark.filterwarnings("default")  # torch warns of its own internals while it compiles
def test_lengths_beyond_the_series_stay_inside_it_where_no_value_is_checked():
    rnn, x = LTC(3, 5, dtype=torch.float64), torch.randn(4, 3, 3, dtype=torch.float64)
    compiled = torch.compile(rnn, backend="aot_eager", fullgraph=True)
    output, h_n = compiled(x, lengths=torch.tensor([200_000, 2, -3]))
    expected, last = rnn(x, lengths=[4, 2, 0])
    assert torch.equal(output, expected)
    assert torch.equal(h_n, last)


def test_tensors_in_different_places_or_types_are_refused():
    with pytest.raises(
        ValueError, match=r"input is on cpu but the layer's tensors are on meta: pass input.to\('meta'\)"
    ):
        LTC(3, 5).to("meta")(X)
    with pytest.raises(ValueError, match="input is on meta but the layer's tensors are on cpu"):
        LTC(3, 5).stream()(torch.zeros(3, device="meta"))
    mixed = LTC(3, 5, f=lambda i, h: Perceptron(i, h, torch.tanh), dtype=torch.float64)
    assert mixed.dynamics().f.bias.dtype == torch.float32
    with pytest.raises(RuntimeError, match="same dtype"):  # as plain PyTorch has it
        mixed(X.double())
    with pytest.raises(ValueError, match=r"tensors on .*meta"):
        operators.perceptron_forward(
            X, *(a.to("meta") if isinstance(a, Tensor) else a for a in arguments("perceptron", X.dtype)[1:])
        )


def test_another_default_device_and_a_view_of_negated_numbers():
    rnn, x = LTC(3, 8), torch.randn(4, 2, 3)
    with torch.device("meta"):
        assert torch.equal(rnn(x)[0], rnn(x)[0])
        assert rnn.stream()(x[0]).device == x.device
    negated = torch._neg_view(x)
    assert torch.equal(rnn(negated)[0], rnn(negated.resolve_neg())[0])
    assert torch.equal(rnn.stream()(negated[0]), rnn.stream()(negated[0].resolve_neg()))


def test_only_what_is_trained_is_kept():
    seen = []
    rnn = LTC(3, 5)
    original = operators.perceptron_forward.plain
    operators.perceptron_forward.plain = lambda *a: (seen.append(a[-1]), original(*a))[1]
    try:
        rnn(X)
        with torch.no_grad():
            rnn(X)
        rnn.requires_grad_(False)(X)
        rnn(X.clone().requires_grad_())
    finally:
        del operators.perceptron_forward.plain
    assert seen == [True, False, False, True]


# Streams.


@over_kinds
def test_a_stream_can_be_copied_pickled_and_shared(kind):
    rnn = pair(kind, 3, 9)[0]
    stream, x = rnn.stream(), torch.randn(5, 3)
    stream(x[0], 0.5)
    for other in (copy.deepcopy(stream), pickle.loads(pickle.dumps(stream))):
        assert torch.equal(other.state, stream.state)
        assert torch.equal(other(x[1]), rnn(x[:2], timespans=torch.tensor([0.5, 1.0]))[0][1])
    assert torch.equal(stream(x[1]), rnn(x[:2], timespans=torch.tensor([0.5, 1.0]))[0][1])


def test_a_stream_takes_any_batch_and_mode():
    rnn, x = LTC(3, 5), torch.randn(4, 3)
    stream = rnn.stream()
    with torch.inference_mode():
        first = stream(x)
    assert torch.equal(stream(x, torch.full((4,), 0.3)), rnn.step(x, first[None].clone(), 0.3)[0])
    assert rnn.stream()(torch.zeros(0, 3)).shape == (0, 5)


def test_a_stream_in_many_threads_gives_no_other_numbers_than_its_own():
    stream, bad = ConductanceLTC(3, 128).stream(), []

    def work() -> None:
        outputs = [stream(torch.randn(8, 3)) for _ in range(40)]
        bad.extend(output for output in outputs if not (output.abs() < 2).all())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bad == []


# Which kernel runs.


def test_a_layer_says_what_runs():
    class Own(torch.nn.Module):
        def forward(self, x: Tensor, u: Tensor) -> Tensor:
            return torch.sigmoid(x)

    assert [KINDS[kind](3, 5).kernel for kind in KINDS] == ["numba"] * 4
    assert LTC(3, 5, kernel="reference").kernel == "reference"
    assert LTC(3, 5, solver=Adaptive()).kernel == "reference"
    assert LTC(3, 5, f=Own()).kernel == "reference"
    assert LTC(3, 5).to(torch.bfloat16).kernel == "reference"
    assert LTC(3, 5).to("meta").kernel == "reference"
    assert CTGRU(3, 5).kernel == "reference"
    assert repr(LTC(3, 5, kernel="numba")) == "LTC(3, 5, solver=Fused(substeps=6), kernel='numba')"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: LTC(3, 5, kernel="fast"), r"kernel='fast': choose one of 'auto', 'reference', 'numba', 'triton'"),
        (lambda: LTC(3, 5, kernel=None), r"kernel=None: choose one of"),
        (lambda: LTC(3, 5, kernel="numba", solver=Adaptive())(X), r"numba.*there is none for LTCDynamics .*Adaptive"),
        (lambda: LTC(3, 5, kernel="numba").to(torch.float16)(X.half()), r"there is none for torch.float16"),
        (lambda: LTC(3, 5, kernel="numba", solver=Adaptive(), gradient=Adjoint())(X), r"gradient=Adjoint\(\)"),
        (lambda: LTC(3, 5, kernel="triton")(X), r'kernel="triton": the tensors are on cpu; kernel="auto" takes the'),
    ],
)
def test_a_kernel_that_cannot_serve_is_refused_by_name(build, message):
    with pytest.raises(ValueError, match=message):
        build()


X = torch.zeros(2, 4, 3)


def python(code: str, **environment: str) -> subprocess.CompletedProcess:
    """Run code in a fresh interpreter."""
    env = os.environ | {"OMP_NUM_THREADS": "2"} | environment
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, timeout=300)


def test_a_machine_without_numba_runs_on_the_reference_with_one_warning():
    code = """
import sys, warnings
sys.modules["numba"] = None
import torch, liquidtime
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    rnn = liquidtime.LTC(3, 5)
    output = rnn(torch.zeros(2, 4, 3))[0]
    output.sum().backward()
    liquidtime.ConductanceLTC(3, 5).stream()(torch.zeros(3))
print(rnn.kernel, len(caught), "kernel=\\"numba\\" cannot be compiled here" in str(caught[0].message))
"""
    done = python(code)
    assert done.stdout.split() == ["reference", "1", "True"], done.stderr


def test_compiled_kernels_are_announced_once_and_kept(tmp_path):
    code = "import torch, liquidtime; liquidtime.LTC(3, 5)(torch.zeros(2, 4, 3))"
    first, second = (python(code, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2))
    assert "compiling the perceptron kernel for this machine" in first.stderr
    assert second.stderr == ""
    assert list(tmp_path.rglob("*.nbc"))


def test_a_kernel_cut_off_on_the_disk_is_made_again(tmp_path):
    code = "import torch, liquidtime; l = liquidtime.LTC(3, 5); l(torch.zeros(2, 4, 3)); print(l.kernel)"
    python(code, NUMBA_CACHE_DIR=str(tmp_path))
    for file in tmp_path.rglob("*.nbc"):
        file.write_bytes(file.read_bytes()[:100])
    done = python(code, NUMBA_CACHE_DIR=str(tmp_path))
    assert done.stdout.split() == ["numba"], done.stderr


@pytest.mark.parametrize("trouble", ["a full disk", "no folder"])
def test_kernels_that_cannot_be_kept_still_run(tmp_path, trouble):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0));" if trouble == "a full disk" else ""
    (tmp_path / "file").write_text("no folder")
    folder = tmp_path / "kernels" if trouble == "a full disk" else tmp_path / "file" / "kernels"
    code = f"import torch, liquidtime;{limit} l = liquidtime.LTC(3, 5); l(torch.zeros(2, 4, 3)); print(l.kernel)"
    done = python(code, NUMBA_CACHE_DIR=str(folder))
    assert done.stdout.split() == ["numba"], done.stderr
    assert not list(tmp_path.rglob("*.nbc"))


def test_a_forked_child_can_use_kernels():
    code = """
import os, torch, liquidtime
from liquidtime.kernels.cpu import entry
entry.WORTH_A_THREAD = 1
rnn, x = liquidtime.LTC(3, 5), torch.randn(4, 40, 3)
expected = rnn(x)[0]
child = os.fork()
if child == 0:
    os._exit(0 if torch.equal(rnn(x)[0], expected) else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = python(code)
    assert done.stdout.split() == ["0"], done.stderr


# Memory.

SIZES = [(1, 1, 1, 1), (3, 5, 2, 7), (2, 4, 3, 8), (4, 9, 1, 33), (2, 17, 9, 40)]


def call_with_poison(name: str, sizes: tuple[int, int, int, int], method: str, monkeypatch) -> list[Tensor]:
    """Run forward and backward with every tensor that the backend makes inside a larger one full of NaN."""
    margin, blocks = 64, []

    def fenced(like: Tensor, shape: tuple[int, ...], dtype: torch.dtype | None) -> Tensor:
        size = int(np.prod(shape))
        block = torch.full((size + 2 * margin,), torch.nan, dtype=dtype or like.dtype)
        blocks.append((block, size))
        return block[margin : margin + size].view(shape)

    def flatten(shape: tuple) -> tuple[int, ...]:
        return tuple(shape[0]) if shape and not isinstance(shape[0], int) else shape

    given = list(arguments(name, torch.float64, *sizes))
    given[-3] = method
    monkeypatch.setattr(Tensor, "new_empty", lambda t, *s, dtype=None: fenced(t, flatten(s), dtype))
    monkeypatch.setattr(Tensor, "new_zeros", lambda t, *s, dtype=None: fenced(t, flatten(s), dtype).zero_())
    outputs = getattr(backend, f"{name}_forward")(*given)
    rest = given[6:-1] if name == "conductance" else given[4:-1]
    found = getattr(backend, f"{name}_backward")(torch.ones(outputs[0].shape).double(), *given[:4], *outputs, *rest)
    monkeypatch.undo()
    assert blocks
    for block, size in blocks:
        assert block[:margin].isnan().all()
        assert block[margin + size :].isnan().all()
    return [*outputs[:1], *found]


@pytest.mark.parametrize("method", STAGES)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", ["conductance", "perceptron"])
def test_kernels_write_every_number_of_theirs_and_none_beside(name, sizes, method, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    for tensor in call_with_poison(name, sizes, method, monkeypatch):
        assert tensor.isfinite().all()


def test_kernels_stay_inside_their_arrays_under_bounds_checking(tmp_path):
    code = """
import torch, liquidtime
from liquidtime import *
for kind in (ConductanceLTC, LTC):
    for T, B, I, H in ((1, 1, 1, 1), (3, 5, 2, 7), (2, 9, 3, 17)):
        for solver in (Fused(2), ExponentialMidpoint(1), RK4(1)):
            rnn = kind(I, H, solver=solver)
            rnn(torch.randn(T, B, I), lengths=[T] * B)[0].sum().backward()
print("done")
"""
    done = python(code, NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=str(tmp_path))
    assert done.stdout.split() == ["done"], done.stderr
    assert "IndexError" not in done.stderr
    assert "out of bounds" not in done.stderr


@pytest.mark.parametrize("shape", [(1, 1, 8), (4, 3, 8), (5, 7, 40), (3, 2, 32), (9, 64, 72)], ids=str)
def test_a_product_stays_inside_its_array(shape):
    rows, steps, width = shape
    rng = np.random.default_rng(0)
    left, right, margin = rng.random((rows, steps)), rng.random((steps, width)), 64
    block = np.full(rows * width + 2 * margin, np.nan)
    out = block[margin:-margin]
    out[:] = 1
    matrix.add_product(rows, steps, width, left.ravel(), steps, 1, right.ravel(), out)
    assert np.allclose(out.reshape(rows, width), 1 + left @ right, rtol=1e-13)
    assert np.isnan(block[:margin]).all()
    assert np.isnan(block[-margin:]).all()
    out[:] = 0
    matrix.add_product(rows, steps, width, left.T.copy().ravel(), 1, rows, right.ravel(), out)
    assert np.allclose(out.reshape(rows, width), left @ right, rtol=1e-13)


# Elementary functions.


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


def test_importing_the_kernels_brings_no_compiler():
    done = python(
        "import sys, liquidtime.kernels; print([n for n in ('numba', 'llvmlite', 'triton') if n in sys.modules])"
    )
    assert done.stdout.strip() == "[]", done.stderr
    assert Path(entry.__file__).exists()
