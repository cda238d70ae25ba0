"""The embedded pairs: order, interpolation, step-size control of each system by itself."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from liquidtime.expressivity import BOGACKI_SHAMPINE, DORMAND_PRINCE, integrate


class Decay:
    """dy/dt = −rate (y − cos t), as many systems as rates, two equal equations each."""

    def __init__(self, rate):
        self.rate = rate

    def __call__(self, t, y):
        return -self.rate[:, None] * (y - torch.cos(t)[:, None])

    def subset(self, index):
        return Decay(self.rate[index])

    def exact(self, t, n):
        rate = float(self.rate[n])
        particular = (rate**2 * torch.cos(t) + rate * torch.sin(t)) / (rate**2 + 1)
        return particular + (2 - rate**2 / (rate**2 + 1)) * torch.exp(-rate * t)


def solve(rates, **options):
    system = Decay(torch.tensor(rates, dtype=torch.float64))
    return system, integrate(system, torch.full((len(rates), 2), 2.0, dtype=torch.float64), 5.0, **options)


@pytest.mark.parametrize("method", [DORMAND_PRINCE, BOGACKI_SHAMPINE], ids=["5(4)", "3(2)"])
def test_output_points_lie_on_the_solution_also_inside_steps(method):
    system, solution = solve([0.5, 3.0, 40.0], method=method, rtol=1e-8, atol=1e-10)
    for n, (points, times) in enumerate(zip(solution.points, solution.times, strict=True)):
        assert float((points[:, 0] - system.exact(times, n)).abs().max()) < 3e-6
        assert torch.equal(points[:, 0], points[:, 1])
        assert times[0] == 0
        assert times[-1] == 5.0
        assert bool((times.diff() > 0).all())
        assert len(times) == 1 + method.refine * int(solution.steps[n])


@pytest.mark.parametrize("method", [DORMAND_PRINCE, BOGACKI_SHAMPINE], ids=["5(4)", "3(2)"])
def test_a_batch_steps_as_its_systems_do_one_by_one(method):
    rates = [0.1, 2.0, 150.0, 30.0]
    together = solve(rates, method=method)[1]
    assert len(set(together.steps.tolist())) == len(rates)
    for n, rate in enumerate(rates):
        alone = solve([rate], method=method)[1]
        assert torch.equal(alone.times[0], together.times[n])
        torch.testing.assert_close(alone.points[0], together.points[n], rtol=1e-12, atol=1e-14)
        assert int(alone.evaluations[0]) == int(together.evaluations[n])


def test_the_pair_of_dormand_and_prince_has_orders_five_and_four_and_its_interpolant_four():
    for order, rows in ((5, DORMAND_PRINCE.weights[-1]), (4, None)):
        errors = []
        for h in (0.2, 0.1):
            k, y = [1.0], 1.0
            for row in DORMAND_PRINCE.weights[1:]:
                y = 1 + h * sum(a * slope for a, slope in zip(row, k, strict=True))
                k.append(y)
            whole = 1 + h * sum(a * slope for a, slope in zip(rows or (), k, strict=False))
            if rows is None:
                theta = 0.5
                shares = [sum(c * theta**p for p, c in enumerate(row, 1)) for row in DORMAND_PRINCE.between]
                whole = 1 + h * sum(share * slope for share, slope in zip(shares, k, strict=True))
                errors.append(abs(whole - math.exp(theta * h)))
            else:
                errors.append(abs(whole - math.exp(h)))
        assert math.log2(errors[0] / errors[1]) == pytest.approx(order + 1, abs=0.35)
    assert sum(DORMAND_PRINCE.error) == pytest.approx(0, abs=1e-15)
    assert sum(BOGACKI_SHAMPINE.error) == pytest.approx(0, abs=1e-15)
    at_end = [sum(row) for row in DORMAND_PRINCE.between]
    np.testing.assert_allclose(at_end[:-1], DORMAND_PRINCE.weights[-1], atol=1e-14)


def test_steps_are_about_as_many_as_those_of_scipy():
    for rate in (3.0, 40.0):
        steps = int(solve([rate], rtol=1e-6, atol=1e-9)[1].steps[0])
        theirs = solve_ivp(
            lambda t, y, rate=rate: -rate * (y - np.cos(t)), (0, 5), [2.0, 2.0], "RK45", rtol=1e-6, atol=1e-9
        )
        assert 0.5 < steps / (theirs.t.size - 1) < 2


def test_no_step_is_longer_than_a_tenth_of_the_interval():
    _, solution = solve([1e-9])
    assert int(solution.steps[0]) >= 10
    assert float(solution.times[0].diff().max()) <= 0.5 / DORMAND_PRINCE.refine * 1.1 + 1e-12


def test_a_singular_system_and_too_many_steps_are_said():
    class Explodes:
        def __call__(self, t, y):
            return y**2

        def subset(self, index):
            return self

    with pytest.raises(ArithmeticError, match="singular"):
        integrate(Explodes(), torch.ones(1, 1, dtype=torch.float64), 5.0)
    with pytest.raises(ArithmeticError, match="7 steps were not enough"):
        solve([1000.0], max_steps=7)


def test_the_follower_hears_of_the_slowest_system():
    heard = []
    solve([0.5, 200.0], on_step=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] < 5.0
