"""The arguments, shapes and refusals of the layers."""

import inspect
import subprocess
import sys

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence

from cases import SOLVERS
from liquidtime import CTGRU, CTRNN, LTC, RK4, ConductanceLTC, Fused, NeuralODE, Truncated

T, B, I, H = 5, 3, 2, 4
ALL = [LTC, ConductanceLTC, CTRNN, NeuralODE, CTGRU]
over_layers = pytest.mark.parametrize("layer", ALL, ids=lambda layer: layer.__name__)


@over_layers
def test_the_signature_is_that_of_torchs_gru(layer):
    ours = list(inspect.signature(layer).parameters.values())
    # torch writes its own as *args; these are the arguments and defaults of its documentation.
    documented = {
        "input_size": inspect.Parameter.empty,
        "hidden_size": inspect.Parameter.empty,
        "num_layers": 1,
        "bias": True,
        "batch_first": False,
        "dropout": 0.0,
        "bidirectional": False,
        "device": None,
        "dtype": None,
    }
    assert {p.name: p.default for p in ours[:9]} == documented
    assert all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in ours[9:])
    call = list(inspect.signature(layer.forward).parameters)
    assert call[:3] == list(inspect.signature(torch.nn.GRU.forward).parameters)[:3] == ["self", "input", "hx"]


@over_layers
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
def test_shapes_are_those_of_torchs_gru(layer, bidirectional, batch_first, num_layers):
    arguments = (I, H, num_layers, True, batch_first, 0.0, bidirectional)
    ours, gru = layer(*arguments), torch.nn.GRU(*arguments)
    assert ours.flatten_parameters() is ours
    factor = ours.state_size // H
    lengths = torch.tensor([3, 5, 2])
    batch = torch.randn(B, T, I) if batch_first else torch.randn(T, B, I)
    packed = pack_padded_sequence(batch, lengths, batch_first, enforce_sorted=False)
    for x in (batch, torch.randn(T, I), packed):
        (output, h_n), (expected, expected_h) = ours(x), gru(x)
        if x is packed:
            for mine, its in zip(output, expected, strict=True):
                assert mine.shape == its.shape
            assert torch.equal(output.batch_sizes, expected.batch_sizes)
            assert torch.equal(output.sorted_indices, expected.sorted_indices)
        else:
            assert output.shape == expected.shape
        assert h_n.shape == (*expected_h.shape[:-1], factor * H)


@over_layers
def test_bias_false_means_none(layer):
    assert not [name for name, _ in layer(I, H, bias=False).named_parameters() if "bias" in name or "offset" in name]
    assert [name for name, _ in layer(I, H).named_parameters() if "bias" in name or "offset" in name]


@over_layers
def test_dropout_acts_between_layers_in_training_alone(layer):
    torch.manual_seed(0)
    rnn, x = layer(I, H, num_layers=2, dropout=0.5), torch.randn(T, B, I)
    assert not torch.equal(rnn(x)[0], rnn(x)[0])
    assert torch.equal(rnn(x)[1][0], rnn(x)[1][0])
    rnn.eval()
    assert torch.equal(rnn(x)[0], rnn(x)[0])
    with pytest.warns(UserWarning, match="does nothing with num_layers=1"):
        layer(I, H, dropout=0.5)


def test_repr_is_the_call_that_builds_the_layer():
    assert repr(LTC(3, 16, batch_first=True)) == "LTC(3, 16, batch_first=True, solver=Fused(substeps=6))"
    assert repr(NeuralODE(3, 4, 2, dropout=0.1)) == "NeuralODE(3, 4, num_layers=2, dropout=0.1, solver=RK4(substeps=6))"
    assert repr(CTGRU(3, 4, bidirectional=True)) == "CTGRU(3, 4, bidirectional=True)"
    assert repr(LTC(3, 4, bias=False)) == "LTC(3, 4, bias=False, solver=Fused(substeps=6))"
    assert repr(CTGRU(3, 4, gradient=Truncated(8))) == "CTGRU(3, 4, gradient=Truncated(every=8))"
    assert repr(ConductanceLTC(3, 4, init="ncps")) == "ConductanceLTC(3, 4, solver=Fused(substeps=6), init='ncps')"
    rnn = CTRNN(3, 4, solver=RK4(2), gradient=Truncated(8))
    assert repr(eval(repr(rnn))) == repr(rnn) == "CTRNN(3, 4, solver=RK4(substeps=2), gradient=Truncated(every=8))"


