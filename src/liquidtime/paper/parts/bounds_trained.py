"""Theorems 1 and 2 on trained models over real recordings, and on the same with inputs beyond all measure."""

import tempfile
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from liquidtime.data import occupancy
from liquidtime.layers.ode import ODELayer
from liquidtime.paper.engine import Axis, Case, Finding, Lines, Results, Series, Table, Value, either
from liquidtime.paper.engine.parts import Part, given, written
from liquidtime.theory import certify, state_bounds, time_constant_bounds
from liquidtime.training import load_model, recipe_for, train

MODELS = {"ltc": "LTC", "conductance-ltc": "conductance LTC"}
THEOREM_1 = {
    "ltc": "τ/(1 + τW) ≤ τ_sys ≤ τ",
    "conductance-ltc": "C/(g_leak + Σw) ≤ τ_sys ≤ C/g_leak",
}
THEOREM_2 = {"ltc": "min(0, A) ≤ x ≤ max(0, A)", "conductance-ltc": "min(E_leak, E) ≤ x ≤ max(E_leak, E)"}


@dataclass(frozen=True)
class TrainedWalk(Case):
    """A model trained on the occupancy data by its own recipe, walked over both test recordings from a state of zero.

    The walk is in float64. The scaled inputs are multiplied by each of `scales`.

    Args:
        model: its name in a recipe.
        rows: minutes of each recording, from its start.
        scales: what the inputs are multiplied by.
        seed: of the training.
    """

    model: str
    rows: int
    scales: tuple[float, ...] = (1.0, 1e2, 1e4, 1e6)
    seed: int = 0

    def run(self) -> Value:
        """`bounds` per quantity, `walks` per scale: least and largest value per neuron, and the excess of each."""
        task = occupancy.paper()
        with tempfile.TemporaryDirectory() as folder:
            run = train(task, recipe_for("occupancy", self.model), self.seed, f"{folder}/run")
            rnn = load_model(run).rnn.double()
        assert isinstance(rnn, ODELayer)
        box, interval = state_bounds(rnn), time_constant_bounds(rnn)
        pairs = {"x": (box.lower[0], box.upper[0]), "tau": (interval.lower[0], interval.upper[0])}
        series = [recording.x[: self.rows].double() for recording in task.recordings]
        return {
            "accuracy": run.results["test_accuracy"],
            "zero_inside": bool(((box.lower <= 0) & (box.upper >= 0)).all()),
            "bounds": {name: [low.tolist(), high.tolist()] for name, (low, high) in pairs.items()},
            "walks": _walks(rnn, series, torch.tensor(self.scales, dtype=torch.float64)),
        }


@torch.no_grad()
def _walks(rnn: ODELayer, series: list[Tensor], scales: Tensor) -> list[Value]:
    """One walk per scale, all of them as one batch."""
    traces, taus = [], []
    for x in series:
        scaled = scales.view(-1, 1, 1) * x
        traces.append(rnn.trace(scaled)[0])
        taus.append(rnn.time_constants(scaled)[0])
    walks = []
    for index in range(len(scales)):
        of_x, of_tau = (torch.cat([part[index] for part in parts]) for parts in (traces, taus))
        certificate = certify(rnn, of_x.unsqueeze(0), of_tau.unsqueeze(0))
        ends = {"x": of_x.flatten(0, -2), "tau": of_tau}
        walks.append(
            {
                "visited": {name: [part.amin(0).tolist(), part.amax(0).tolist()] for name, part in ends.items()},
                "state_excess": min(certificate.state_excess, 1e300),
                "time_constant_excess": min(certificate.time_constant_excess, 1e300),
                "tolerance": certificate.tolerance,
                "values": of_tau.numel(),
            }
        )
    return walks


def cases(quick: bool) -> list[TrainedWalk]:
    """Both forms."""
    return [TrainedWalk(model, 500 if quick else 10_000) for model in MODELS]


def shares(value: Value, walk: Value, quantity: str) -> np.ndarray:
    """Which share of each neuron's interval was visited, (H,); of τ_sys on a logarithmic axis."""
    ends = np.array([*value["bounds"][quantity], *walk["visited"][quantity]])
    if quantity == "tau":
        ends = np.log(ends)
    share: np.ndarray = (ends[3] - ends[2]) / (ends[1] - ends[0])
    return share


