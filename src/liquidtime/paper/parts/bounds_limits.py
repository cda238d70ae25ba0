"""Where the theorems end: the box with 0 in the conductance form, and the published decay with a signed f."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from liquidtime.paper.engine import (
    Case,
    Finding,
    Results,
    Table,
    Value,
    either,
)
from liquidtime.paper.engine.parts import Part, given, written
from liquidtime.paper.parts.populations import Population, conductance_networks, ltc_networks
from liquidtime.solvers import RK4, ExponentialMidpoint, Fused, Solver
from liquidtime.solvers.base import DriveDecay

HIDDEN, INPUTS = 8, 4
LARGEST = 1e300


@dataclass(frozen=True)
class BoxWithZero(Case):
    """The conductance form against [min(0, E), max(0, E)], the box that the paper states with A for E.

    First networks as released but for all E = +0.5 and E_leak = −1, with inputs that shut their synapses; then random
    networks with E and E_leak ~ N(0, 1) that start inside both boxes and get ten inputs N(0, 1).
    """

    networks: int
    seed: int = 0

    def run(self) -> Value:
        """`settled`: where each network's lowest neuron comes to rest; how many leave each box, and by how much."""
        rng = torch.Generator().manual_seed(self.seed)
        shut = conductance_networks(self.networks, HIDDEN, INPUTS, rng, potentials=(0.5, -1.0))
        field = shut.field(torch.full((self.networks, INPUTS), -10.0, dtype=torch.float64))
        rest = RK4(500).integrate(field, torch.zeros(self.networks, HIDDEN, dtype=torch.float64), _span(10.0))
        wild = conductance_networks(self.networks, HIDDEN, INPUTS, rng, wild=True)
        with_zero = _box_with_zero(wild)
        x = torch.maximum(torch.minimum(wild.states(rng), with_zero.upper), with_zero.lower)
        own = paper = torch.zeros(self.networks, dtype=torch.float64)
        for _ in range(10):
            u = torch.randn(self.networks, INPUTS, dtype=torch.float64, generator=rng)
            x = ExponentialMidpoint(50).integrate(wild.field(u), x, _span(1.0))
            own, paper = torch.maximum(own, wild.excess(x)), torch.maximum(paper, with_zero.excess(x))
        return {
            "settled": rest.amin(-1).tolist(),
            "settled_inside": int((shut.excess(rest) <= 1e-9).sum()),
            "left_paper": int((paper > 1e-9).sum()),
            "left_own": int((own > 1e-9).sum()),
        }


def _box_with_zero(networks: Population) -> Population:
    """The same networks with the box [min(0, E), max(0, E)], leak potentials left out."""
    _, _, w, wE, _, _, input_w, input_wE, *_ = networks.coefficients
    E = torch.cat([wE / w, input_wE / input_w], 1)
    lower, upper = E.amin(1).clamp(max=0), E.amax(1).clamp(min=0)
    return Population(networks.dynamics, networks.coefficients, lower, upper, networks.slowest, networks.fastest)


@dataclass(frozen=True)
class SignedDecay(Case):
    """The LTC with f = tanh: the published decay 1/τ + f beside 1/τ + |f|.

    Random networks with τ from 1 to 10 walk 20 samples of Δt = `span` with inputs N(0, 1), from inside [−|A|, |A|].
    """

    networks: int
    published: bool
    solver: str
    span: float
    seed: int = 0

    def run(self) -> Value:
        """Shares over all evaluations at the samples, the extremes of τ_sys, and how many networks left the box."""
        rng = torch.Generator().manual_seed(self.seed)
        networks = ltc_networks(self.networks, HIDDEN, INPUTS, rng, signed=True, tau=(1.0, 10.0))
        x, solver = networks.states(rng), _SIGNED[self.solver]
        left, decays = torch.zeros(self.networks, dtype=torch.float64), []
        h = self.span / getattr(solver, "substeps", 1)
        for _ in range(20):
            u = torch.randn(self.networks, INPUTS, dtype=torch.float64, generator=rng)
            field = networks.field(u)
            field = without_absolute_value(field, networks) if self.published else field
            decays.append(field(x)[1])
            x = solver.integrate(field, x, _span(self.span)).nan_to_num(nan=LARGEST, posinf=LARGEST, neginf=-LARGEST)
            x = x.clamp(-LARGEST, LARGEST)
            left = torch.maximum(left, networks.excess(x))
        decay = torch.stack(decays)
        return {
            "not_positive": float((decay <= 0).double().mean()),
            "least_decay": float(decay.min()),
            "denominator_not_positive": float((1 + h * decay <= 0).double().mean()),
            "least_denominator": float((1 + h * decay).abs().min()),
            "left": int((left > 1e-9).sum()),
            "largest": min(float(x.abs().max()), LARGEST),
        }


_SIGNED: dict[str, Solver] = {"fused": Fused(6), "RK4": RK4(50)}