def test_equal_spans_of_one_are_the_default():
    for layer in ALL:
        torch.manual_seed(0)
        rnn, x = layer(I, H), torch.randn(T, B, I)
        expected = rnn(x)[0]
        for spans in (1.0, 1, torch.tensor(1.0), torch.ones(T), torch.ones(T, B), torch.ones(T, B, dtype=torch.int64)):
            assert torch.equal(rnn(x, timespans=spans)[0], expected)
        assert not torch.allclose(rnn(x, timespans=0.5)[0], expected, atol=1e-4)


def test_a_span_is_what_passes_before_its_sample_under_its_input():
    # dx/dt = −x/τ + 0 with f = 0: only the sum of the spans matters; with one input switched on, its span alone does.
    rnn = CTRNN(1, 1, tau=(2.0, 2.0), solver=RK4(50), dtype=torch.float64)
    with torch.no_grad():
        f = rnn.dynamics().f
        f.weight_recurrent.zero_()
        f.bias.zero_()
        f.weight_input.fill_(100.0)
    x = torch.tensor([0.0, 1.0, 0.0], dtype=torch.float64).view(3, 1, 1)
    dt = torch.tensor([0.7, 0.3, 1.1], dtype=torch.float64)
    output, _ = rnn(x, torch.ones(1, 1, 1, dtype=torch.float64), timespans=dt)
    after = torch.exp(-dt / 2)
    expected = [after[0], after[0] * after[1] + 2 * (1 - after[1])]
    expected.append(expected[1] * after[2])
    assert torch.allclose(output.flatten(), torch.stack(expected), rtol=1e-9)


def test_conductance_tau_and_mask_hold_in_every_layer():
    ring = torch.eye(H, dtype=torch.bool).roll(1, 0)
    first = torch.ones(I, H, dtype=torch.bool)
    first[0] = False
    rnn = ConductanceLTC(I, H, num_layers=2, bidirectional=True, recurrent_mask=ring, input_mask=first)
    for index in range(4):
        cell = rnn.dynamics(index)
        assert torch.equal(cell.w > 0, ring)
        assert cell.input_w.shape == ((I, H) if index < 2 else (2 * H, H))
        assert (cell.input_w > 0).all() == (index >= 2)
    x = torch.randn(T, B, I, requires_grad=True)
    rnn(x)[0].sum().backward()
    assert (x.grad[..., 0] == 0).all()
    assert (x.grad[..., 1] != 0).any()


def test_ctgru_decays_each_trace_at_its_own_time_constant():
    torch.manual_seed(0)
    rnn = CTGRU(I, H, dtype=torch.float64)
    hx, x = torch.randn(1, B, 8 * H).double(), torch.randn(1, B, I).double()
    tau = 10 ** (torch.arange(8).double() / 2)
    assert torch.allclose(rnn.time_constants(), tau, rtol=1e-13)
    assert torch.equal(rnn.time_constants(x, timespans=3.0), rnn.time_constants())
    for span in (0.3, 7.0):
        aged = (hx.view(1, B, H, 8) * torch.exp(-span / tau)).view_as(hx)
        assert torch.allclose(rnn(x, hx, timespans=span)[1], rnn(x, aged, timespans=0.0)[1], rtol=1e-13)
    _, updated = rnn(x, hx, timespans=0.0)
    assert not torch.allclose(updated, hx)


