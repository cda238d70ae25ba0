"""The operators are good citizens of PyTorch."""

import pytest
import torch
from torch import Tensor

from kernel_tools import FORMS, KINDS, X, agree, arguments, of_backward, over_kinds, pair, trained_arguments
from liquidtime import LTC
from liquidtime.dynamics import Perceptron
from liquidtime.kernels import operators, registration


@pytest.mark.parametrize("name", FORMS)
def test_operators_satisfy_torch(name):
    given = trained_arguments(name, torch.float64)
    forward, backward = getattr(operators, f"{name}_forward"), getattr(operators, f"{name}_backward")
    torch.library.opcheck(forward.op, tuple(given))
    with torch.no_grad():
        outputs = forward(*given)
    saved = of_backward(name, given, torch.ones_like(outputs[0]), outputs)
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
    for name in FORMS:
        given = trained_arguments(name, torch.float64)
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


def test_a_device_without_this_kernel_is_refused_by_name(monkeypatch):
    monkeypatch.setitem(registration.BACKENDS, "cuda", "liquidtime.kernels.methods")
    with pytest.raises(NotImplementedError, match=r'ctgru_forward has no kernel for cuda: .* kernel="reference"'):
        operators.ctgru_forward.backend("cuda")


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


@pytest.mark.parametrize("name", FORMS)
def test_spans_past_a_length_are_never_looked_at(name):
    given = list(arguments(name, torch.float64))
    forward, lengths = getattr(operators, f"{name}_forward"), given[2]
    there = torch.arange(len(given[1])).unsqueeze(-1) < lengths
    found = []
    for spans in (given[1] * there, given[1]):
        spans = spans.detach().requires_grad_()
        states = forward(given[0], spans, *given[2:])[0]
        found.append([states, *torch.autograd.grad(states.square().sum(), spans)])
    for a, b in zip(*found, strict=True):
        assert torch.equal(a, b)
    assert (found[0][1][~there] == 0).all()
