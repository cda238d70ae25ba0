"""Table 2: computational depth, the number of points at which a solver puts out the solution."""

import numpy as np
from numpy.typing import NDArray

from liquidtime.paper.engine import (
    Axis,
    Boxes,
    Case,
    Finding,
    Group,
    Item,
    Outcome,
    Results,
    Scale,
    Table,
    Verdict,
    does_not_hold,
    either,
    holds,
    holds_if,
    unclear,
)
from liquidtime.paper.parts.figure2 import NEAR, longest, matched, quantile
from liquidtime.paper.parts.trajectories import MODELS, SETTINGS, Setting, Trajectories

Values = NDArray[np.float64]
SAMPLES, PER_STEP = 100, 4
"""Samples of the input, and output points per accepted step of ode45."""
PUBLISHED = {
    "tanh": {"node": 0.56, "ctrnn": 4.13, "ltc": 9.19},
    "sigmoid": {"node": 0.56, "ctrnn": 5.33, "ltc": 7.00},
    "ReLU": {"node": 1.29, "ctrnn": 4.31, "ltc": 56.9},
    "hard tanh": {"node": 0.61, "ctrnn": 4.05, "ltc": 81.0},
}
"""Table 2 of Hasani et al. 2021."""


def _case(setting: Setting, model: str, activation: str, scale: Scale) -> Trajectories:
    released = activation == "hard tanh" and setting == "published"
    name = "released hard tanh" if released else activation
    return Trajectories(setting, model, name, 2.0, 100, 1, len(scale.networks))


def cases(scale: Scale) -> list[Case]:
    """Every activation and model in both settings."""
    return [_case(s, model, activation, scale) for s in SETTINGS for activation in PUBLISHED for model in MODELS]


def judge(scale: Scale, results: Results) -> Outcome:
    """Points per sample beside the published ones, and who needs the most."""
    found = {
        setting: {
            activation: {
                model: (np.array(results[_case(setting, model, activation, scale)]["points"]) - 1) / SAMPLES
                for model in MODELS
            }
            for activation in PUBLISHED
        }
        for setting in SETTINGS
    }
    ours = found["published"]
    findings = [_column(model, ours) for model in MODELS]
    order = {setting: longest(list(found[setting].values()), "The LTC needs more") for setting in SETTINGS}
    findings += [
        Finding(f"The LTC needs the most points, as {setting}", "yes", "yes" if sure else "no", either(sure), note)
        for setting, (sure, note) in order.items()
    ]
    steps = {model: float(np.median(ours["tanh"][model])) * SAMPLES / PER_STEP for model in MODELS}
    findings.append(
        Finding(
            "The table counts steps of the solver",
            "“number of integration steps”",
            f"with tanh, {PER_STEP} points per step: N-ODE {steps['node']:.0f}, CT-RNN {steps['ctrnn']:.0f}, "
            f"LTC {steps['ltc']:.0f} steps",
            does_not_hold,
            "The values are those of output points per input sample, of which ode45 gives four per accepted step.",
        )
    )
    return Outcome(
        measured="LTC " + " / ".join(f"{np.median(ours[activation]['ltc']):.3g}" for activation in PUBLISHED),
        verdict=_whole(order["published"][0], order["stated"][0]),
        summary=(
            f"{len(scale.networks)} networks of 100 neurons per model and activation read the unit circle; counted are "
            f"the output points of the solver, four per accepted step, per {SAMPLES} input samples. The count says how "
            "stiff a network is: a neuron with a small τ or a large f forces short steps on an explicit solver. Its "
            "mean over networks is ruled by the fastest neuron of all, since 1/τ of a Gaussian τ has no mean, so "
            "medians are compared; the published hard tanh is the identity of the released code."
        ),
        findings=findings,
        tables=[_table(setting, found[setting]) for setting in SETTINGS],
        pictures=[_picture(setting, found[setting]) for setting in SETTINGS],
    )


def _whole(published: bool, stated: bool) -> Verdict:
    if not published:
        return does_not_hold
    return holds if stated else holds_if("weights are as published")


def _column(model: str, ours: dict[str, dict[str, Values]]) -> Finding:
    agree = [
        matched(PUBLISHED[activation][model], ours[activation][model])
        or abs(PUBLISHED[activation][model] / ours[activation][model].mean() - 1) <= NEAR
        for activation in PUBLISHED
    ]
    places = ", ".join(
        f"{100 * quantile(PUBLISHED[activation][model], ours[activation][model]):.0f} %" for activation in PUBLISHED
    )
    return Finding(
        f"{MODELS[model]}: points per sample, {', '.join(PUBLISHED)}",
        " · ".join(f"{PUBLISHED[activation][model]:.3g}" for activation in PUBLISHED),
        " · ".join(
            f"{np.median(ours[activation][model]):.3g} (mean {ours[activation][model].mean():.3g})"
            for activation in PUBLISHED
        ),
        holds if all(agree) else unclear,
        f"The published values stand at the quantiles {places} of ours.",
    )


def _table(setting: Setting, ours: dict[str, dict[str, Values]]) -> Table:
    rows = []
    for activation in PUBLISHED:
        for model, title in MODELS.items():
            values = ours[activation][model]
            low, high = np.quantile(values, [0.01, 0.99])
            row = [activation, title, f"{np.median(values):.3g}", f"{values.mean():.3g} ± {values.std(ddof=1):.2g}"]
            row += [f"{low:.3g} – {high:.3g}", f"{PUBLISHED[activation][model]:.3g}"]
            rows.append(row)
    header = ["activation", "model", "median", "mean ± deviation", "1 % – 99 %", "published"]
    return Table(f"Points per input sample, as {setting}", header, rows)


def _picture(setting: Setting, ours: dict[str, dict[str, Values]]) -> Boxes:
    groups = [
        Group(
            activation,
            {title: ours[activation][model].tolist() for model, title in MODELS.items()},
            {title: PUBLISHED[activation][model] for model, title in MODELS.items()} if setting == "published" else {},
        )
        for activation in PUBLISHED
    ]
    note = "Diamonds: published; hard tanh is the released identity." if setting == "published" else ""
    return Boxes(
        f"Points per input sample, as {setting}",
        f"Width 100, one layer, σ 2. {note}".strip(),
        Axis("activation"),
        Axis("output points per input sample", log=True),
        groups,
    )


ITEM = Item(
    "depth",
    "Computational depth: solver points per input sample",
    "Table 2",
    "N-ODE 0.56 … 1.29 · CT-RNN 4.05 … 5.33 · LTC 7 … 81",
    cases,
    judge,
)
