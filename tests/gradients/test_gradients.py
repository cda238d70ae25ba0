"""How the strategies' gradients, and their memory, relate."""

import pytest
import torch
from torch import Tensor

from liquidtime import (
    BPTT,
    CTGRU,
    CTRNN,
    LTC,
    Adaptive,
    Adjoint,
    ConductanceLTC,
    ExponentialMidpoint,
    Fused,
    NeuralODE,
    Recompute,
    Truncated,
)

B, T, I, H = 2, 7, 3, 5
LAYERS = {"LTC": LTC, "ConductanceLTC": ConductanceLTC, "CTRNN": CTRNN, "NeuralODE": NeuralODE, "CTGRU": CTGRU}
over_layers = pytest.mark.parametrize("kind", list(LAYERS))


def example(kind: str, gradient, longest_span: float = 1.0, **options):
    """The same layer and data each time."""
    torch.manual_seed(0)
    rnn = LAYERS[kind](I, H, num_layers=2, bidirectional=True, gradient=gradient, dtype=torch.float64, **options)
    given = {
        "x": torch.randn(T, B, I),
        "dt": longest_span * torch.rand(T, B),
        "hx": torch.randn(4, B, rnn.state_size) / 9,
    }
    return rnn, {name: value.double().requires_grad_() for name, value in given.items()}


def gradients(kind: str, gradient, *, lengths=None, **options) -> dict[str, Tensor]:
    """Outputs and the gradients of everything."""
    rnn, given = example(kind, gradient, **options)
    output, h_n = rnn(given["x"], given["hx"], timespans=given["dt"], lengths=lengths)
    loss = (output * torch.linspace(-1, 1, output.numel(), dtype=torch.float64).view_as(output)).sum() + h_n.sum()
    wanted = {**given, **dict(rnn.named_parameters())}
    found = torch.autograd.grad(loss, list(wanted.values()))
    return {"output": output.detach(), **dict(zip(wanted, found, strict=True))}


def agree(ours: dict[str, Tensor], theirs: dict[str, Tensor], tolerance: float) -> None:
    for name, value in theirs.items():
        assert torch.allclose(ours[name], value, rtol=tolerance, atol=tolerance * float(value.abs().max())), name


@over_layers
@pytest.mark.parametrize(
    "strategy", [Recompute(1), Recompute(3), Recompute(100), Truncated(T), Truncated(T + 3)], ids=str
)
@pytest.mark.parametrize("lengths", [None, [7, 4]])
def test_recompute_and_long_truncation_agree_with_bptt(kind, strategy, lengths):
    agree(gradients(kind, strategy, lengths=lengths), gradients(kind, BPTT(), lengths=lengths), 1e-13)


