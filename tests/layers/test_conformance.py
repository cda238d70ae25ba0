"""Every layer with every solver keeps the same contract. All dimensions differ, so that a wrong broadcast fails."""

import copy
import itertools
import pickle

import pytest
import torch
from torch import Tensor
from torch.nn.utils import parametrize, prune
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from cases import CASES, COVERING, ODE_CASES, TRACEABLE, Case
from liquidtime import BPTT, RK4, Adaptive, Adjoint, Recompute, Truncated
from liquidtime.layers import Recurrent

B, T, I, H, L = 7, 6, 8, 5, 2
LENGTHS = torch.tensor([6, 2, 4, 1, 5, 3, 6])

# A user's own f in bfloat16 is too coarse for an iteration to a tolerance.
COARSE = [case for case in CASES if not (case.iterates and case.name == "signed-LTC")]
DECAYING = [case for case in ODE_CASES if case.name != "NeuralODE"]

# Where |f| has its kink the adaptive method's steps change from one difference quotient to the next.
KINKED = next(case for case in CASES if case.name == "signed-LTC" and isinstance(case.solver, Adaptive))

over_all = pytest.mark.parametrize("case", CASES, ids=str)
over_odes = pytest.mark.parametrize("case", ODE_CASES, ids=str)
each_layer_and_each_solver_once = pytest.mark.parametrize("case", COVERING, ids=str)
over_traceable = pytest.mark.parametrize("case", TRACEABLE, ids=str)


def draw(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def spans(*shape: int, seed: int = 2) -> Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)) * 1.5


def start(rnn: Recurrent, batch: int = B) -> Tensor:
    return 0.3 * draw(len(rnn.cells), batch, rnn.state_size, seed=3)


def close(a: Tensor, b: Tensor, tolerance: float = 1e-12) -> bool:
    return torch.allclose(a, b, rtol=tolerance, atol=tolerance)


def tolerance(case: Case) -> float:
    """Newton and the adaptive method stop at a tolerance of their own, and may stop elsewhere in another batch; at a
    kink, such as |f| of a signed f has, the adaptive method's error estimate is less sharp."""
    return 1e-6 if case.iterates else 1e-12


def test_each_test_distinguishes_its_axes():
    stacked = 2 * 2
    assert len({B, T, I, H, L, L + 1, stacked}) == 7
    assert all(getattr(case.solver, "substeps", L) == L for case in CASES)


@over_all
@pytest.mark.parametrize("batch_first", [False, True])
def test_batch_equals_one_by_one_with_unequal_spans(case, batch_first):
    rnn = case.build(I, H, num_layers=2, bidirectional=True, batch_first=batch_first, dtype=torch.float64)
    x, dt, hx = draw(T, B, I), spans(T, B), start(rnn)
    laid = (x.transpose(0, 1), dt.T) if batch_first else (x, dt)
    output, h_n = rnn(laid[0], hx, timespans=laid[1], lengths=LENGTHS)
    for b, n in enumerate(LENGTHS.tolist()):
        alone, last = rnn(x[:n, b], hx[:, b], timespans=dt[:n, b])
        mine = output[b] if batch_first else output[:, b]
        assert close(mine[:n], alone, tolerance(case))
        assert close(h_n[:, b], last, tolerance(case))
        assert (mine[n:] == 0).all()


@over_all
def test_spans_per_sample_are_right_also_where_the_batch_is_as_large_as_the_layer(case):
    rnn = case.build(I, H, dtype=torch.float64)
    x, dt = draw(T, H, I), spans(T, H)
    output, _ = rnn(x, timespans=dt)
    for b in range(H):
        assert close(output[:, b], rnn(x[:, b], timespans=dt[:, b])[0], tolerance(case))
    assert not close(output, rnn(x, timespans=dt.flip(1))[0], 1e-4)


@over_all
def test_whole_equals_pieces_with_carried_state(case):
    rnn = case.build(I, H, num_layers=2, dtype=torch.float64)
    x, dt, hx = draw(T, B, I), spans(T, B), start(rnn)
    output, h_n = rnn(x, hx, timespans=dt)
    first, state = rnn(x[:2], hx, timespans=dt[:2])
    second, last = rnn(x[2:], state, timespans=dt[2:])
    assert close(torch.cat([first, second]), output)
    assert close(last, h_n)


