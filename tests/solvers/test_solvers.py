"""Each solver against closed forms: order, exactness, refusals."""

import math
from dataclasses import FrozenInstanceError, replace

import pytest
import torch

from cases import SOLVERS
from liquidtime import (
    BPTT,
    LTC,
    RK4,
    Adaptive,
    Adjoint,
    ConvergenceError,
    ExplicitEuler,
    ExponentialEuler,
    ExponentialMidpoint,
    Fused,
    ImplicitEuler,
)
from liquidtime.solvers.exponential_euler import phi
from problems import FREE, LINEAR, LOGISTIC, NONLINEAR, PROBLEMS

ORDERS = {ExplicitEuler: 1, Fused: 1, ExponentialEuler: 1, ExponentialMidpoint: 2, ImplicitEuler: 1, RK4: 4}
fixed_step = pytest.mark.parametrize("solver", list(ORDERS), ids=lambda s: s.__name__)
one = torch.tensor([[1.0]], dtype=torch.float64)


def error(solver, problem, span=one):
    return float((solver.integrate(problem.field, problem.start, span) - problem.solution(span)).abs().max())


@fixed_step
@pytest.mark.parametrize("problem", NONLINEAR, ids=str)
def test_order_of_convergence(solver, problem):
    steps = (8, 16, 32) if solver is RK4 else (64, 128, 256)
    errors = [error(solver(n), problem) for n in steps]
    slopes = [math.log2(errors[k] / errors[k + 1]) for k in range(2)]
    # Without decay the implicit family falls back on its explicit relative; no case converges faster than its order.
    assert slopes == pytest.approx([ORDERS[solver]] * 2, abs=0.15)


def test_every_solver_has_its_order_tested():
    assert {type(solver) for solver in SOLVERS} == {*ORDERS, Adaptive}


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_the_adaptive_solver_meets_its_tolerance(problem):
    # The tolerance is one of each step; the errors of a few steps add up.
    assert error(Adaptive(rtol=1e-4, atol=1e-6), problem) < 1e-3
    assert error(Adaptive(rtol=1e-9, atol=1e-11), problem) < 1e-8


@pytest.mark.parametrize("solver", [ExponentialEuler(1), ExponentialMidpoint(1)], ids=str)
@pytest.mark.parametrize("span", [1e-9, 0.3, 1.0, 50.0])
def test_exponential_steps_are_exact_for_constant_coefficients(solver, span):
    assert error(solver, LINEAR, span * one) < 1e-15


def test_fused_and_implicit_euler_agree_where_coefficients_are_constant():
    fused, implicit = (s.integrate(LINEAR.field, LINEAR.start, 7 * one) for s in (Fused(3), ImplicitEuler(3)))
    assert torch.allclose(fused, implicit, rtol=1e-14)


@pytest.mark.parametrize("solver", [ExponentialEuler(4), Fused(4), ImplicitEuler(1)], ids=str)
def test_without_decay_the_semi_implicit_steps_are_explicit_euler(solver):
    if isinstance(solver, ImplicitEuler):
        # x⁺ = x − h x⁺² has the positive root (−1 + √(1 + 4hx)) / 2h.
        expected = (-1 + (1 + 4 * FREE.start).sqrt()) / 2
    else:
        expected = ExplicitEuler(4).integrate(FREE.field, FREE.start, one)
    assert torch.allclose(solver.integrate(FREE.field, FREE.start, one), expected, rtol=1e-13)


@pytest.mark.parametrize("solver", SOLVERS, ids=lambda s: type(s).__name__)
def test_spans_differ_within_a_batch(solver):
    spans = torch.tensor([[0.0], [0.3], [2.0]], dtype=torch.float64)
    start = LOGISTIC.start.expand(3, 3)
    together = solver.integrate(LOGISTIC.field, start, spans)
    for b in range(3):
        alone = solver.integrate(LOGISTIC.field, start[b : b + 1], spans[b : b + 1])
        assert torch.allclose(together[b], alone[0], rtol=1e-7)
    assert torch.equal(together[0], start[0])


def test_the_adaptive_error_is_that_of_the_worst_sample():
    # One stiff sample among 63 still ones: averaged over the batch, its error would be forgiven.
    rates = torch.full((64, 3), 1e-3, dtype=torch.float64)
    rates[0] = 40.0
    field = lambda x: (rates * torch.sin(3 * x), rates)  # noqa: E731
    start = torch.full((64, 3), 0.9, dtype=torch.float64)
    together = Adaptive(rtol=1e-4, atol=1e-6).integrate(field, start, one)
    exact = RK4(2000).integrate(field, start, one)
    assert float((together - exact).abs().max()) < 1e-4


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_phi_and_its_derivative(dtype):
    z = torch.cat([torch.zeros(1), torch.logspace(-12, 3, 400), torch.tensor([0.0199999, 0.02, 0.0200001])])
    z = z.to(dtype).requires_grad_()
    value = phi(z)
    (slope,) = torch.autograd.grad(value.sum(), z)
    exact = z.detach().double()
    powers = [exact**n / float(math.factorial(n + 2)) for n in range(30)]
    value_series = 1 - exact * sum((-1) ** n * power for n, power in enumerate(powers))
    slope_series = sum((-1) ** (n + 1) * (n + 1) * power for n, power in enumerate(powers))
    large = exact.clamp(min=1)
    value_closed, slope_closed = -torch.expm1(-large) / large, (torch.exp(-large) * (large + 1) - 1) / large**2
    eps = torch.finfo(dtype).eps
    assert torch.allclose(value.double(), torch.where(exact < 1, value_series, value_closed), rtol=8 * eps, atol=0)
    assert torch.allclose(slope.double(), torch.where(exact < 1, slope_series, slope_closed), rtol=300 * eps, atol=0)