@over_layers
def test_truncation_lets_nothing_past_its_chunk(kind):
    torch.manual_seed(0)
    rnn = LAYERS[kind](I, H, gradient=Truncated(3), dtype=torch.float64)
    x = torch.randn(T, B, I, dtype=torch.float64, requires_grad=True)
    for t in range(T):
        (grad,) = torch.autograd.grad(rnn(x)[0][t].sum(), x)
        reached = [bool(grad[s].abs().sum() > 0) for s in range(T)]
        assert reached == [t // 3 * 3 <= s <= t for s in range(T)]


@over_layers
def test_truncation_is_bptt_over_detached_pieces(kind):
    torch.manual_seed(0)
    rnn = LAYERS[kind](I, H, gradient=Truncated(3), dtype=torch.float64)
    plain = LAYERS[kind](I, H, dtype=torch.float64)
    plain.load_state_dict(rnn.state_dict())
    x = torch.randn(T, B, I, dtype=torch.float64)
    rnn(x)[0].square().sum().backward()
    state = None
    for piece in x.split(3):
        output, state = plain(piece, state)
        output.square().sum().backward()
        state = state.detach()
    for ours, theirs in zip(rnn.parameters(), plain.parameters(), strict=True):
        assert torch.allclose(ours.grad, theirs.grad, rtol=1e-12, atol=1e-14)


def saved_numbers(gradient, steps: int, substeps: int, kernel: str) -> int:
    """How many numbers one forward pass keeps for the backward pass."""
    rnn = LTC(I, H, solver=Fused(substeps), gradient=gradient, kernel=kernel)
    kept: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes() // 4
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        output, _ = rnn(torch.randn(steps, B, I))
        del output
    return sum(kept.values())


@pytest.mark.parametrize(("kernel", "growth", "share"), [("reference", 4, 20), ("auto", 3, 8)])
@pytest.mark.parametrize("strategy", [Recompute, Truncated])
def test_chunks_keep_states_not_substeps(strategy, kernel, growth, share):
    # Between chunks only the state of B · H numbers is kept: what is kept does not grow with L.
    assert saved_numbers(strategy(8), 64, 12, kernel) == saved_numbers(strategy(8), 64, 2, kernel)
    assert saved_numbers(BPTT(), 64, 12, kernel) > growth * saved_numbers(BPTT(), 64, 2, kernel)
    assert saved_numbers(strategy(8), 64, 6, kernel) < saved_numbers(BPTT(), 64, 6, kernel) / share


@pytest.mark.parametrize("kind", ["LTC", "ConductanceLTC", "CTRNN", "NeuralODE"])
@pytest.mark.parametrize("tolerance", [1e-4, 1e-6, 1e-8])
def test_adjoint_agrees_with_bptt_where_the_span_is_no_longer_than_the_time_constant(kind, tolerance):
    options = {"init": "fan_in", "tau": (4.0, 8.0)} if kind == "ConductanceLTC" else {}
    options |= {"solver": Adaptive(rtol=tolerance, atol=tolerance / 100), "longest_span": 0.8}
    rnn, given = example(kind, BPTT(), **options)
    taus = rnn.time_constants(given["x"], given["hx"], timespans=given["dt"])
    assert (given["dt"].unsqueeze(-1) / taus <= 1).all()
    exact, approximate = (gradients(kind, strategy, **options) for strategy in (BPTT(), Adjoint()))
    agree(approximate, exact, 100 * tolerance)
    assert any(not torch.equal(approximate[name], exact[name]) for name in exact)


def test_adjoint_error_grows_where_the_span_outlasts_the_time_constant():
    solver = Adaptive(rtol=1e-4, atol=1e-6)

    def error(tau: float) -> float:
        options = {"init": "fan_in", "tau": (tau, tau), "solver": solver}
        exact, ours = (gradients("ConductanceLTC", g, **options) for g in (BPTT(), Adjoint()))
        return max(float((ours[n] - exact[n]).abs().max() / exact[n].abs().max()) for n in exact)

    assert error(0.1) > 10 * error(4.0)


def test_adjoint_reaches_a_users_own_network():
    class Own(torch.nn.Module):
        def __init__(self, input_size, hidden_size):
            super().__init__()
            self.inner = torch.nn.Linear(input_size + hidden_size, hidden_size).double()

        def forward(self, x, u):
            return torch.sigmoid(self.inner(torch.cat([x, u], -1)))

    solver = Adaptive(rtol=1e-8, atol=1e-10)
    exact, ours = (gradients("LTC", g, solver=solver, f=Own) for g in (BPTT(), Adjoint()))
    agree(ours, exact, 1e-6)
    assert exact["cells.0.dynamics.f.inner.weight"].abs().sum() > 0


def test_adjoint_keeps_a_span_of_zero_exactly():
    rnn = LTC(I, H, solver=Adaptive(), gradient=Adjoint())
    hx = torch.randn(1, B, H)
    assert torch.equal(rnn(torch.randn(T, B, I), hx, timespans=0.0)[1], hx)


def test_adjoint_memory_does_not_grow_with_the_solvers_steps():
    def kept(gradient, rtol: float) -> int:
        torch.manual_seed(0)
        rnn = ConductanceLTC(I, H, solver=Adaptive(rtol=rtol, atol=rtol), gradient=gradient, dtype=torch.float64)
        count = 0

        def pack(tensor: Tensor) -> Tensor:
            nonlocal count
            count += tensor.numel()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            rnn(torch.randn(T, B, I).double())
        return count

    assert kept(Adjoint(), 1e-10) == kept(Adjoint(), 1e-2)
    assert kept(BPTT(), 1e-10) > 3 * kept(BPTT(), 1e-2)


@pytest.mark.parametrize("solver", [Fused(), ExponentialMidpoint()], ids=str)
def test_adjoint_refuses_every_other_solver(solver):
    with pytest.raises(ValueError, match=r"gradient=Adjoint\(\) with solver=.*Adaptive\(\) alone.*Recompute"):
        LTC(I, H, solver=solver, gradient=Adjoint())
    with pytest.raises(ValueError, match="Adaptive"):
        CTGRU(I, H, gradient=Adjoint())


@pytest.mark.parametrize("every", [0, -3, 1.5, True])
def test_a_chunk_has_at_least_one_sample(every):
    for strategy in (Recompute, Truncated):
        with pytest.raises(ValueError, match=f"every={every!r}"):
            strategy(every)


def test_a_gradient_strategy_is_an_object():
    for layer in (LTC, CTGRU):
        with pytest.raises(ValueError, match="gradient='bptt': pass a gradient strategy object"):
            layer(I, H, gradient="bptt")