@over_all
@pytest.mark.parametrize("batch_first", [False, True])
def test_step_equals_whole(case, batch_first):
    rnn = case.build(I, H, num_layers=2, batch_first=batch_first, dtype=torch.float64)
    x, dt, state = draw(T, B, I), spans(T, B), start(rnn)
    output, h_n = rnn(x.transpose(0, 1), state, timespans=dt.T) if batch_first else rnn(x, state, timespans=dt)
    for t in range(T):
        shown, state = rnn.step(x[t], state, dt[t])
        assert close(shown, output[:, t] if batch_first else output[t])
    assert close(state, h_n)
    alone, state = rnn.step(x[0, 0], timespan=0.7)
    assert alone.shape == (H,)
    assert state.shape == (2, rnn.state_size)


@over_all
@pytest.mark.parametrize("batched", [True, False])
def test_stream_equals_whole(case, batched):
    rnn = case.build(I, H, num_layers=2, dtype=torch.float64)
    x, dt = draw(T, B, I), spans(T, B)
    x, dt = (x, dt) if batched else (x[:, 0], dt[:, 0])
    output, h_n = rnn(x, timespans=dt)
    stream = rnn.stream()
    for t in range(T):
        if t == 3:
            state, stream = stream.state, rnn.stream()
            stream.state = state
        shown = stream(x[t], dt[t] if batched else float(dt[t]))
        assert close(shown, output[t])
        assert not shown.requires_grad
    assert close(stream.state, h_n)


@over_all
def test_a_stream_is_frozen(case):
    rnn = case.build(I, H, dtype=torch.float64)
    stream, expected = rnn.stream(), rnn.stream()(draw(I))
    with torch.no_grad():
        for parameter in rnn.parameters():
            parameter.add_(0.1)
    assert torch.equal(stream(draw(I)), expected)
    assert not torch.equal(rnn.stream()(draw(I)), expected)


@over_all
def test_padding_never_leaks(case):
    rnn = case.build(I, H, num_layers=2, bidirectional=True, dtype=torch.float64)
    hx = start(rnn)

    def run(filler: float) -> list[Tensor]:
        x, dt = draw(T, B, I), spans(T, B)
        for b, n in enumerate(LENGTHS.tolist()):
            x[n:, b], dt[n:, b] = filler, filler
        inputs = [x.requires_grad_(), dt.requires_grad_(), hx.clone().requires_grad_()]
        output, h_n = rnn(inputs[0], inputs[2], timespans=inputs[1], lengths=LENGTHS)
        loss = (output * draw(*output.shape, seed=5)).sum() + (h_n * draw(*h_n.shape, seed=6)).sum()
        return [output, h_n, *torch.autograd.grad(loss, [*inputs, *rnn.parameters()])]

    quiet, loud = run(0.0), run(float("nan"))
    for a, b in zip(quiet, loud, strict=True):
        assert torch.isfinite(a).all()
        assert torch.equal(a, b)


@over_odes
def test_a_span_of_zero_is_exactly_the_identity(case):
    for dtype in (torch.float32, torch.float64):
        rnn = case.build(I, H, dtype=dtype)
        hx = start(rnn).to(dtype)
        output, h_n = rnn(1e3 * draw(T, B, I).to(dtype), hx, timespans=0.0)
        assert torch.equal(h_n, hx)
        assert torch.equal(output, hx.expand(T, -1, -1))


@pytest.mark.parametrize("case", [case for case in CASES if case != KINKED], ids=str)
def test_gradients_are_those_of_finite_differences(case):
    rnn = case.build(I, H, dtype=torch.float64)
    names = [name for name, _ in rnn.named_parameters()]
    x, dt, hx = draw(3, 2, I), 0.2 + spans(3, 2), start(rnn, 2)

    def call(x: Tensor, dt: Tensor, hx: Tensor, *parameters: Tensor) -> tuple[Tensor, Tensor]:
        replaced = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(rnn, replaced, (x, hx), {"timespans": dt, "lengths": [3, 2]})

    inputs = [x, dt, hx, *(p.detach().clone() for p in rnn.parameters())]
    assert torch.autograd.gradcheck(call, [i.requires_grad_() for i in inputs], eps=1e-6, atol=1e-6, fast_mode=True)