def test_ctgru_trace_by_trace():
    torch.manual_seed(0)
    rnn = CTGRU(I, H, dtype=torch.float64)
    cell, x, hx = rnn.cells[0], torch.randn(B, I).double(), torch.randn(B, H, 8).double()
    W_R, W_S, W_Q = cell.weight_input.chunk(3)
    b_R, b_S, b_Q = cell.bias.chunk(3)
    U_R, U_S = cell.weight_scales.chunk(2)
    log_tau = torch.log(torch.tensor(10.0, dtype=torch.float64)) * torch.arange(8) / 2
    memory = hx * torch.exp(-0.4 / log_tau.exp())
    gate = lambda W, U, b: torch.softmax(-(((x @ W.T + memory.sum(-1) @ U.T + b)[..., None] - log_tau) ** 2), -1)  # noqa: E731
    r, s = gate(W_R, U_R, b_R), gate(W_S, U_S, b_S)
    q = torch.tanh(x @ W_Q.T + (r * memory).sum(-1) @ cell.weight_candidate.T + b_Q)
    expected = (1 - s) * memory + s * q[..., None]
    output, h_n = rnn(x[None], hx.view(1, B, -1), timespans=0.4)
    assert torch.allclose(h_n.view(B, H, 8), expected, rtol=1e-13)
    assert torch.allclose(output[0], expected.sum(-1), rtol=1e-13)


@pytest.mark.parametrize("kernel", ["reference", "numba"])
def test_ctgru_writes_to_the_outermost_trace_however_large_the_input(kernel):
    torch.manual_seed(0)
    rnn = CTGRU(I, H, kernel=kernel)
    cell, x = rnn.cells[0], 1e9 * torch.randn(B, I)
    _, scale, candidate = (x @ cell.weight_input.T).chunk(3, -1)
    expected = torch.zeros(B, H, 8)
    expected[..., 0] = (scale < 0) * candidate.sign()
    expected[..., 7] = (scale > 0) * candidate.sign()
    assert torch.allclose(rnn(x[None])[1].view(B, H, 8), expected, rtol=0, atol=1e-30)


