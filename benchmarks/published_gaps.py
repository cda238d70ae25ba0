"""Where the published recipe does not give the published scores: what would?

    LIQUIDTIME_DATA=… python benchmarks/published_gaps.py [--workers 2]

Two suspects, each changed alone under the paper protocol, over five seeds and 200 epochs. *Rates*: the released scripts
train the LTC at 0.01 and all others at 0.001; here other ones. *Axes*: the released ozone script turns its array of
windows, so that the network sees 32 sequences of 626 steps; here it sees the 626 windows of 32 days, at the released
rates. Test scores go to benchmarks/results/published_gaps.jsonl, one line per run; finished lines are kept.
"""

import argparse
import tempfile
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path
from statistics import mean, pstdev

from liquidtime.comparison import MEASURES, PUBLISHED
from liquidtime.data import Task, load, ozone
from liquidtime.data.series import cut_as_published
from liquidtime.data.split import shuffled
from liquidtime.report.comparison import wording
from liquidtime.training import published_recipe, train
from resume import rows_of

RESULTS = Path(__file__).parent / "results" / "published_gaps.jsonl"
RATES = {
    "gesture": {"conductance-ltc": (0.02, 0.04), "ctrnn": (0.005, 0.02), "lstm": (0.005, 0.02)},
    "ozone": {"conductance-ltc": (0.02,), "ctrnn": (0.005, 0.02), "lstm": (0.005, 0.02)},
    "occupancy": {"conductance-ltc": (0.001, 0.02)},
}
AXES = ("conductance-ltc", "ctrnn", "node", "ctgru", "lstm")
SEEDS = range(5)


@dataclass(frozen=True)
class Run:
    """What is trained once; without a rate, at the released one and, on ozone, by windows of days."""

    data: str
    model: str
    rate: float | None
    seed: int


def by_days() -> Task:
    task = load("ozone", "paper")
    (days,) = task.recordings
    parts = shuffled(cut_as_published([days], ozone.LENGTH, ozone.STRIDE), 23489)
    return replace(task, train=parts.train, valid=parts.valid, test=parts.test)


def score(run: Run) -> dict:
    recipe = published_recipe(run.data, run.model)
    if run.rate is None:
        task = by_days()
    else:
        task, recipe = load(run.data, "paper"), replace(recipe, learning_rate=run.rate)
    with tempfile.TemporaryDirectory() as folder:
        results = train(task, recipe, run.seed, f"{folder}/run").results
    return asdict(run) | {"score": results[f"test_{task.metric}"]}


def groups() -> list[tuple[str, str, float | None]]:
    """What is changed: a rate, or the axes of ozone."""
    rates = [(data, model, rate) for data in RATES for model in RATES[data] for rate in RATES[data][model]]
    return [*rates, *(("ozone", model, None) for model in AXES)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    runs = [Run(*group, seed) for group in groups() for seed in SEEDS]
    print(
        "\n".join(
            table(
                rows_of(RESULTS, score, runs, astuple, lambda row: tuple(row.values())[:4], parser.parse_args().workers)
            )
        )
    )


def table(rows: list[dict]) -> list[str]:
    """Mean and deviation of each group, in Markdown."""
    lines = ["| data set, score | model | changed | test score | as published |", "| --- | --- | --- | --- | --- |"]
    for data, model, rate in groups():
        measure, told = MEASURES[data], PUBLISHED[data, model]
        mine = [row for row in rows if (row["data"], row["model"], row["rate"]) == (data, model, rate)]
        found = [measure.factor * row["score"] for row in mine]
        here = f"{mean(found):.{measure.digits}f} ± {pstdev(found):.{measure.digits}f}"
        changed = "windows of 32 days" if rate is None else f"learning rate {rate}"
        lines.append(f"| {data}, {measure.title} | `{model}` | {changed} | {here} | {wording.told(measure, told)} |")
    return lines


if __name__ == "__main__":
    main()
