"""What the panels of figure 2 have in common: three models, several spots, published lengths, two settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wilcoxon

from liquidtime.paper.engine import (
    Axis,
    Boxes,
    Case,
    Finding,
    Group,
    Item,
    Outcome,
    Panel,
    Picture,
    Planes,
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
from liquidtime.paper.parts.trajectories import MODELS, Setting, Trajectories

Values = NDArray[np.float64]
NEAR = 0.05
"""A published length within this share of our median counts as matched, whatever the spread."""
REASON = "The likely reason: the figure shows one network, and what else its code did to it was not published."
SURE = 0.01
"""The level of the paired tests."""


@dataclass(frozen=True)
class Spot:
    """A place in the figure where each model has one trajectory.

    Args:
        name: what is varied, such as "σ = 2".
        sigma_w: σ_w.
        width: k.
        depth: n.
        layer: which layer is shown, from 1.
        published: length by model.
    """

    name: str
    sigma_w: float
    width: int
    depth: int
    layer: int
    published: Mapping[str, float]


@dataclass(frozen=True)
class Variant:
    """One way to compute the figure.

    Args:
        name: what it is called.
        setting: "published" or "stated".
        activation: f.
    """

    name: str
    setting: Setting
    activation: str

    def case(self, spot: Spot, model: str, scale: Scale) -> Trajectories:
        """The computation behind a spot."""
        return Trajectories(
            self.setting, model, self.activation, spot.sigma_w, spot.width, spot.depth, len(scale.networks)
        )


@dataclass(frozen=True)
class Lengths:
    """Lengths of one spot over networks, by model: raw, over the RMS radius, and the first network's trajectory."""

    raw: dict[str, Values]
    rms: dict[str, Values]
    plane: dict[str, tuple[list[float], list[float]]]


def gather(results: Results, variant: Variant, spot: Spot, scale: Scale) -> Lengths:
    """What was computed for a spot."""
    found: dict[str, dict[str, Any]] = {"raw": {}, "rms": {}, "plane": {}}
    for model in MODELS:
        value = results[variant.case(spot, model, scale)]
        found["raw"][model] = np.array(value["lengths"])[:, spot.layer - 1]
        found["rms"][model] = np.array(value["rms"])[:, spot.layer - 1]
        found["plane"][model] = value["plane"][spot.layer - 1]
    return Lengths(**found)


def quantile(published: float, ours: Values) -> float:
    """The share of our networks below a published length, equal ones counted half."""
    return float(((ours < published).mean() + (ours <= published).mean()) / 2)


def matched(published: float, ours: Values) -> bool:
    """Whether a published length is within 5 % of our median or between our 1 % and 99 % quantiles."""
    low, high = np.quantile(ours, [0.01, 0.99])
    return bool(abs(published / np.median(ours) - 1) <= NEAR or low <= published <= high)


def longer(first: Values, second: Values) -> float:
    """The p-value of a one-sided paired test (Wilcoxon 1945, signed ranks of log ratios) that the first is longer."""
    ratios = np.log(first) - np.log(second)
    return float(wilcoxon(ratios, alternative="greater").pvalue) if ratios.any() else 1.0


def longest(values: Sequence[Mapping[str, Values]], words_for: str = "The LTC's is longer") -> tuple[bool, str]:
    """Whether at every spot the LTC's values exceed both others' over the same seeds, and the evidence in words."""
    words, sure = [], True
    for model in ("ctrnn", "node"):
        worst = max(longer(one["ltc"], one[model]) for one in values)
        shares = [100 * float((one["ltc"] > one[model]).mean()) for one in values]
        low, high = f"{min(shares):.0f}", f"{max(shares):.0f}"
        share = f"{low} %" if low == high else f"{low} to {high} %"
        words.append(f"than {MODELS[model]} in {share} of the networks (largest p = {worst:.1g})")
        sure &= worst < SURE
    return sure, f"{words_for} {words[0]} and {words[1]}."


def figure(name: str, title: str, source: str, spots: Sequence[Spot], activation: str) -> Item:
    """The item of a panel of figure 2.

    Args:
        name: of the item.
        title: in one line.
        source: where it stands.
        spots: its places.
        activation: as the paper names it: "tanh", "ReLU" or "hard tanh", which the released code computes as an
            identity.
    """
    released = "released hard tanh" if activation == "hard tanh" else activation
    published = Variant("as published", "published", released)
    variants = [published, Variant("as stated", "stated", activation)]
    if released != activation:
        variants.insert(1, Variant("released weights, true hard tanh", "published", activation))

    def cases(scale: Scale) -> list[Case]:
        by_bias = [_tau_from_biases(published, spot, scale) for spot in spots if spot.depth == 1]
        return [*by_bias, *(v.case(spot, model, scale) for v in variants for spot in spots for model in MODELS)]

    def judge(scale: Scale, results: Results) -> Outcome:
        found = {v.name: {s.name: gather(results, v, s, scale) for s in spots} for v in variants}
        outcome = _judge(scale, spots, variants, found, identity=released != activation)
        single = [spot for spot in spots if spot.depth == 1]
        if not single:
            return outcome
        values = [np.array(results[_tau_from_biases(published, spot, scale)]["lengths"])[:, 0] for spot in single]
        return replace(outcome, findings=[*outcome.findings, _inferred(single, values)])

    first, last = spots[0].published, spots[-1].published
    ranges = " · ".join(f"{MODELS[model]} {_number(first[model])} … {_number(last[model])}" for model in MODELS)
    return Item(name, title, source, ranges, cases, judge)