x = torch.zeros(T, B, I)
BAD_CALLS = {
    "feature count": (lambda r: r(torch.zeros(T, B, 7)), r"input has 7 features but input_size=2"),
    "no steps": (lambda r: r(torch.zeros(0, B, I)), r"no time steps"),
    "axes": (lambda r: r(torch.zeros(I)), r"input has 1 axes: pass \(T, B, I\)"),
    "type": (lambda r: r(x.double()), r"input is torch.float64 but the layer's parameters are torch.float32"),
    "negative span": (
        lambda r: r(x, timespans=torch.ones(T, B).index_put((torch.tensor(3), torch.tensor(1)), torch.tensor(-0.5))),
        r"timespans: -0.5 at sample 1, time step 3: .*not negative",
    ),
    "NaN span": (lambda r: r(x, timespans=torch.tensor([1, 1, torch.nan, 1, 1])), r"timespans: nan at time step 2"),
    "infinite span": (lambda r: r(x, timespans=torch.inf), r"timespans: inf: spans are elapsed times"),
    "span beyond the type": (lambda r: r(x, timespans=1e400), r"timespans: inf: spans are elapsed times"),
    "negative span for all": (
        lambda r: r(x, timespans=-2),
        r"timespans: -2.0: spans are elapsed times, finite and not",
    ),
    "span per feature": (lambda r: r(x, timespans=torch.ones(T, B, I)), r"timespans have shape \(5, 3, 2\)"),
    "spans transposed": (
        lambda r: r(x, timespans=torch.ones(B, T)),
        r"\(3, 5\) but the input asks for \(T, B\)=",
    ),
    "spans of another length": (lambda r: r(x, timespans=torch.ones(B)), r"shape \(3,\) but the input has T=5"),
    "boolean spans": (lambda r: r(x, timespans=torch.ones(T, B) > 0), r"timespans are torch.bool"),
    "length beyond T": (lambda r: r(x, lengths=[5, 9, 2]), r"lengths: 9 for sample 1 but the input has T=5"),
    "negative length": (lambda r: r(x, lengths=[5, 5, -1]), r"lengths: -1 for sample 2"),
    "lengths for another batch": (lambda r: r(x, lengths=[5, 5]), r"lengths have shape \(2,\) .* \(B,\)=\(3,\)"),
    "fractional lengths": (lambda r: r(x, lengths=torch.ones(B)), r"lengths are torch.float32: pass whole numbers"),
    "lengths unbatched": (lambda r: r(x[:, 0], lengths=[3]), r"lengths with an unbatched input"),
    "lengths packed": (lambda r: r(pack_padded_sequence(x, [5, 4, 3]), lengths=[5, 4, 3]), r"lengths beside a packed"),
    "spans not packed": (
        lambda r: r(pack_padded_sequence(x, [5, 4, 3]), timespans=torch.ones(T, B)),
        r"timespans beside a packed input: pack them the same way",
    ),
    "spans packed alone": (
        lambda r: r(x, timespans=pack_padded_sequence(torch.ones(T, B), [5, 4, 3])),
        r"pack both or neither",
    ),
    "spans packed otherwise": (
        lambda r: r(pack_padded_sequence(x, [5, 4, 3]), timespans=pack_padded_sequence(torch.ones(T, B), [5, 2, 1])),
        r"timespans are packed with lengths \[5, 2, 1\] but the input with \[5, 4, 3\]",
    ),
    "step span per batch and step": (lambda r: r.step(x[0], timespan=torch.ones(1, B)), r"timespan has shape \(1, 3\)"),
    "stream type": (lambda r: r.stream()(x[0].double()), r"x_t is torch.float64 but the layer's"),
    "a list": (lambda r: r([[1.0, 2.0]]), r"input is a list: pass a tensor"),
    "an array": (lambda r: r(x.numpy()), r"input is a ndarray: pass a tensor"),
    "nothing": (lambda r: r(None), r"input is a NoneType"),
    "sparse": (lambda r: r(x.to_sparse()), r"input is torch.sparse_coo: pass input.to_dense\(\)"),
    "integers": (lambda r: r(x.long()), r"input is torch.int64 but"),
    "spans None": (lambda r: r(x, timespans=None), r"timespans=None: pass a number or a tensor"),
    "spans True": (lambda r: r(x, timespans=True), r"timespans=True"),
    "spans text": (lambda r: r(x, timespans="1"), r"timespans='1'"),
    "spans dict": (lambda r: r(x, timespans={}), r"timespans is a dict that torch cannot read"),
    "spans complex": (lambda r: r(x, timespans=torch.ones(T, dtype=torch.complex64)), r"timespans are torch.complex64"),
    "lengths text": (lambda r: r(x, lengths="543"), r"lengths='543'"),
    "lengths ragged": (lambda r: r(x, lengths=[[1], [2, 3], 4]), r"lengths is a list that torch cannot read"),
    "packed images": (lambda r: r(pack_padded_sequence(x[..., None], [5, 4, 3])), r"packed input has 3 axes"),
    "hx list": (lambda r: r(x, [0.0]), r"hx is a list"),
    "hx integers": (lambda r: r(x, torch.zeros(1, B, r.state_size).long()), r"hx is torch.int64: pass hx.to"),
    "step list": (lambda r: r.step([1.0, 2.0]), r"x_t is a list"),
    "stream list": (lambda r: r.stream()([1.0, 2.0]), r"x_t is a list"),
    "stream span True": (lambda r: r.stream()(x[0], True), r"timespan=True"),
    "stream span boolean": (lambda r: r.stream()(x[0], torch.ones(B) > 0), r"timespan are torch.bool"),
    "hx": (lambda r: r(x, torch.zeros(1, 1, 1)), r"hx has shape \(1, 1, 1\) but this layer and input ask for \(1, 3, "),
    "step features": (lambda r: r.step(torch.zeros(B, 7)), r"input has 7 features"),
    "step axes": (lambda r: r.step(x), r"x_t has 3 axes: pass \(B, I\) or \(I,\)"),
    "step span": (lambda r: r.step(x[0], timespan=-1.0), r"timespans: -1.0"),
    "stream features": (
        lambda r: r.stream()(torch.zeros(7)),
        r"x_t has shape \(7,\): pass \(I,\) or .* with I=2",
    ),
    "stream span": (lambda r: r.stream()(x[0], -1.0), r"timespan: -1.0: spans are elapsed times"),
    "stream span shape": (lambda r: r.stream()(x[0], torch.ones(2)), r"timespan has shape \(2,\).*\(3,\)"),
}