def test_gradients_through_a_kink_are_those_of_many_small_steps():
    fine = Case(KINKED.name, RK4(100))
    x, dt = draw(3, 2, I).requires_grad_(), (0.2 + spans(3, 2)).requires_grad_()

    def gradients(case: Case) -> tuple[Tensor, ...]:
        rnn = case.build(I, H, dtype=torch.float64)
        output, _ = rnn(x, timespans=dt)
        return torch.autograd.grad(output.square().sum(), [x, dt, *rnn.parameters()])

    for ours, theirs in zip(gradients(KINKED), gradients(fine), strict=True):
        assert (ours - theirs).abs().max() < 1e-3 * theirs.abs().max()


@over_all
def test_gradient_reaches_every_parameter(case):
    rnn = case.build(I, H, num_layers=2, bidirectional=True, dtype=torch.float64)
    output, _ = rnn(draw(T, B, I), timespans=spans(T, B))
    output.square().sum().backward()
    for name, parameter in rnn.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.abs().sum() > 0, name


@over_all
def test_packed_and_padded_agree(case):
    rnn = case.build(I, H, num_layers=2, bidirectional=True, dtype=torch.float64)
    x, dt, hx = draw(T, B, I), spans(T, B), start(rnn)
    output, h_n = rnn(x, hx, timespans=dt, lengths=LENGTHS)
    for ordered in (False, True):
        order = LENGTHS.argsort(descending=True) if ordered else torch.arange(B)
        pack = lambda v: pack_padded_sequence(v[:, order], LENGTHS[order], enforce_sorted=ordered)  # noqa: E731, B023
        packed, last = rnn(pack(x), hx[:, order], timespans=pack(dt))
        again, lengths = pad_packed_sequence(packed)
        assert torch.equal(lengths, LENGTHS[order])
        assert close(again, output[:, order], tolerance(case))
        assert close(last, h_n[:, order], tolerance(case))


@over_all
@pytest.mark.parametrize("n", [4, T])
def test_the_reverse_direction_walks_the_spans_backwards(case, n):
    rnn = case.build(I, H, bidirectional=True, dtype=torch.float64)
    x, dt = draw(T, B, I), spans(T, B)
    output, h_n = rnn(x, timespans=dt, lengths=None if n == T else [n] * B)
    one_way = case.build(I, H, dtype=torch.float64)
    one_way.cells[0].load_state_dict(rnn.cells[1].state_dict())
    order = [0, *range(n - 1, 0, -1)]
    backwards, last = one_way(x[:n].flip(0), timespans=dt[order])
    assert close(output[:n, :, H:], backwards.flip(0), tolerance(case))
    assert close(h_n[1], last[0], tolerance(case))


@over_odes
def test_trace_and_time_constants_describe_the_run(case):
    rnn = case.build(I, H, num_layers=2, batch_first=True, dtype=torch.float64)
    x, dt, hx = draw(B, T, I), spans(B, T), start(rnn)
    output, _ = rnn(x, hx, timespans=dt)
    trace = rnn.trace(x, hx, timespans=dt)
    assert trace.shape == (2, B, T, getattr(case.solver, "substeps", 1) + 1, H)
    assert close(trace[:, :, 0, 0], hx)
    assert close(trace[:, :, 1:, 0], trace[:, :, :-1, -1])
    assert close(trace[1, :, :, -1], output)
    tau = rnn.time_constants(x, hx, timespans=dt)
    assert tau.shape == (2, B, T, H)
    cell = rnn.cells[1]
    below = trace[0, :, :, -1].reshape(B * T, H)
    coefficients = cell.coefficients()
    _, decay = cell.dynamics.drive_decay(output.reshape(B * T, H), cell.prepare(below, coefficients), coefficients)
    assert close(tau[1].reshape(B * T, H), 1 / decay)
    assert (tau > 0).all()


@over_all
def test_state_dict_round_trips(case):
    rnn, x = case.build(I, H, num_layers=2, dtype=torch.float64), draw(T, B, I)
    expected = rnn(x)[0]
    torch.manual_seed(9)
    state = {name: value.clone() for name, value in rnn.state_dict().items()}
    other = case.build(I, H, num_layers=2, dtype=torch.float64)
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(0.1)
    assert not torch.equal(other(x)[0], expected)
    other.load_state_dict(state, assign=True)
    assert torch.equal(other(x)[0], expected)
    bare = copy.deepcopy(rnn).to("meta").to_empty(device="cpu")
    bare.load_state_dict(state)
    assert torch.equal(bare(x)[0], expected)
    assert torch.equal(pickle.loads(pickle.dumps(rnn))(x)[0], expected)


