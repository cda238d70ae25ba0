"""Each right-hand side against its equation, written out neuron by neuron."""

import math

import pytest
import torch

from liquidtime import CTRNN, LTC, ConductanceLTC, NeuralODE
from liquidtime.dynamics import Field, Perceptron
from liquidtime.dynamics.base import inverse_positive, positive

B, I, H = 3, 2, 4


def drive_decay(layer, x, u):
    dynamics = layer.dynamics()
    coefficients = dynamics.coefficients()
    return Field(dynamics, coefficients, dynamics.prepare(u, coefficients))(x)


@pytest.fixture
def x():
    return torch.randn(B, H, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def u():
    return torch.randn(B, I, dtype=torch.float64, generator=torch.Generator().manual_seed(2))


def perceptron(f, x, u, activation):
    z = f.bias + u @ f.weight_input.T + x @ f.weight_recurrent.T
    return activation(z)


def test_neural_ode(x, u):
    layer = NeuralODE(I, H, dtype=torch.float64)
    drive, decay = drive_decay(layer, x, u)
    assert torch.allclose(drive, perceptron(layer.dynamics().f, x, u, torch.tanh))
    assert (decay == 0).all()


def test_ctrnn(x, u):
    layer = CTRNN(I, H, tau=(0.5, 8.0), dtype=torch.float64)
    drive, decay = drive_decay(layer, x, u)
    assert torch.allclose(drive, perceptron(layer.dynamics().f, x, u, torch.tanh))
    assert torch.allclose(1 / decay, layer.dynamics().tau.expand(B, H))


def test_ltc(x, u):
    layer = LTC(I, H, dtype=torch.float64)
    f = perceptron(layer.dynamics().f, x, u, torch.sigmoid)
    drive, decay = drive_decay(layer, x, u)
    assert torch.allclose(drive, f * layer.dynamics().A)
    assert torch.allclose(decay, 1 / layer.dynamics().tau + f)


def test_a_signed_f_never_takes_from_the_decay(x, u):
    layer = LTC(I, H, f=Perceptron(I, H, torch.tanh, dtype=torch.float64)).double()
    f = perceptron(layer.dynamics().f, x, u, torch.tanh)
    assert (f < 0).any()
    drive, decay = drive_decay(layer, x, u)
    assert torch.allclose(drive, f * layer.dynamics().A)
    assert torch.allclose(decay, 1 / layer.dynamics().tau + f.abs())


@pytest.mark.parametrize("masked", [False, True])
def test_conductance_neuron_by_neuron(x, u, masked):
    masks = {}
    if masked:
        g = torch.Generator().manual_seed(3)
        masks = {
            "recurrent_mask": torch.rand(H, H, generator=g) > 0.5,
            "input_mask": torch.rand(I, H, generator=g) > 0.5,
        }
    layer = ConductanceLTC(I, H, **masks, dtype=torch.float64)
    cell = layer.dynamics()
    with torch.no_grad():
        cell.input_scale.add_(0.3)
        cell.input_offset.sub_(0.2)
    drive, decay = drive_decay(layer, x, u)
    v = u * cell.input_scale + cell.input_offset
    for b in range(B):
        for i in range(H):
            conductance, current = cell.g_leak[i], cell.g_leak[i] * cell.E_leak[i]
            for j in range(H):
                if not masked or masks["recurrent_mask"][j, i]:
                    s = cell.w[j, i] / (1 + torch.exp(-cell.gamma[j, i] * (x[b, j] - cell.mu[j, i])))
                    conductance, current = conductance + s, current + s * cell.E[j, i]
            for j in range(I):
                if not masked or masks["input_mask"][j, i]:
                    s = cell.input_w[j, i] / (1 + torch.exp(-cell.input_gamma[j, i] * (v[b, j] - cell.input_mu[j, i])))
                    conductance, current = conductance + s, current + s * cell.input_E[j, i]
            assert decay[b, i].item() == pytest.approx((conductance / cell.C[i]).item(), rel=1e-12)
            assert drive[b, i].item() == pytest.approx((current / cell.C[i]).item(), rel=1e-12)


def test_putting_a_synaptic_current_into_the_neuron_equation_gives_the_ltc(x, u):
    # dv/dt = −v/τ + S with S = f (A − v) is dv/dt = f A − (1/τ + f) v.
    layer = LTC(I, H, dtype=torch.float64)
    f = perceptron(layer.dynamics().f, x, u, torch.sigmoid)
    drive, decay = drive_decay(layer, x, u)
    S = f * (layer.dynamics().A - x)
    assert torch.allclose(drive - decay * x, -x / layer.dynamics().tau + S)


def test_an_absent_synapse_has_no_influence_and_no_gradient(x, u):
    recurrent = torch.ones(H, H, dtype=torch.bool)
    recurrent[1, 2] = False
    inputs = torch.ones(I, H, dtype=torch.bool)
    inputs[0, 3] = False
    layer = ConductanceLTC(I, H, recurrent_mask=recurrent, input_mask=inputs, dtype=torch.float64)
    x, u = x.requires_grad_(), u.requires_grad_()
    drive, decay = drive_decay(layer, x, u)
    for value in (drive, decay):
        assert torch.autograd.grad(value[:, 2].sum(), x, retain_graph=True)[0][:, 1].abs().max() == 0
        assert torch.autograd.grad(value[:, 1].sum(), x, retain_graph=True)[0][:, 1].abs().max() > 0
        assert torch.autograd.grad(value[:, 3].sum(), u, retain_graph=True)[0][:, 0].abs().max() == 0
    (drive.sum() + 2 * decay.sum()).backward()
    cell = layer.dynamics()
    for name in ("raw_w", "raw_gamma", "mu", "E"):
        assert getattr(cell, name).grad[1, 2] == 0
        assert (getattr(cell, name).grad != 0).sum() == H * H - 1
        assert (
            getattr(cell, f"raw_input_{name.removeprefix('raw_')}" if "raw" in name else f"input_{name}").grad[0, 3]
            == 0
        )


def test_a_mask_is_copied_and_may_serve_two_layers():
    mask = torch.eye(H, dtype=torch.bool)
    first, second = (ConductanceLTC(size, H, recurrent_mask=mask) for size in (2, 5))
    mask.fill_(True)
    for layer in (first, second):
        assert torch.equal(layer.dynamics().recurrent_mask, torch.eye(H, dtype=torch.bool))
    assert first(torch.randn(3, 1, 2))[0].shape == second(torch.randn(3, 1, 5))[0].shape


def test_published_start():
    torch.manual_seed(0)
    cell = ConductanceLTC(7, 64, init="published").dynamics()
    for value, low, high in ((cell.w, 0.01, 1), (cell.gamma, 3, 8), (cell.mu, 0.3, 0.8), (cell.E_leak, -0.2, 0.2)):
        assert low - 1e-5 <= value.min() < low + 0.05 * (high - low)
        assert high - 0.05 * (high - low) < value.max() <= high + 1e-5
    assert set(cell.E.flatten().tolist()) == {-1.0, 1.0}
    assert abs(float(cell.E.detach().mean())) < 0.1
    assert torch.allclose(cell.g_leak, torch.ones(64))
    assert torch.allclose(cell.C, torch.full((64,), 0.5 / 6))
    assert torch.allclose(ConductanceLTC(7, 64, init="ncps").dynamics().C, torch.full((64,), 0.5))


def test_fan_in_start_does_not_forget_faster_as_the_network_grows():
    def mean_tau(init, size):
        torch.manual_seed(0)
        return float(ConductanceLTC(16, size, init=init).time_constants(torch.randn(1, 20, 16)).detach().mean())

    assert mean_tau("published", 256) < mean_tau("published", 32) / 2
    assert mean_tau("fan_in", 256) == pytest.approx(mean_tau("fan_in", 32), rel=0.25)


def test_resting_time_constants_can_be_drawn():
    for layer in (LTC(2, 500, tau=(0.5, 50)), CTRNN(2, 500, tau=(0.5, 50)), ConductanceLTC(2, 500, tau=(0.5, 50))):
        cell = layer.dynamics()
        tau = (cell.C / cell.g_leak if isinstance(layer, ConductanceLTC) else cell.tau).detach()
        assert 0.4999 < tau.min() < 0.6
        assert 45 < tau.max() < 50.01
        assert float(tau.log().mean()) == pytest.approx(math.log(5), abs=0.2)


def test_positive_has_an_inverse_and_no_zero():
    y = torch.logspace(-5, 2, 50, dtype=torch.float64)
    assert torch.allclose(positive(inverse_positive(y)), y, rtol=1e-9)
    assert (positive(torch.tensor([-1e4, -150.0, -20.0])) > 0).all()


def test_f_must_return_one_value_per_neuron():
    class Wrong(torch.nn.Module):
        def forward(self, x, u):
            return u

    with pytest.raises(ValueError, match=r"f returned shape \(3, 2\) for a state of shape \(3, 4\)"):
        LTC(I, H, f=Wrong())(torch.randn(1, B, I))