@over_layers
@pytest.mark.parametrize("name", list(BAD_CALLS))
def test_a_bad_call_gets_one_clear_line(layer, name):
    call, message = BAD_CALLS[name]
    with pytest.raises(ValueError, match=message) as caught:
        call(layer(I, H))
    assert "\n" not in str(caught.value)


@over_layers
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"input_size": 0}, "input_size=0"),
        ({"hidden_size": -3}, "hidden_size=-3"),
        ({"num_layers": 0}, "num_layers=0"),
        ({"num_layers": 1.5}, "num_layers=1.5"),
        ({"num_layers": None}, "num_layers=None"),
        ({"dropout": 1.5}, "dropout=1.5"),
        ({"dropout": "0.1"}, "dropout='0.1'"),
        ({"bidirectional": "no"}, "bidirectional='no': pass True or False"),
        ({"batch_first": 1}, "batch_first=1: pass True or False"),
        ({"bias": None}, "bias=None"),
        ({"validate": "x"}, "validate='x'"),
    ],
)
def test_bad_sizes(layer, arguments, message):
    with pytest.raises(ValueError, match=message):
        layer(**{"input_size": I, "hidden_size": H, **arguments})


def test_bad_options():
    with pytest.raises(ValueError, match=r"solver='fused': pass a solver object such as Fused\(substeps=6\)"):
        LTC(I, H, solver="fused")
    with pytest.raises(ValueError, match="init='kaiming': choose one of 'published', 'ncps', 'fan_in'"):
        ConductanceLTC(I, H, init="kaiming")
    with pytest.raises(ValueError, match=r"recurrent_mask has shape \(2, 4\).*boolean tensor of shape \(4, 4\)"):
        ConductanceLTC(I, H, recurrent_mask=torch.ones(I, H) > 0)
    with pytest.raises(ValueError, match=r"input_mask .*torch.float32.*boolean"):
        ConductanceLTC(I, H, input_mask=torch.ones(I, H))
    for tau in ((0.0, 1.0), (2.0, 1.0), (1.0, torch.inf), 5, "ab", (True, True), ("1", "2"), (1e-9, 1.0)):
        with pytest.raises(ValueError, match=r"tau=.*in units of the time spans"):
            LTC(I, H, tau=tau)
    with pytest.raises(ValueError, match=r"init=\['x'\]"):
        ConductanceLTC(I, H, init=["x"])
    with pytest.raises(ValueError, match="recurrent_mask is a str"):
        ConductanceLTC(I, H, recurrent_mask="all")
    with pytest.raises(ValueError, match=r"one module but the layer has 2 cells"):
        LTC(I, H, num_layers=2, f=torch.nn.Linear(I, H))
    with pytest.raises(ValueError, match="f=3"):
        LTC(I, H, f=3)
    for call in ("step", "stream"):
        with pytest.raises(ValueError, match=f"{call} on a bidirectional layer"):
            getattr(LTC(I, H, bidirectional=True), call)(*([x[0]] if call == "step" else []))
    stream = LTC(I, H).stream()
    with pytest.raises(ValueError, match=r"state has shape \(2, 7\).*layers=1, S=4"):
        stream.state = torch.zeros(2, 7)
    stream(x[0])
    with pytest.raises(ValueError, match=r"set stream\.state = None to begin anew"):
        stream(x[0, :2])
    stream.state = None
    assert stream(x[0, :2]).shape == (2, H)