@over_all
def test_parameters_are_read_through_the_module(case):
    rnn, x = case.build(I, H, dtype=torch.float64), draw(T, B, I)
    expected = rnn(x)[0]
    for name, parameter in rnn.named_parameters():
        replaced = {name: parameter.detach() + 0.1}
        assert not torch.equal(torch.func.functional_call(rnn, replaced, (x,))[0], expected), name

    class Shift(torch.nn.Module):
        def forward(self, value: Tensor) -> Tensor:
            return value + 0.1

    name, _ = next(iter(rnn.named_parameters()))
    path, leaf = name.rsplit(".", 1)
    parametrized = copy.deepcopy(rnn)
    parametrize.register_parametrization(parametrized.get_submodule(path), leaf, Shift())
    assert not torch.equal(parametrized(x)[0], expected)


@each_layer_and_each_solver_once
def test_a_pruned_layer_trains_and_streams(case):
    rnn, x = case.build(I, H, dtype=torch.float64), draw(T, B, I)
    outputs = [rnn(x)[0]]
    path, leaf = next(iter(rnn.named_parameters()))[0].rsplit(".", 1)
    module = rnn.get_submodule(path)
    prune.random_unstructured(module, leaf, amount=0.5)
    optimiser = torch.optim.SGD(rnn.parameters(), lr=0.1)
    for _ in range(3):
        outputs.append(rnn(x)[0])
        optimiser.zero_grad()
        outputs[-1].square().sum().backward()
        optimiser.step()
    for before, after in itertools.pairwise(outputs):
        assert not torch.equal(before, after)
    mask, gradient = getattr(module, f"{leaf}_mask"), getattr(module, f"{leaf}_orig").grad
    assert (gradient[mask == 0] == 0).all()
    stream = rnn.stream()
    assert close(torch.stack([stream(x[t]) for t in range(T)]), rnn(x)[0])


@each_layer_and_each_solver_once
@pytest.mark.parametrize("strategy", [Recompute(2), Truncated(T), Adjoint()], ids=str)
def test_gradients_are_those_of_the_parameters_that_were_called_with(case, strategy):
    if isinstance(strategy, Adjoint) and not isinstance(case.solver, Adaptive):
        strategy = BPTT()
    rnn, plain = (case.build(I, H, gradient=g, dtype=torch.float64) for g in (strategy, BPTT()))
    x = draw(T, B, I).requires_grad_()
    given = {name: (p.detach() + 0.1).requires_grad_() for name, p in rnn.named_parameters()}

    def gradients(layer: Recurrent) -> tuple[Tensor, ...]:
        loss = torch.func.functional_call(layer, given, (x,))[0].square().sum()
        return torch.autograd.grad(loss, [x, *given.values()])

    for ours, theirs in zip(gradients(rnn), gradients(plain), strict=True):
        assert close(ours, theirs, 1e-6 if isinstance(strategy, Adjoint) else 1e-12)


@over_traceable
def test_an_ensemble_runs_under_vmap(case):
    members = [case.build(I, H, dtype=torch.float64) for _ in range(7)]
    for k, member in enumerate(members):
        with torch.no_grad():
            for parameter in member.parameters():
                parameter.add_(0.02 * k)
    parameters, buffers = torch.func.stack_module_state(members)
    x, dt = draw(T, B, I), spans(T, B)
    run = lambda p, b: torch.func.functional_call(members[0], (p, b), (x,), {"timespans": dt})[0]  # noqa: E731
    together = torch.func.vmap(run)(parameters, buffers)
    assert close(together, torch.stack([member(x, timespans=dt)[0] for member in members]))


@each_layer_and_each_solver_once
@pytest.mark.filterwarnings("default")  # torch warns of its own internals while it compiles
def test_compiles(case):
    rnn, x, dt = case.build(I, H), draw(3, B, I).float(), spans(3, B).float()
    compiled = torch.compile(rnn, backend="aot_eager", fullgraph=not case.iterates)
    ours, theirs = compiled(x, timespans=dt)[0], rnn(x, timespans=dt)[0]
    assert close(ours, theirs, 1e-5)
    ours.square().sum().backward()
    assert all(parameter.grad is not None for parameter in rnn.parameters())


