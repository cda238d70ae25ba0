"""Figure 1: a circle on its way through a feed-forward network."""

from dataclasses import dataclass

import numpy as np

from liquidtime.expressivity import (
    ACTIVATIONS,
    feedforward_trajectories,
    principal_components,
    trajectory_length,
    unit_circle,
)
from liquidtime.paper.engine import (
    Axis,
    Boxes,
    Case,
    Finding,
    Group,
    Item,
    Outcome,
    Panel,
    Planes,
    Results,
    Scale,
    Value,
    either,
)

WIDTH, DEPTH, SIGMA_W, POINTS = 100, 6, 2.0, 1000


@dataclass(frozen=True)
class Feedforward(Case):
    """Lengths of the circle behind each layer, per network, and the first network's trajectories in the plane."""

    networks: int
    width: int = WIDTH
    depth: int = DEPTH
    sigma_w: float = SIGMA_W
    activation: str = "tanh"
    points: int = POINTS

    def run(self) -> Value:
        """`lengths` (networks, layers) and `rms` likewise, `planes` (layers, points, 2), `explained` (layers)."""
        z = feedforward_trajectories(
            unit_circle(self.points),
            range(self.networks),
            self.width,
            self.depth,
            ACTIVATIONS[self.activation],
            self.sigma_w,
        )
        plane = principal_components(z)
        return {
            "lengths": trajectory_length(z).tolist(),
            "rms": trajectory_length(z, normalize="rms").tolist(),
            "planes": plane.points[0].tolist(),
            "explained": plane.explained.sum(-1).mean(0).tolist(),
        }


def cases(scale: Scale) -> list[Case]:
    """One batch of networks."""
    return [Feedforward(len(scale.networks))]


def judge(scale: Scale, results: Results) -> Outcome:
    """Whether each layer lengthens the trajectory."""
    (case,) = cases(scale)
    value = results[case]
    lengths, rms = np.array(value["lengths"]), np.array(value["rms"])
    growth = np.median(lengths[:, 1:] / lengths[:, :-1], 0)
    longer = (np.diff(lengths, axis=1) > 0).mean()
    panels = [
        Panel(f"layer {layer}: length {np.median(lengths[:, layer - 1]):.0f}", *np.transpose(plane).tolist())
        for layer, plane in enumerate(value["planes"], 1)
    ]
    groups = [
        Group(f"{layer}", {"over the RMS radius": rms[:, layer - 1].tolist()}, {}) for layer in range(1, DEPTH + 1)
    ]
    return Outcome(
        measured=f"length × {np.median(growth):.2f} per layer",
        verdict=either(bool(longer > 0.95)),
        summary=(
            f"A circle of {POINTS} points went through {len(lengths)} untrained networks of {DEPTH} tanh layers of "
            f"{WIDTH} neurons, weights N(0, {SIGMA_W:g}²/fan-in). The paper shows the picture and no numbers, and "
            f"does not state its variance. Every layer bends the trajectory further: {100 * longer:.0f} % of all steps "
            "from one layer to the next lengthen it, and the plane shows less and less of it: the first two principal "
            f"components hold {100 * value['explained'][0]:.0f} % of the variance behind layer 1 and "
            f"{100 * value['explained'][-1]:.0f} % behind layer {DEPTH}."
        ),
        findings=[
            Finding(
                "A trajectory grows longer from layer to layer",
                "picture",
                " → ".join(f"{length:.0f}" for length in np.median(lengths, 0)),
                either(bool(longer > 0.95)),
                f"Median length behind layers 1 to {DEPTH}; factors {', '.join(f'{g:.2f}' for g in growth)}.",
            )
        ],
        pictures=[
            Planes(
                "The circle behind each layer",
                "One network; the colour runs from the start of the circle to its end. Above each panel the median "
                "length over all networks, in all dimensions.",
                Axis("first principal component"),
                Axis("second principal component"),
                3,
                panels,
            ),
            Boxes(
                "Length behind each layer, free of scale",
                f"Over {len(lengths)} networks. A circle has 2π = 6.28.",
                Axis("layer"),
                Axis("length / RMS radius"),
                groups,
            ),
        ],
    )


ITEM = Item(
    "fig1",
    "A circle through six feed-forward layers",
    "Fig. 1",
    "picture",
    cases,
    judge,
)
