"""Figure 3: what the length of a trajectory depends on: solver, width, variance of the weights, depth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from liquidtime.expressivity import length_growth
from liquidtime.paper.engine import (
    Axis,
    Boxes,
    Case,
    Finding,
    Group,
    Item,
    Outcome,
    Picture,
    Results,
    Scale,
    Table,
    does_not_hold,
    either,
    holds,
    holds_if,
)
from liquidtime.paper.parts.figure2 import longest
from liquidtime.paper.parts.trajectories import MODELS, SETTINGS, Setting, Trajectories

Values = NDArray[np.float64]
ACTIVATION, SIGMA, WIDTH, DEPTH = "tanh", 2.0, 100, 6
SOLVERS = ("ode45", "ode23", "LSODA", "Radau")
WIDTHS = (10, 25, 50, 100, 150, 200)
SIGMAS = (1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class Place:
    """One position on a panel's axis: a computation and which of its layers."""

    name: str
    case: Callable[[Setting, str, Scale], Trajectories]
    layer: int = 1

    def lengths(self, results: Results, setting: Setting, scale: Scale, kind: str) -> dict[str, Values]:
        """By model, over networks."""
        return {model: np.array(results[self.case(setting, model, scale)][kind])[:, self.layer - 1] for model in MODELS}


def _case(
    sigma: float = SIGMA, width: int = WIDTH, depth: int = 1, solver: str = "ode45"
) -> Callable[[Setting, str, Scale], Trajectories]:
    def build(setting: Setting, model: str, scale: Scale) -> Trajectories:
        networks = len(scale.networks)
        if scale.quick and (depth > 1 or solver in ("LSODA", "Radau")):
            networks = 10
        return Trajectories(setting, model, ACTIVATION, sigma, width, depth, networks, solver)

    return build


PANELS: dict[str, tuple[Place, ...]] = {
    "solver": tuple(Place(solver, _case(solver=solver)) for solver in SOLVERS),
    "width": tuple(Place(f"{width}", _case(width=width)) for width in WIDTHS),
    "σ of the weights": tuple(Place(f"{sigma:g}", _case(sigma=sigma)) for sigma in SIGMAS),
    "layer": tuple(Place(f"{layer}", _case(depth=DEPTH), layer) for layer in range(1, DEPTH + 1)),
}


def cases(scale: Scale) -> list[Case]:
    """Every place of every panel in both settings; equal ones are computed once."""
    return [
        place.case(setting, model, scale)
        for places in PANELS.values()
        for place in places
        for setting in SETTINGS
        for model in MODELS
    ]


def judge(scale: Scale, results: Results) -> Outcome:
    """Trends, and whether the LTC's is the longest everywhere."""
    found = {
        (panel, setting, kind): [place.lengths(results, setting, scale, kind) for place in places]
        for panel, places in PANELS.items()
        for setting in SETTINGS
        for kind in ("lengths", "rms")
    }
    findings = [_solver(found["solver", "published", "lengths"], found["solver", "stated", "lengths"])]
    findings.append(_bases(found["σ of the weights", "stated", "lengths"]))
    findings += [
        _trend(panel, found[panel, "published", "lengths"], found[panel, "stated", "lengths"])
        for panel in PANELS
        if panel != "solver"
    ]
    order = {}
    for setting in SETTINGS:
        for kind in ("lengths", "rms"):
            everywhere = [one for panel in PANELS for one in found[panel, setting, kind]]
            order[setting, kind], note = longest(everywhere)
            which = "raw length" if kind == "lengths" else "length over the RMS radius"
            findings.append(
                Finding(
                    f"LTC's trajectory is the longest at every solver, width, σ and layer, as {setting}, {which}",
                    "yes" if kind == "lengths" else "not measured",
                    "yes" if order[setting, kind] else "no",
                    either(order[setting, kind]),
                    note,
                )
            )
    whole = does_not_hold
    if order["published", "lengths"]:
        whole = holds if order["stated", "lengths"] else holds_if("each A_i is a sum of k Gaussians")
    growth = _slope([10, 200], [found["width", "published", "lengths"][n]["ltc"] for n in (0, -1)])
    return Outcome(
        measured=f"LTC ∝ width^{growth:.2f}",
        verdict=whole,
        summary=(
            f"{len(scale.networks)} networks with {ACTIVATION} per model and place; σ {SIGMA:g}, width {WIDTH} and one "
            "layer unless that is what is varied. Under the published weights the LTC's length grows with width and "
            "variance because its A_i, sums of k Gaussians, grow like σ √k. As published the length is taken on the "
            "solver's output points at loose tolerances; as stated the trajectories are solved accurately, and what "
            "is left of the dependence on the solver is that of the tolerance."
        ),
        findings=findings,
        tables=[_heuristic(found), *(_table(panel, setting, found) for panel in PANELS for setting in SETTINGS)],
        pictures=[_picture(panel, setting, found) for panel in PANELS for setting in SETTINGS],
    )