def tell(quick: bool, results: Results) -> Part:
    """Both theorems, both forms."""
    told = [case for case in cases(quick) if given([case], results)]
    values = {case.model: results[case] for case in told}
    if not values:
        return Part("")
    findings = [finding for model, value in values.items() for finding in _findings(model, value)]
    accuracy = " and ".join(f"{MODELS[m]} {100 * value['accuracy']:.1f} %" for m, value in values.items())
    rows = [
        (
            MODELS[case.model],
            f"{scale:g}",
            *(f"{100 * np.median(shares(results[case], walk, quantity)):.1f}" for quantity in ("tau", "x")),
            written(walk["time_constant_excess"], ".0e"),
            written(walk["state_excess"], ".0e"),
        )
        for case in told
        for scale, walk in zip(case.scales, results[case]["walks"], strict=True)
    ]
    return Part(
        f"Models of 32 neurons were trained on room occupancy (test accuracy: {accuracy}) and walked over its two test "
        "recordings, six fused steps per minute, then again with inputs up to a million times as large.",
        findings,
        [
            Table(
                "Trained models inside their bounds",
                (
                    "model",
                    "inputs ×",
                    "interval of τ_sys visited, %",
                    "box of x visited, %",
                    "largest excess of 1/τ_sys (relative)",
                    "largest excess of x",
                ),
                rows,
                "Shares are medians over the neurons, on a logarithmic axis for τ_sys. An excess below 1e-14 is "
                "rounding.",
            )
        ],
        [picture for model, value in values.items() for picture in _pictures(model, value)],
    )


def _findings(model: str, value: Value) -> list[Finding]:
    own, largest = value["walks"][0], value["walks"][-1]
    findings = []
    for number, quantity, statement, name in (
        (1, "tau", THEOREM_1[model], "time_constant_excess"),
        (2, "x", THEOREM_2[model], "state_excess"),
    ):
        inside = all(walk[name] <= walk["tolerance"] for walk in value["walks"])
        visited = shares(value, own, quantity)
        findings.append(
            Finding(
                f"Theorem {number} on a trained {MODELS[model]}",
                statement if number == 1 or model == "ltc" else f"min(0, A) ≤ x ≤ max(0, A); here {statement}",
                f"largest excess {written(max(walk[name] for walk in value['walks']), '.0e')} over "
                f"{sum(walk['values'] for walk in value['walks']):,} values of neurons",
                either(inside),
                f"On the recordings a neuron visits {100 * np.median(visited):.0f} % of its interval (median; "
                f"{100 * visited.min():.0f} to {100 * visited.max():.0f} %), with inputs a million times as large "
                f"{100 * np.median(shares(value, largest, quantity)):.0f} %."
                + ("" if number == 1 or value["zero_inside"] else " The start at 0 lies outside some boxes."),
            )
        )
    return findings


def _pictures(model: str, value: Value) -> list[Lines]:
    order = np.argsort(value["bounds"]["tau"][1])[::-1]
    rank = list(range(1, len(order) + 1))
    pictures = []
    for quantity, axis, what in (
        ("tau", Axis("time constant τ_sys, minutes", log=True), "Theorem 1"),
        ("x", Axis("state x"), "Theorem 2"),
    ):
        low, high = (np.array(part)[order] for part in value["bounds"][quantity])
        least, most = (np.array(part)[order] for part in value["walks"][0]["visited"][quantity])
        middle = np.sqrt(least * most) if quantity == "tau" else (least + most) / 2
        pictures.append(
            Lines(
                f"{what} on a trained {MODELS[model]}",
                "Each neuron's bounds, and what it visited on the two test recordings. Neurons from slow to fast.",
                Axis("neuron, by its largest τ_sys"),
                axis,
                [
                    Series("upper bound", rank, high.tolist(), dashed=True, markers=False),
                    Series("visited, from least to most", rank, middle.tolist(), least.tolist(), most.tolist()),
                    Series("lower bound", rank, low.tolist(), dashed=True, markers=False),
                ],
                {},
            )
        )
    return pictures
