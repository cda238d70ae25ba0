"""Where the published recipe does not give the published scores: what would?

    LIQUIDTIME_DATA=… python benchmarks/published_gaps.py [--workers 2]

Three suspects, each changed alone under the paper protocol, over five seeds and 200 epochs. *Rates*: the released
scripts train the LTC at 0.01 and all others at 0.001; here other ones. *Axes*: the released ozone script turns its
array of windows, so that the network sees 32 sequences of 626 steps; here it sees the 626 windows of 32 days, at the
released rates. *Clipping*: the layer keeps conductances positive through a softplus, while the released code trains w,
g_leak and C themselves and clips them after each step, and lets γ go where it goes; here likewise, at the released
rates. Test scores go to benchmarks/results/published_gaps.jsonl, one line per run; finished lines are kept.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path
from statistics import mean, pstdev
from unittest.mock import patch

import torch

from liquidtime.comparison import MEASURES, PUBLISHED
from liquidtime.data import Task, load, ozone
from liquidtime.data.series import cut_as_published
from liquidtime.data.split import shuffled
from liquidtime.dynamics import conductance
from liquidtime.report.comparison import wording
from liquidtime.training import published_recipe, train
from resume import rows_of

RESULTS = Path(__file__).parent / "results" / "published_gaps.jsonl"
RATES = {
    "gesture": {"conductance-ltc": (0.02, 0.04), "ctrnn": (0.005, 0.02), "lstm": (0.005, 0.02)},
    "ozone": {"conductance-ltc": (0.02,), "ctrnn": (0.005, 0.02), "lstm": (0.005, 0.02)},
    "occupancy": {"conductance-ltc": (0.001, 0.02)},
}
AXES, CLIPPING = "windows of 32 days", "conductances clipped"
CHANGES = [
    *((data, model, f"learning rate {rate}") for data in RATES for model in RATES[data] for rate in RATES[data][model]),
    *(("ozone", model, AXES) for model in ("conductance-ltc", "ctrnn", "node", "ctgru", "lstm")),
    *((data, "conductance-ltc", CLIPPING) for data in ("gesture", "occupancy", "ozone")),
]
"""Data sets, models, and what is changed."""
SEEDS = range(5)
LEAST, MOST = 1e-5, 1000.0


@dataclass(frozen=True)
class Run:
    """What is trained once."""

    data: str
    model: str
    change: str
    seed: int


def by_days() -> Task:
    task = load("ozone", "paper")
    (days,) = task.recordings
    parts = shuffled(cut_as_published([days], ozone.LENGTH, ozone.STRIDE), 23489)
    return replace(task, train=parts.train, valid=parts.valid, test=parts.test)


@contextmanager
def clipped() -> Iterator[None]:
    """The conductance form with its positive parameters as they are, put back into bounds whenever they are read."""

    def stored(name: str, *, clip: bool) -> property:
        def read(self: conductance.ConductanceDynamics) -> torch.Tensor:
            value = getattr(self, f"raw_{name}")
            if clip:
                value.data.clamp_(LEAST, MOST)
            return value

        return property(read)

    properties = {name: stored(name, clip=True) for name in ("C", "g_leak", "w", "input_w")}
    properties |= {name: stored(name, clip=False) for name in ("gamma", "input_gamma")}
    with (
        patch.multiple(conductance.ConductanceDynamics, **properties),
        patch.object(conductance, "inverse_positive", torch.clone),
    ):
        yield


def score(run: Run) -> dict:
    recipe = published_recipe(run.data, run.model)
    if run.change.startswith("learning rate"):
        recipe = replace(recipe, learning_rate=float(run.change.split()[-1]))
    task = by_days() if run.change == AXES else load(run.data, "paper")
    with tempfile.TemporaryDirectory() as folder, clipped() if run.change == CLIPPING else nullcontext():
        results = train(task, recipe, run.seed, f"{folder}/run").results
    return asdict(run) | {"score": results[f"test_{task.metric}"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    workers = parser.parse_args().workers
    runs = [Run(*change, seed) for change in CHANGES for seed in SEEDS]
    print("\n".join(table(rows_of(RESULTS, score, runs, astuple, lambda row: tuple(row.values())[:4], workers))))


def table(rows: list[dict]) -> list[str]:
    """Mean and deviation of each change, in Markdown."""
    lines = ["| data set, score | model | changed | test score | as published |", "| --- | --- | --- | --- | --- |"]
    for data, model, change in CHANGES:
        measure, told = MEASURES[data], PUBLISHED[data, model]
        mine = [row for row in rows if (row["data"], row["model"], row["change"]) == (data, model, change)]
        found = [measure.factor * row["score"] for row in mine]
        here = f"{mean(found):.{measure.digits}f} ± {pstdev(found):.{measure.digits}f}"
        lines.append(f"| {data}, {measure.title} | `{model}` | {change} | {here} | {wording.told(measure, told)} |")
    return lines


if __name__ == "__main__":
    main()
