"""Networks side by side are the networks one by one."""

import pytest
import torch

from liquidtime import LTC, ConductanceLTC
from liquidtime.dynamics import ConductanceDynamics
from liquidtime.dynamics.base import inverse_positive
from liquidtime.theory import state_bounds, time_constant_bounds
from populations import FORMS, HIDDEN, INPUTS, drawn


def layer_of(kind, networks, n):
    """A layer of the library with the parameters of network n."""
    c = [part[n] for part in networks.coefficients]
    with torch.no_grad():
        if kind == "conductance":
            start = {"gamma": c[0], "mu": -c[1] / c[0], "w": c[2], "E": c[3] / c[2]}
            start |= {"input_gamma": c[4], "input_mu": -c[5] / c[4], "input_w": c[6], "input_E": c[7] / c[6]}
            start |= {"C": torch.ones_like(c[8]), "g_leak": c[8], "E_leak": c[9] / c[8]}
            layer = ConductanceLTC(INPUTS, HIDDEN, dtype=torch.float64, kernel="reference")
            layer.dynamics().load_state_dict(ConductanceDynamics(start).state_dict())
            return layer
        layer = LTC(INPUTS, HIDDEN, f=networks.dynamics.f, tau=(1.0, 1.0), dtype=torch.float64)
        dynamics, f = layer.dynamics(), networks.dynamics.f
        for parameter, value in zip(
            (dynamics.raw_tau, dynamics.A, f.weight_recurrent, f.weight_input, f.bias),
            (inverse_positive(1 / c[0]), *c[1:]),
            strict=True,
        ):
            parameter.copy_(value)
        return layer


@pytest.mark.parametrize("kind", sorted(FORMS))
def test_each_network_is_that_of_a_layer_with_its_parameters(kind):
    networks, x, u, _ = drawn(kind, 1, count=5, size=1.0)
    drive, decay = networks.field(u)(x)
    for n in range(len(networks)):
        layer = layer_of(kind, networks, n)
        c = layer.dynamics().coefficients()
        of_layer = layer.dynamics().drive_decay(x[n : n + 1], layer.dynamics().prepare(u[n : n + 1], c), c)
        for ours, theirs in zip((drive, decay), of_layer, strict=True):
            assert torch.allclose(ours[n], theirs[0], rtol=1e-9)
        box, interval = state_bounds(layer), time_constant_bounds(layer)
        assert torch.allclose(networks.lower[n], box.lower[0], rtol=1e-9)
        assert torch.allclose(networks.upper[n], box.upper[0], rtol=1e-9)
        assert torch.allclose(1 / networks.fastest[n], interval.lower[0], rtol=1e-9)
        assert torch.allclose(1 / networks.slowest[n], interval.upper[0], rtol=1e-9)


def test_a_subset_is_the_same_networks():
    networks, x, u, _ = drawn("conductance", 2, count=7)
    index = torch.tensor([5, 0, 5])
    part = networks.subset(index)
    assert len(part) == 3
    for ours, theirs in zip(part.field(u[index])(x[index]), networks.field(u)(x), strict=True):
        assert torch.allclose(ours, theirs[index], rtol=1e-12)
    assert torch.equal(part.upper, networks.upper[index])


def test_states_lie_inside_and_on_faces():
    networks, x, _, _ = drawn("conductance", 3, count=200)
    assert float(networks.excess(x).max()) < 1e-12
    on_a_face = (x == networks.lower) | (x == networks.upper)
    assert 0.4 < float(on_a_face.double().mean()) < 0.6


def test_excess_is_in_widths_of_the_box_and_infinite_for_nan():
    networks, x, _, _ = drawn("ltc", 4, count=3)
    width = networks.upper - networks.lower
    x = networks.upper + 0.25 * width
    x[1, 2] = torch.nan
    excess = networks.excess(x)
    assert excess[0] == pytest.approx(0.25)
    assert torch.isinf(excess[1])