def without_absolute_value(field: DriveDecay, networks: Population) -> DriveDecay:
    """Drive f A and decay 1/τ + f, from the field of LTCs with decay 1/τ + |f|."""
    rate, A = networks.coefficients[:2]

    def published(x: Tensor) -> tuple[Tensor, Tensor]:
        drive, _ = field(x)
        return drive, rate + drive / A

    return published


def _span(length: float) -> Tensor:
    return torch.full((1, 1), length, dtype=torch.float64)


def cases(quick: bool) -> list[Case]:
    """The box with 0, and the signed decay."""
    networks = 200 if quick else 2_000
    signed = [
        SignedDecay(networks, published, solver, span)
        for published in (True, False)
        for solver, span in (("fused", 1.0), ("fused", 10.0), ("RK4", 1.0))
    ]
    return [BoxWithZero(networks), *signed]


def tell(quick: bool, results: Results) -> Part:
    """What holds only under conditions."""
    told = [case for case in cases(quick) if given([case], results)]
    box = [case for case in told if isinstance(case, BoxWithZero)]
    signed = [case for case in told if isinstance(case, SignedDecay)]
    return Part(
        "Beyond their conditions the theorems end: the box with 0 is one for the first form, and the published decay "
        "needs an f that is not negative."
        if told
        else "",
        [
            *(_box_finding(case, results[case]) for case in box),
            *(_signed_findings(signed, results)),
        ],
        [_signed_table(signed, results)] if signed else [],
    )


def _box_finding(case: BoxWithZero, value: Value) -> Finding:
    left, own = value["left_paper"], value["left_own"]
    settled = sorted(value["settled"])
    return Finding(
        "Theorem 2 with 0 in the box, for the conductance form",
        "min(0, A) ≤ x ≤ max(0, A)",
        f"with all E = +0.5 and E_leak = −1 neurons settle at {written(settled[len(settled) // 2])} "
        f"({written(settled[0])} to {written(settled[-1])}), below 0; {left:,} of {case.networks:,} "
        f"random networks leave that box, {own:,} leave [min(E_leak, E), max(E_leak, E)]",
        either(left == 0 and settled[0] >= -1e-9),
        "The paper proves the box for its Eq. 1, where the leak pulls to 0. In the conductance form it pulls to "
        "E_leak, which takes the place of 0.",
    )


def _signed_findings(signed: Sequence[SignedDecay], results: Results) -> list[Finding]:
    findings = []
    for published, what, says in (
        (True, "The published decay 1/τ + f with f = tanh", "tanh suggested in the pseudo-code; decay 1/τ + f"),
        (False, "The decay 1/τ + |f| with f = tanh", "|f| in the released analysis code"),
    ):
        of = [(case, results[case]) for case in signed if case.published == published]
        if not of:
            continue
        worst = max(value["not_positive"] for _, value in of)
        left, total = sum(value["left"] for _, value in of), sum(case.networks for case, _ in of)
        vanishing = max(value["denominator_not_positive"] for _, value in of)
        findings.append(
            Finding(
                f"{what}: both theorems",
                says,
                f"decay ≤ 0 at {100 * worst:.0f} % of evaluations (least "
                f"{written(min(v['least_decay'] for _, v in of))}); "
                f"fused denominator ≤ 0 at up to {100 * vanishing:.1f} %; {left:,} of {total:,} networks leave "
                "[−|A|, |A|]",
                either(worst == 0 and left == 0),
                "A negative decay means a negative time constant, and a state that grows; at decay 0 the time constant "
                "is infinite. With six fused steps the denominator vanishes only beyond Δt = 6. The theorems assume "
                "f ≥ 0, as sigmoid and ReLU are."
                if published
                else "The same as the published decay wherever f ≥ 0.",
            )
        )
    return findings


def _signed_table(signed: Sequence[SignedDecay], results: Results) -> Table:
    rows = []
    for case in signed:
        value = results[case]
        rows.append(
            (
                "1/τ + f" if case.published else "1/τ + |f|",
                f"{case.solver}, Δt = {case.span:g}",
                f"{100 * value['not_positive']:.1f}",
                written(value["least_decay"]),
                f"{100 * value['denominator_not_positive']:.1f}" if case.solver == "fused" else "—",
                f"{value['least_denominator']:.2g}" if case.solver == "fused" else "—",
                f"{value['left']:,} of {case.networks:,}",
                f"{value['largest']:.2g}" if value["largest"] < LARGEST else "overflow",
            )
        )
    return Table(
        "f = tanh with the published decay, and with |f|",
        (
            "decay",
            "solver",
            "decay ≤ 0, % of evaluations",
            "least decay",
            "denominator ≤ 0, %",
            "least |denominator|",
            "networks that left [−|A|, |A|]",
            "largest |x|",
        ),
        rows,
        "20 samples with inputs N(0, 1); six fused steps per sample, or 50 of RK4, which show that the equation itself "
        "leaves the box and not the step.",
    )