def _tau_from_biases(published: Variant, spot: Spot, scale: Scale) -> Trajectories:
    return replace(published.case(spot, "ctrnn", scale), sigma_tau=1.0)


def _inferred(spots: Sequence[Spot], values: Sequence[Values]) -> Finding:
    """What becomes of the CT-RNN if τ is drawn like the biases."""
    agree = [matched(spot.published["ctrnn"], ours) for spot, ours in zip(spots, values, strict=True)]
    places = ", ".join(
        f"{100 * quantile(spot.published['ctrnn'], ours):.0f} %" for spot, ours in zip(spots, values, strict=True)
    )
    return Finding(
        "CT-RNN: the same with τ = |N(0, σ_b²)|",
        " · ".join(_number(spot.published["ctrnn"]) for spot in spots),
        " · ".join(_number(float(np.median(ours))) for ours in values),
        holds if all(agree) else unclear,
        f"The published lengths stand at the quantiles {places}. With τ = |N(0, σ_w²)| they are matched, here and in "
        "the other panels, which is why that is used wherever “as published” is said.",
    )


def _judge(
    scale: Scale,
    spots: Sequence[Spot],
    variants: Sequence[Variant],
    found: Mapping[str, Mapping[str, Lengths]],
    identity: bool,
) -> Outcome:
    as_published, as_stated = found["as published"], found["as stated"]
    findings = [_reproduced(model, spots, as_published) for model in MODELS]
    findings += [_beyond(spots)] if identity else []
    orders: dict[tuple[str, str], bool] = {}
    for variant in variants:
        for kind in ("raw", "rms"):
            finding, sure = _order(variant, kind, spots, found[variant.name])
            orders[variant.name, kind] = sure
            findings.append(finding)
    measured = [as_published[spot.name].raw["ltc"] for spot in spots]
    networks = len(scale.networks)
    last = _claimed(spots)[-1]
    medians = {
        name: "/".join(_number(float(np.median(lengths[last.name].raw[model]))) for model in MODELS)
        for name, lengths in (("published", as_published), ("stated", as_stated))
    }
    return Outcome(
        measured="LTC " + " … ".join(_number(float(np.median(measured[n]))) for n in (0, -1)),
        verdict=_whole(orders, identity),
        summary=_summary(networks, last, medians, orders, identity),
        findings=findings,
        tables=[_table(variant, spots, found[variant.name]) for variant in variants],
        pictures=_pictures(spots, variants, found),
    )


def _whole(orders: Mapping[tuple[str, str], bool], identity: bool) -> Verdict:
    if not orders["as published", "raw"]:
        return does_not_hold
    if orders["as stated", "raw"] and orders["as stated", "rms"]:
        return holds
    condition = "each A_i is a sum of k Gaussians"
    if orders["as stated", "rms"]:
        condition += " or the length is taken free of scale"
    return holds_if(f"the hard tanh is an identity, and {condition}" if identity else condition)


def _summary(
    networks: int,
    last: Spot,
    medians: Mapping[str, str],
    orders: Mapping[tuple[str, str], bool],
    identity: bool,
) -> str:
    activation = (
        "Its hard tanh appears to return its argument unchanged for more than one neuron, so that the figure is that "
        "of an identity activation. "
        if identity
        else ""
    )
    fate = {
        (True, True): "the LTC's trajectory stays the longest, raw and free of scale",
        (False, True): "the LTC's trajectory is not the longest in raw length, but is the longest free of scale",
        (True, False): "the LTC's trajectory is the longest in raw length, but not free of scale",
        (False, False): "the LTC's trajectory is not the longest, neither raw nor free of scale",
    }[orders["as stated", "raw"], orders["as stated", "rms"]]
    return (
        f"{networks} untrained networks per model read the unit circle; the length is that of the first two principal "
        "components of the hidden trajectory. As far as can be inferred from the released analysis code, its weights "
        "carry no factor 1/width, its LTC alone is recurrent, and each A_i of its LTC is a sum of k Gaussians; τ is "
        "|N(0, σ_w²)|, as the published lengths of the CT-RNN suggest. "
        f"{activation}With weights as the text states them and the same f and the same scale for all three models, "
        f"{fate}: medians {medians['stated']} (N-ODE/CT-RNN/LTC, {last.name}) against {medians['published']} as "
        "published."
    )


