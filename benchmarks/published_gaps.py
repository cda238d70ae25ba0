"""Where the published recipe does not give the published scores: what would?

    LIQUIDTIME_DATA=… python benchmarks/published_gaps.py [--workers 2]

Five suspects, each changed alone under the paper protocol, over five seeds and 200 epochs. *Rates*: the released
scripts train the LTC at 0.01 and all others at 0.001; here other ones. *Axes*: the released ozone script turns its
array of windows, so that the network sees 32 sequences of 626 steps; here it sees the 626 windows of 32 days, at the
released rates. *Clipping*: the layer keeps conductances positive through a softplus, while the released code trains w,
g_leak and C themselves and clips them after each step, and lets γ go where it goes; here likewise, at the released
rates. *Head*: the linear layer behind the neurons, which TensorFlow draws as Glorot & Bengio (2010) do, with offsets of
zero; here likewise, at the released rates. *Fading*: the released CT-GRU lets its traces fade by exp(−1/ln τ̃) from
step to step, the first of them at once, in place of exp(−Δt/τ̃); here likewise. Test scores go to
benchmarks/results/published_gaps.jsonl, one line per run; finished lines are kept.
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
from torch import Tensor, nn

from liquidtime.comparison import MEASURES, PUBLISHED
from liquidtime.data import Task, load, ozone
from liquidtime.data.series import cut_as_published
from liquidtime.data.split import shuffled
from liquidtime.dynamics import conductance
from liquidtime.dynamics.base import Tensors
from liquidtime.kernels import TRACES
from liquidtime.layers import ctgru
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
HEAD, FADING = "head drawn by Glorot", "fading as released"
CHANGES = [
    *((data, model, f"learning rate {rate}") for data in RATES for model in RATES[data] for rate in RATES[data][model]),
    *(("ozone", model, AXES) for model in ("conductance-ltc", "ctrnn", "node", "ctgru", "lstm")),
    *((data, "conductance-ltc", CLIPPING) for data in ("gesture", "occupancy", "ozone")),
    *((data, "conductance-ltc", HEAD) for data in ("gesture", "ozone")),
    ("gesture", "ctgru", FADING),
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


@contextmanager
def drawn_by_glorot() -> Iterator[None]:
    """The head with weights in ±√(6 / (inputs + outputs)) and offsets of zero."""

    class Head(nn.Linear):
        def reset_parameters(self) -> None:
            nn.init.xavier_uniform_(self.weight)
            nn.init.zeros_(self.bias)

    with patch.object(nn, "Linear", Head):
        yield


@contextmanager
def fading_as_released() -> Iterator[None]:
    """CT-GRU whose traces fade by exp(−1/ln τ̃), computed step by step, since the kernels know no such thing."""
    usual = ctgru.CTGRUCell.trace

    def trace(cell: ctgru.CTGRUCell, x: Tensor, prepared: Tensors, span: Tensor, coefficients: Tensors) -> list[Tensor]:
        log_tau = coefficients[2]
        change = torch.exp(span.unsqueeze(-1) * torch.exp(-log_tau) - 1 / log_tau)
        faded = x.view(*x.shape[:-1], cell.hidden_size, TRACES) * change
        return usual(cell, faded.flatten(-2), prepared, span, coefficients)

    with patch.multiple(ctgru.CTGRUCell, trace=trace, _choose=lambda *_: ("reference", None)):
        yield


WAYS = {CLIPPING: clipped, HEAD: drawn_by_glorot, FADING: fading_as_released}


def score(run: Run) -> dict:
    recipe = published_recipe(run.data, run.model)
    if run.change.startswith("learning rate"):
        recipe = replace(recipe, learning_rate=float(run.change.split()[-1]))
    task = by_days() if run.change == AXES else load(run.data, "paper")
    with tempfile.TemporaryDirectory() as folder, WAYS.get(run.change, nullcontext)():
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
