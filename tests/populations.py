"""Random networks of both forms for property tests, and steps that are wrong on purpose."""

from dataclasses import replace
from functools import partial

import torch

from liquidtime import ExponentialEuler, ExponentialMidpoint, Fused
from liquidtime.paper.parts.populations import conductance_networks, ltc_networks
from liquidtime.solvers.exponential_euler import exponential_step

FORMS = {
    "ltc": ltc_networks,
    "signed": partial(ltc_networks, signed=True),
    "conductance": partial(conductance_networks, wild=True),
}
CONVEX = [Fused, ExponentialEuler, ExponentialMidpoint]
HIDDEN, INPUTS = 6, 3


class MidpointOfTwoMinds(ExponentialMidpoint):
    """Takes the drive of the middle with the decay of the start: drive/decay is then no mean of potentials."""

    def step(self, field, x, h):
        drive, decay = field(x)
        return exponential_step(x, field(exponential_step(x, drive, decay, h / 2))[0], decay, h)


class Extrapolating(ExponentialMidpoint):
    """Twice the whole step less two half steps' result: second order too, but with a negative weight."""

    def step(self, field, x, h):
        half = exponential_step(x, *field(x), h / 2)
        return 2 * exponential_step(half, *field(half), h / 2) - exponential_step(x, *field(x), h)


class LeakyFused(Fused):
    """A denominator too small by a twentieth of the decay."""

    def step(self, field, x, h):
        drive, decay = field(x)
        return (x + h * drive) / (1 + 0.95 * h * decay)


WRONG = [MidpointOfTwoMinds, Extrapolating, LeakyFused]


def tight(count, seed):
    """Conductance networks whose synapses are so weak that their states settle on a face of the box, at E_leak."""
    rng = torch.Generator().manual_seed(seed)
    networks = conductance_networks(count, HIDDEN, INPUTS, rng, potentials=(0.5, -1.0))
    weak = [1e-5 * part if n in (2, 3, 6, 7) else part for n, part in enumerate(networks.coefficients)]
    g_leak = networks.slowest
    fastest = g_leak + 1e-5 * (networks.fastest - g_leak)
    return replace(networks, coefficients=tuple(weak), fastest=fastest), networks.states(rng)


def shrunk(networks, slowest=1.0, fastest=1.0, box=1.0):
    """The same networks with bounds that are too tight."""
    middle, half = (networks.upper + networks.lower) / 2, box * (networks.upper - networks.lower) / 2
    rates = {"slowest": slowest * networks.slowest, "fastest": fastest * networks.fastest}
    return replace(networks, lower=middle - half, upper=middle + half, **rates)


def drawn(form, seed, count=64, span=None, size=None):
    """Networks, states inside their boxes, inputs (count, I) and spans (count, 1) over decades or as given."""
    rng = torch.Generator().manual_seed(seed)
    networks = FORMS[form](count, HIDDEN, INPUTS, rng)
    exponents = torch.rand(2, count, 1, dtype=torch.float64, generator=rng)
    spans = 10 ** (8 * exponents[0] - 4) if span is None else torch.full((count, 1), span, dtype=torch.float64)
    sizes = 10 ** (9 * exponents[1] - 3) if size is None else size
    u = sizes * torch.randn(count, INPUTS, dtype=torch.float64, generator=rng)
    return networks, networks.states(rng), u, spans
