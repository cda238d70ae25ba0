"""Gesture and ozone by the published recipe at other learning rates: does one explain the published scores?

    LIQUIDTIME_DATA=… python benchmarks/published_rates.py [--workers 2]

The released scripts train the LTC at 0.01 and all others at 0.001, which are the rates of the comparison. Here nothing
but the rate is changed, over five seeds and 200 epochs. The test scores go to benchmarks/results/published_rates.jsonl,
one line per run; finished lines are kept.
"""

import argparse
import json
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, pstdev

from liquidtime.comparison import MEASURES, PUBLISHED
from liquidtime.data import load
from liquidtime.grid import each
from liquidtime.training import published_recipe, train

RESULTS = Path(__file__).parent / "results" / "published_rates.jsonl"
DATA = ("gesture", "ozone")
RATES = {"conductance-ltc": (0.02,), "ctrnn": (0.005, 0.02), "lstm": (0.005, 0.02)}
SEEDS = range(5)


@dataclass(frozen=True)
class Run:
    """What is trained once."""

    data: str
    model: str
    rate: float
    seed: int


def score(run: Run) -> dict:
    task, recipe = load(run.data, "paper"), published_recipe(run.data, run.model)
    with tempfile.TemporaryDirectory() as folder:
        results = train(task, replace(recipe, learning_rate=run.rate), run.seed, f"{folder}/run").results
    return asdict(run) | {"score": results[f"test_{task.metric}"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    rows = [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    done = {Run(row["data"], row["model"], row["rate"], row["seed"]) for row in rows}
    groups = [(data, model, rate) for data in DATA for model, rates in RATES.items() for rate in rates]
    runs = [Run(*group, seed) for group in groups for seed in SEEDS]
    with RESULTS.open("a") as file:
        for row in each(score, [run for run in runs if run not in done], parser.parse_args().workers):
            rows.append(row)
            file.write(json.dumps(row) + "\n")
            file.flush()
    print("| data set, score | model | learning rate | test score | as published |\n| --- | --- | --- | --- | --- |")
    for data, model, rate in groups:
        measure, told = MEASURES[data], PUBLISHED[data, model]
        mine = [row for row in rows if (row["data"], row["model"], row["rate"]) == (data, model, rate)]
        found = [measure.factor * row["score"] for row in mine]
        here = f"{mean(found):.{measure.digits}f} ± {pstdev(found):.{measure.digits}f}"
        print(f"| {data}, {measure.title} | `{model}` | {rate} | {here} | {told.mean} ± {told.std} |")


if __name__ == "__main__":
    main()