@over_layers
def test_validate_checks_values_under_compile_too(layer):
    rnn = layer(I, H, validate=True)
    with torch.inference_mode(), pytest.raises(ValueError, match="time step 0"):
        torch.compile(rnn, backend="eager")(x, timespans=torch.full((T, B), -1.0))


def test_a_mixed_batch_of_zero_and_long_spans_stays_finite():
    for layer in (LTC, ConductanceLTC):
        rnn = layer(I, H, solver=Fused())
        dt = torch.tensor([0.0, 1e-12, 1.0, 1e6, 0.0]).unsqueeze(1).expand(T, B)
        loud = 1e6 * torch.randn(T, B, I, requires_grad=True)
        output, _ = rnn(loud, timespans=dt)
        output.sum().backward()
        assert torch.isfinite(output).all()
        assert all(torch.isfinite(p.grad).all() for p in rnn.parameters())


def test_importing_the_package_brings_torch_and_the_layers_alone():
    program = "import sys, liquidtime; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    modules = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert {"torch", "liquidtime"} <= set(modules)
    tools = {"typer", "rich", "plotly", "sklearn", "polars", "safetensors", "matplotlib"}
    with_their_first_use = {"torchdiffeq", "scipy", "numba", "llvmlite", "triton"}
    assert not (tools | with_their_first_use) & set(modules)


def test_a_refused_sample_leaves_the_stream_as_it_was():
    stream = LTC(I, H).stream()
    for bad in (torch.zeros(I).double(), torch.zeros(7)):
        with pytest.raises(ValueError, match="x_t"):
            stream(bad)
        assert stream.state is None
    stream.state = torch.zeros(1, H, dtype=torch.float64)
    assert stream(torch.zeros(I)).dtype == torch.float32


class Free(torch.nn.Module):
    """An f without parameters, with dropout."""

    def forward(self, x, u):
        return torch.nn.functional.dropout(torch.sigmoid(x), 0.5, self.training) + u.sum(-1, keepdim=True)


def test_a_network_without_parameters():
    rnn = NeuralODE(I, H, f=Free()).eval()
    for kind in (torch.float32, torch.float64):
        assert rnn(x.to(kind))[0].dtype == kind
    assert torch.isinf(rnn.time_constants(x)).all()


def test_a_stream_is_in_evaluation_mode():
    rnn = LTC(I, H, f=Free()).train()
    streams = [rnn.stream() for _ in range(2)]
    assert torch.equal(*(stream(torch.ones(I)) for stream in streams))
    assert rnn.training


def test_solver_and_gradient_are_those_of_the_cells():
    rnn = LTC(I, H, solver=RK4(2), gradient=Truncated(8))
    assert (rnn.solver, rnn.gradient) == (RK4(2), Truncated(8))
    with pytest.raises(AttributeError):
        rnn.solver = Fused()


def test_spans_may_be_packed_in_another_way_with_the_same_lengths():
    rnn = LTC(I, H)
    packed = pack_padded_sequence(x[:4, :2], torch.tensor([4, 2]), enforce_sorted=False)
    spans = pack_sequence([torch.full((4,), 0.3), torch.full((2,), 0.3)])
    assert torch.equal(rnn(packed, timespans=spans)[1], rnn(packed, timespans=0.3)[1])


@pytest.mark.parametrize("solver", SOLVERS, ids=lambda solver: type(solver).__name__)
def test_an_empty_batch_gives_an_empty_output(solver):
    output, h_n = LTC(I, H, solver=solver)(torch.zeros(T, 0, I))
    assert (output.shape, h_n.shape) == ((T, 0, H), (1, 0, H))
