"""The models beside the LTC: which of them have a box."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from liquidtime.dynamics import Perceptron
from liquidtime.layers import CTRNN, NeuralODE
from liquidtime.layers.ode import ODELayer
from liquidtime.paper.engine import Axis, Case, Finding, Lines, Results, Series, Value, does_not_hold, holds_if
from liquidtime.paper.engine.parts import Part, given
from liquidtime.theory import state_bounds

HIDDEN, INPUTS = 8, 4
LARGEST = 1e300
MODELS = (("CT-RNN", "tanh"), ("CT-RNN", "ReLU"), ("N-ODE", "tanh"))


@dataclass(frozen=True)
class Growth(Case):
    """How far the models beside the LTC go: recurrent weights four times as large as at the start, the input held.

    Args:
        model: "CT-RNN" or "N-ODE".
        activation: "tanh" or "ReLU".
        networks: how many are drawn.
        times: when |x| is read.
        gain: factor on the recurrent weights.
    """

    model: str
    activation: str
    networks: int
    times: tuple[int, ...] = (1, 10, 100, 1000)
    gain: float = 4.0

    def run(self) -> Value:
        """`sizes` (networks, times): the largest |x|, at most 1e300; `inside`: whether inputs × 1e6 keep the box."""
        activation = {"tanh": torch.tanh, "ReLU": torch.relu}[self.activation]
        layer = {"CT-RNN": CTRNN, "N-ODE": NeuralODE}[self.model]
        sizes, inside = [], []
        for seed in range(self.networks):
            with torch.random.fork_rng(devices=[]), torch.no_grad():
                torch.manual_seed(seed)
                rnn = layer(INPUTS, HIDDEN, f=lambda i, h: Perceptron(i, h, activation)).double()
                _scale_recurrent(rnn, self.gain)
                u = torch.randn(INPUTS, dtype=torch.float64).expand(max(self.times), 1, INPUTS)
                walked, far = rnn(u)[0], rnn(1e6 * u)[0]
            largest = walked.abs().amax((1, 2)).nan_to_num(nan=LARGEST, posinf=LARGEST).clamp(max=LARGEST)
            sizes.append(largest[torch.tensor(self.times) - 1].tolist())
            box = state_bounds(rnn)
            inside.append(bool(((far >= box.lower - 1e-9) & (far <= box.upper + 1e-9)).all()))
        return {"sizes": sizes, "bounded": bool(box.upper.isfinite().all()), "inside": inside}


def _scale_recurrent(rnn: ODELayer, gain: float) -> None:
    for module in rnn.modules():
        if isinstance(module, Perceptron):
            module.weight_recurrent.mul_(gain)


def cases(quick: bool) -> list[Growth]:
    """The CT-RNN with a bounded f and with another, and the neural ODE."""
    return [Growth(model, f, 10 if quick else 40) for model, f in MODELS]


def tell(quick: bool, results: Results) -> Part:
    """How far each of them goes."""
    told = [case for case in cases(quick) if given([case], results)]
    return Part(
        "Of the models beside the LTC only the CT-RNN with a bounded f has a box." if told else "",
        [finding for case in told for finding in _findings(case, results[case])],
        [],
        [_picture(told, results)] if told else [],
    )


def _findings(case: Growth, value: Value) -> list[Finding]:
    median = _medians(value)
    path = " → ".join(f"{size:.3g}" for size in median)
    inside = sum(value["inside"])
    if case.model == "N-ODE":
        growth = median[-1] / max(median[-2], 1e-300)
        return [
            Finding(
                "The comparison models are bounded too: neural ODE",
                "bounded",
                f"largest |x| at t = {', '.join(f'{t:g}' for t in case.times)}: {path}",
                does_not_hold if growth > 2 else holds_if("its weights happen to hold it"),
                f"From t = 100 to 1,000 it grows {growth:.1f}fold: a drift at constant speed, at most sup |f|. Nothing "
                "pulls it back.",
            )
        ]
    if case.activation == "tanh":
        return [
            Finding(
                "The comparison models are bounded too: CT-RNN with bounded f",
                "bounded",
                f"largest |x| {path}; {inside} of {case.networks} networks inside [−τ, τ] with inputs × 1e6",
                holds_if("f is bounded") if inside == case.networks else does_not_hold,
                "Its box is [τ inf f, τ sup f].",
            )
        ]
    return [
        Finding(
            "The comparison models are bounded too: CT-RNN with ReLU",
            "bounded",
            f"largest |x| at t = {', '.join(f'{t:g}' for t in case.times)}: {path}",
            does_not_hold if median[-1] > 1e3 else holds_if("its recurrent weights are small"),
            "Recurrent weights are four times those at the start: an unbounded f then outruns the leak.",
        )
    ]


def _medians(value: Value) -> list[float]:
    columns: list[list[float]] = [sorted(column) for column in zip(*value["sizes"], strict=True)]
    return [column[len(column) // 2] for column in columns]


def _picture(growth: Sequence[Growth], results: Results) -> Lines:
    series = []
    for case in growth:
        median = _medians(results[case])
        shown = [size if size < 1e12 else None for size in median]
        series.append(Series(f"{case.model}, {case.activation}", list(case.times), shown))
    return Lines(
        "How far the models beside the LTC go",
        "Largest |x| under a held input, median over networks; the CT-RNN with ReLU leaves the picture.",
        Axis("time, units of τ", log=True),
        Axis("largest |x|", log=True),
        series,
        {},
    )
