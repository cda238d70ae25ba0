"""Gesture by the published recipe at other learning rates: does one of them explain the published scores?

    LIQUIDTIME_DATA=… python benchmarks/published_rates.py [--workers 2]

The released scripts train the LTC at 0.01 and all others at 0.001, which are the rates of the comparison. Here nothing
but the rate is changed, over five seeds and 200 epochs. The test scores go to benchmarks/results/published_rates.jsonl,
one line per run; finished lines are kept.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, pstdev

from liquidtime.comparison import PUBLISHED
from liquidtime.data import load
from liquidtime.grid import each
from liquidtime.training import published_recipe, train

RESULTS = Path(__file__).parent / "results" / "published_rates.jsonl"
RATES = {"conductance-ltc": (0.02,), "ctrnn": (0.005, 0.02), "lstm": (0.005, 0.02)}
SEEDS = range(5)


@dataclass(frozen=True)
class Run:
    """What is trained once."""

    model: str
    rate: float
    seed: int


def score(run: Run) -> dict:
    recipe = replace(published_recipe("gesture", run.model), learning_rate=run.rate)
    with tempfile.TemporaryDirectory() as folder:
        results = train(load("gesture", "paper"), recipe, run.seed, f"{folder}/run").results
    return {"model": run.model, "rate": run.rate, "seed": run.seed, "accuracy": results["test_accuracy"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    rows = [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    done = {(row["model"], row["rate"], row["seed"]) for row in rows}
    runs = [Run(model, rate, seed) for model, rates in RATES.items() for rate in rates for seed in SEEDS]
    todo = [run for run in runs if (run.model, run.rate, run.seed) not in done]
    with RESULTS.open("a") as file:
        for row in each(score, todo, parser.parse_args().workers):
            rows.append(row)
            file.write(json.dumps(row) + "\n")
            file.flush()
    print("| model | learning rate | test accuracy (%) | as published (%) |\n| --- | --- | --- | --- |")
    for model, rates in RATES.items():
        told = PUBLISHED["gesture", model]
        for rate in rates:
            found = [100 * row["accuracy"] for row in rows if (row["model"], row["rate"]) == (model, rate)]
            print(f"| `{model}` | {rate} | {mean(found):.2f} ± {pstdev(found):.2f} | {told.mean} ± {told.std} |")


if __name__ == "__main__":
    main()