@each_layer_and_each_solver_once
@pytest.mark.filterwarnings("default")  # torch warns of its own internals while it exports
def test_exports_with_a_dynamic_number_of_steps_and_series(case):
    rnn = case.build(I, H)
    if case.iterates:
        with pytest.raises(Exception, match=r"compiler\.disable"):
            torch.export.export(rnn, (draw(T, B, I).float(),))
        return
    axes = {0: torch.export.Dim("steps", min=2, max=1000), 1: torch.export.Dim("series", min=2, max=99)}
    program = torch.export.export(
        rnn,
        (draw(T, B, I).float(),),
        {"timespans": spans(T, B).float()},
        dynamic_shapes={"input": axes, "timespans": axes},
    )
    x, dt = draw(11, 9, I, seed=7).float(), spans(11, 9, seed=8).float()
    assert close(program.module()(x, timespans=dt)[0], rnn(x, timespans=dt)[0], 1e-6)
    assert len(program.graph.nodes) < 200


@pytest.mark.parametrize("case", COARSE, ids=str)
def test_bfloat16_and_autocast_stay_near_single_precision(case):
    rnn, x, dt = case.build(I, H), draw(T, B, I).float(), 0.3 * spans(T, B).float()
    expected = rnn(x, timespans=dt)[0]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        mixed, _ = rnn(x, timespans=dt)
        mixed.sum().backward()
    assert close(mixed.float(), expected, 0.05)
    assert all(torch.isfinite(parameter.grad).all() for parameter in rnn.parameters())
    half = rnn.to(torch.bfloat16)
    output, h_n = half(x.bfloat16(), timespans=dt.bfloat16())
    assert output.dtype == h_n.dtype == torch.bfloat16
    assert close(output.float(), expected, 0.1)


@pytest.mark.parametrize("case", DECAYING, ids=str)
def test_no_step_of_an_optimiser_makes_a_decay_negative(case):
    rnn, x = case.build(I, H, dtype=torch.float64), draw(T, B, I)
    raw = [parameter for name, parameter in rnn.named_parameters() if ".raw_" in name]
    assert raw
    for size in (5.0, 1e3, -1e3):
        with torch.no_grad():
            for parameter in raw:
                parameter.sub_(size)
        cell = rnn.cells[0]
        coefficients = cell.coefficients()
        _, decay = cell.dynamics.drive_decay(draw(B, H), cell.prepare(x[0], coefficients), coefficients)
        assert (decay > 0).all()
        assert torch.isfinite(decay).all()
        with torch.no_grad():
            for parameter in raw:
                parameter.add_(size)


@over_all
def test_training_stays_finite_and_learns(case):
    rnn, x = case.build(I, H), draw(T, B, I).float()
    target = torch.sin(x.sum(-1, keepdim=True)) / 4
    optimiser = torch.optim.Adam(rnn.parameters(), lr=0.02)
    losses = []
    for _ in range(20):
        loss = (rnn(x, timespans=0.3)[0] - target).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert all(torch.isfinite(parameter).all() for parameter in rnn.parameters())
    assert losses[-1] < 0.9 * losses[0]


@over_all
def test_a_length_of_zero_leaves_the_state(case):
    rnn = case.build(I, H, bidirectional=True, dtype=torch.float64)
    hx = start(rnn)
    lengths = torch.tensor([0, T, 0, 3, 0, 0, 1])
    output, h_n = rnn(draw(T, B, I), hx, timespans=spans(T, B), lengths=lengths)
    empty = lengths == 0
    assert torch.equal(h_n[:, empty], hx[:, empty])
    assert (output[:, empty] == 0).all()
    assert (output[:, lengths == T] != 0).all()


@over_odes
def test_trace_and_time_constants_follow_lengths_packing_and_both_directions(case):
    rnn = case.build(I, H, num_layers=2, bidirectional=True, dtype=torch.float64)
    x, dt, hx = draw(T, B, I), spans(T, B), start(rnn)
    for look in (rnn.trace, rnn.time_constants):
        padded = look(x, hx, timespans=dt, lengths=LENGTHS)
        pack = lambda v: pack_padded_sequence(v, LENGTHS, enforce_sorted=False)  # noqa: E731
        assert close(look(pack(x), hx, timespans=pack(dt)), padded, tolerance(case))
        for b, n in enumerate(LENGTHS.tolist()):
            alone = look(x[:n, b], hx[:, b], timespans=dt[:n, b])
            assert close(padded[:, :n, b], alone, tolerance(case))
            assert (padded[:, n:, b] == 0).all()