def test_implicit_differentiation_equals_differentiation_of_the_solution():
    growth = torch.tensor([[1.2, 0.8]], dtype=torch.float64, requires_grad=True)
    start = torch.tensor([[0.1, 0.3]], dtype=torch.float64, requires_grad=True)
    h = torch.tensor([[0.7]], dtype=torch.float64, requires_grad=True)
    x = ImplicitEuler(1).integrate(lambda x: (growth * x, growth * x), start, h)
    # x⁺ = x + h g x⁺ (1 − x⁺): a quadratic.
    gh = growth * h
    exact = ((gh - 1) + ((gh - 1) ** 2 + 4 * gh * start).sqrt()) / (2 * gh)
    assert torch.allclose(x, exact, rtol=1e-12)
    ours = torch.autograd.grad(x.sum(), (growth, start, h))
    theirs = torch.autograd.grad(exact.sum(), (growth, start, h))
    for a, b in zip(ours, theirs, strict=True):
        assert torch.allclose(a, b, rtol=1e-10)


def test_a_second_derivative_through_the_implicit_step_raises():
    start = torch.tensor([[0.1, 0.3]], dtype=torch.float64, requires_grad=True)
    x = ImplicitEuler(1).integrate(lambda x: (x.sin(), x.cos().square()), start, one)
    with pytest.raises(NotImplementedError, match="second derivative through implicit Euler"):
        torch.autograd.grad(x.sum(), start, create_graph=True)


def test_implicit_euler_raises_where_newton_does_not_converge():
    field = lambda x: (1e6 * torch.sign(torch.sin(1e3 * x)) + 1e3, torch.ones_like(x))  # noqa: E731
    with pytest.raises(
        ConvergenceError, match=r"did not converge in 5 iterations for 2 of 2 samples: raise substeps=1"
    ):
        ImplicitEuler(1, max_iterations=5).integrate(field, torch.ones(2, 3, dtype=torch.float64), one)


def test_the_adaptive_solver_says_when_it_gives_up():
    stiff = lambda x: (torch.zeros_like(x), torch.full_like(x, 1e7))  # noqa: E731
    with pytest.raises(ArithmeticError, match=r"rtol=0.0001.*max_num_steps exceeded.*loosen rtol"):
        Adaptive(max_steps=20).integrate(stiff, torch.ones(2, 3), torch.ones(1, 1))
    broken = lambda x: (x * torch.nan, x)  # noqa: E731
    with pytest.raises(ArithmeticError, match="not finite"):
        Adaptive().integrate(broken, torch.ones(2, 3), torch.ones(1, 1))


@pytest.mark.parametrize("substeps", [0, -1, 2.5, True, "6"])
def test_substeps_must_be_a_positive_whole_number(substeps):
    with pytest.raises(ValueError, match=f"substeps={substeps!r}"):
        Fused(substeps)


def test_solvers_are_frozen_values():
    assert Fused() == Fused(6)
    assert replace(Fused(), substeps=3) == Fused(3)
    with pytest.raises(FrozenInstanceError):
        Fused().substeps = 3
    for bad in (
        {"rtol": 0.0},
        {"atol": -1e-6},
        {"rtol": math.inf},
        {"rtol": True},
        {"max_steps": 0},
        {"max_steps": 1.5},
    ):
        with pytest.raises(ValueError, match=next(iter(bad))):
            Adaptive(**bad)
    with pytest.raises(ValueError, match="max_iterations=0"):
        ImplicitEuler(max_iterations=0)


@pytest.mark.parametrize("gradient", [BPTT(), Adjoint()], ids=str)
def test_at_a_span_of_zero_the_adaptive_solver_has_the_derivative_of_the_others(gradient):
    def slope(**options):
        torch.manual_seed(0)
        rnn = LTC(3, 5, dtype=torch.float64, **options)
        dt = torch.tensor([0.0, 0.4, 0.0], dtype=torch.float64, requires_grad=True)
        x = torch.linspace(-1, 1, 9, dtype=torch.float64).view(3, 1, 3)
        return torch.autograd.grad(rnn(x, timespans=dt)[0].sum(), dt)[0]

    ours = slope(solver=Adaptive(rtol=1e-9, atol=1e-11), gradient=gradient)
    assert torch.allclose(ours, slope(solver=RK4(50)), rtol=1e-6)
    assert (ours.abs() > 1e-3).all()


def test_newton_needs_one_iteration_for_a_linear_equation():
    drive, decay = LINEAR.field(LINEAR.start)
    after = ImplicitEuler(1, max_iterations=1).integrate(LINEAR.field, LINEAR.start, one)
    assert torch.allclose(after, (LINEAR.start + drive) / (1 + decay), rtol=1e-12)


def test_a_singular_step_is_a_convergence_error():
    field = lambda x: (x, torch.zeros_like(x))  # noqa: E731 x⁺ = x + h x⁺ has no solution at h = 1
    with pytest.raises(ConvergenceError, match="raise substeps"):
        ImplicitEuler(1).integrate(field, torch.ones(2, 3, dtype=torch.float64), one)


def test_an_assertion_of_the_users_own_stays_one():
    def field(x):
        raise AssertionError("mine")

    with pytest.raises(AssertionError, match="mine"):
        Adaptive().integrate(field, torch.ones(2, 3), torch.ones(1, 1))