def _solver(published: Sequence[dict[str, Values]], stated: Sequence[dict[str, Values]]) -> Finding:
    spreads = []
    for places in (published, stated):
        common = min(len(one["ltc"]) for one in places)
        medians = {model: [float(np.median(one[model][:common])) for one in places] for model in MODELS}
        spreads.append(max(max(values) / min(values) for values in medians.values()) - 1)
    return Finding(
        "Length depends on the choice of the solver",
        "box plots",
        f"up to {100 * spreads[0]:.1f} % between medians as published, {100 * spreads[1]:.1f} % as stated",
        holds_if("tolerances are loose") if spreads[1] < 0.01 <= spreads[0] else either(spreads[1] >= 0.01),
        f"Solvers: {', '.join(SOLVERS)}; ode23 and ode45 as in MATLAB, LSODA and Radau of SciPy.",
    )


def _trend(panel: str, published: Sequence[dict[str, Values]], stated: Sequence[dict[str, Values]]) -> Finding:
    names = [place.name for place in PANELS[panel]]
    words, rising = [], []
    for places in (published, stated):
        medians = [float(np.median(one["ltc"])) for one in places]
        words.append(" → ".join(f"{median:.3g}" for median in medians))
        rising.append(all(after > before for before, after in pairwise(medians)))
    verdict = holds if all(rising) else holds_if("weights are as published") if rising[0] else does_not_hold
    what = {
        "width": "LTC's length grows with the width",
        "σ of the weights": "LTC's length grows with the variance of the weights",
        "layer": "LTC's length grows with depth",
    }[panel]
    return Finding(
        what,
        "box plots",
        f"{words[0]} as published; {words[1]} as stated",
        verdict,
        f"Medians at {panel} {', '.join(names)}.",
    )


def _bases(stated: Sequence[dict[str, Values]]) -> Finding:
    """Theorems 4 and 5: whether the models' lengths are in the order of the bounds' bases."""
    medians = [{model: float(np.median(one[model])) for model in MODELS} for one in stated]
    ordered = all(one["node"] > one["ctrnn"] for one in medians)
    beyond = all(one["ltc"] > one["node"] for one in medians)
    return Finding(
        "Theorems 4 and 5: length grows like r^(depth · L), least for the CT-RNN, most for the LTC",
        "lower bounds up to unknown constants",
        " · ".join("/".join(f"{one[model]:.3g}" for model in MODELS) for one in medians),
        holds if ordered and beyond else holds_if("the LTC is left out") if ordered else does_not_hold,
        f"Median lengths N-ODE/CT-RNN/LTC as stated at σ {', '.join(f'{sigma:g}' for sigma in SIGMAS)}. The bounds are "
        "the paper's heuristic, with constants that are not given and a last factor that differs between copies, so "
        "that only their order can be compared. They concern f alone: what multiplies f, A in the LTC, is not in them.",
    )


def _heuristic(found: dict[tuple[str, Setting, str], list[dict[str, Values]]]) -> Table:
    places = [("width", float(place.name), SIGMA, int(place.name)) for place in PANELS["width"]]
    places += [
        ("σ of the weights", float(place.name), float(place.name), WIDTH) for place in PANELS["σ of the weights"]
    ]
    rows = []
    for panel, at, sigma, width in places:
        index = [float(place.name) for place in PANELS[panel]].index(at)
        lengths = found[panel, "stated", "lengths"][index]
        row = [f"{panel} {at:g}", *(f"{length_growth(model, sigma, 1.0, width):.3f}" for model in ("node", "ctrnn"))]
        rows.append([*row, *(f"{np.median(lengths[model]):.3g}" for model in MODELS)])
    header = ["", "r of N-ODE and LTC", "r of CT-RNN", *(f"{title}, median length" for title in MODELS.values())]
    return Table("Theorems 4 and 5: bases of the bounds, beside lengths as stated", header, rows, "σ_b = 1.")


def _slope(x: Sequence[float], values: Sequence[Values]) -> float:
    medians = [float(np.median(one)) for one in values]
    return float(np.log(medians[-1] / medians[0]) / np.log(x[-1] / x[0]))


def _table(panel: str, setting: Setting, found: dict[tuple[str, Setting, str], list[dict[str, Values]]]) -> Table:
    rows = []
    for place, raw, rms in zip(
        PANELS[panel], found[panel, setting, "lengths"], found[panel, setting, "rms"], strict=True
    ):
        for model, title in MODELS.items():
            low, high = np.quantile(raw[model], [0.01, 0.99])
            rows.append(
                [
                    place.name,
                    title,
                    f"{np.median(raw[model]):.4g}",
                    f"{raw[model].mean():.4g} ± {raw[model].std(ddof=1):.3g}",
                    f"{low:.4g} – {high:.4g}",
                    f"{np.median(rms[model]):.2f}",
                    f"{len(raw[model])}",
                ]
            )
    header = [panel, "model", "median", "mean ± deviation", "1 % – 99 %", "median over RMS radius", "networks"]
    return Table(f"Length by {panel}, as {setting}", header, rows)


def _picture(panel: str, setting: Setting, found: dict[tuple[str, Setting, str], list[dict[str, Values]]]) -> Picture:
    groups = [
        Group(place.name, {title: raw[model].tolist() for model, title in MODELS.items()}, {})
        for place, raw in zip(PANELS[panel], found[panel, setting, "lengths"], strict=True)
    ]
    return Boxes(
        f"Length by {panel}, as {setting}",
        f"Activation {ACTIVATION}; of the first two principal components.",
        Axis(panel),
        Axis("length", log=True),
        groups,
    )


ITEM = Item(
    "fig3",
    "Trajectory length by solver, width, variance, depth",
    "Fig. 3",
    "box plots",
    cases,
    judge,
)