def _reproduced(model: str, spots: Sequence[Spot], lengths: Mapping[str, Lengths]) -> Finding:
    ours = {spot.name: lengths[spot.name].raw[model] for spot in spots}
    agree = [matched(spot.published[model], ours[spot.name]) for spot in spots]
    places = ", ".join(f"{100 * quantile(spot.published[model], ours[spot.name]):.0f} %" for spot in spots)
    missed = [spot for spot, ok in zip(spots, agree, strict=True) if not ok]
    note = f"The published lengths stand at the quantiles {places} of ours."
    if missed:
        ratios = ", ".join(f"{spot.name} {spot.published[model] / np.median(ours[spot.name]):.2f}" for spot in missed)
        note += f" Outside our 1 % to 99 %, as multiples of our median: {ratios}. {REASON}"
    return Finding(
        f"{MODELS[model]}: published lengths, {', '.join(spot.name for spot in spots)}",
        " · ".join(_number(spot.published[model]) for spot in spots),
        " · ".join(_number(float(np.median(ours[spot.name]))) for spot in spots),
        holds if all(agree) else unclear,
        note,
    )


def _beyond(spots: Sequence[Spot]) -> Finding:
    """The published lengths of neural ODEs against what a bounded f allows."""
    limits = [2 * np.pi * np.sqrt(spot.width) for spot in spots]
    over = [spot.published["node"] > limit for spot, limit in zip(spots, limits, strict=True)]
    return Finding(
        "The published N-ODE lengths can come from a hard tanh",
        " · ".join(_number(spot.published["node"]) for spot in spots),
        " · ".join(f"≤ {_number(limit)}" for limit in limits),
        does_not_hold if any(over) else holds,
        "With |f| ≤ 1 each of H states moves at a speed of at most 1, so no length over a time of 2π exceeds 2π√H.",
    )


def _claimed(spots: Sequence[Spot]) -> list[Spot]:
    """Where the published trajectory of the LTC is the longest."""
    return [spot for spot in spots if spot.published["ltc"] == max(spot.published.values())]


def _order(variant: Variant, kind: str, spots: Sequence[Spot], lengths: Mapping[str, Lengths]) -> tuple[Finding, bool]:
    claimed = _claimed(spots)
    sure, note = longest([getattr(lengths[spot.name], kind) for spot in claimed])
    which = "raw length" if kind == "raw" else "length over the RMS radius"
    medians = " · ".join(
        "/".join(_number(float(np.median(getattr(lengths[spot.name], kind)[model]))) for model in MODELS)
        for spot in spots
    )
    published = "yes" if kind == "raw" else "not measured"
    where = "" if len(claimed) == len(spots) else f" ({', '.join(spot.name for spot in claimed)}, as published)"
    finding = Finding(
        f"LTC's trajectory is the longest{where}, {variant.name}, {which}", published, medians, either(sure), note
    )
    return finding, sure


def _table(variant: Variant, spots: Sequence[Spot], lengths: Mapping[str, Lengths]) -> Table:
    with_published = variant.name == "as published"
    rows = []
    for spot in spots:
        for model, title in MODELS.items():
            raw, rms = lengths[spot.name].raw[model], lengths[spot.name].rms[model]
            low, high = np.quantile(raw, [0.01, 0.99])
            row = [
                spot.name,
                title,
                _number(float(np.median(raw))),
                f"{_number(raw.mean())} ± {_number(raw.std(ddof=1))}",
            ]
            row += [f"{_number(low)} – {_number(high)}", f"{np.median(rms):.2f}"]
            if with_published:
                row += [_number(spot.published[model]), f"{100 * quantile(spot.published[model], raw):.0f} %"]
            rows.append(row)
    header = ["", "model", "median", "mean ± deviation", "1 % – 99 %", "median over RMS radius"]
    header += ["published", "its quantile"] if with_published else []
    return Table(f"Lengths {variant.name}", header, rows, f"Activation: {variant.activation}.")


def _pictures(
    spots: Sequence[Spot], variants: Sequence[Variant], found: Mapping[str, Mapping[str, Lengths]]
) -> list[Picture]:
    first, second = Axis("first principal component"), Axis("second principal component")
    panels = [
        Panel(f"{title}, {spot.name}", *found["as published"][spot.name].plane[model])
        for model, title in MODELS.items()
        for spot in spots
    ]
    pictures: list[Picture] = [
        Planes(
            "Trajectories as published",
            "The first network of each model; the colour runs from the start to the end. Axes differ between panels.",
            first,
            second,
            len(spots),
            panels,
        )
    ]
    for variant in variants:
        marks = variant.name == "as published"
        for kind, title in (("raw", "Length"), ("rms", "Length over the RMS radius")):
            groups = [
                Group(
                    spot.name,
                    {
                        title: getattr(found[variant.name][spot.name], kind)[model].tolist()
                        for model, title in MODELS.items()
                    },
                    {title: spot.published[model] for model, title in MODELS.items()}
                    if marks and kind == "raw"
                    else {},
                )
                for spot in spots
            ]
            note = " Diamonds: published." if marks and kind == "raw" else ""
            pictures.append(
                Boxes(
                    f"{title}, {variant.name}",
                    f"Activation: {variant.activation}.{note}",
                    Axis(""),
                    Axis(f"{title[0].lower()}{title[1:]} (of two principal components)", log=True),
                    groups,
                )
            )
    return pictures


def _number(value: float) -> str:
    """Three significant digits, or whole from a thousand on."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 100 else f"{value:.1f}"
