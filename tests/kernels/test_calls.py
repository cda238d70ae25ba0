"""A kernel serves every call that the reference serves: sizes, layouts, threads, numbers that are none."""

import pytest
import torch

from kernel_tools import agree, gradients, over_kinds, pair
from liquidtime import ConductanceLTC, Fused
from liquidtime.kernels.cpu import entry


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
    x, spans = wide[..., ::2, 1], wide[:, :, 0, 0].abs().flip(0)
    hx = torch.randn(fast.state_size, 5, 1, dtype=torch.float64).permute(2, 1, 0)
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
