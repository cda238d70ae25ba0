"""True elapsed times against equal steps: the same model on irregular series, told the time or not.

    LIQUIDTIME_DATA=… python benchmarks/irregular_time.py [--workers 2] [--models ltc,conductance-ltc]

The walker recordings, irregularly sampled, by the clean protocol (whole recordings for training, validation, test).
Both sides have the same windows, recipe and seeds, 0 to 4, and the best validation epoch of each is tested; one is
handed the elapsed times, for the other every step is 1. Results in benchmarks/results/irregular_time.jsonl, one line
per run; finished lines are kept.
"""

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path

from liquidtime.comparison import MEASURES, Cell
from liquidtime.comparison.table import Score, paired
from liquidtime.data import Task
from liquidtime.grid import each
from liquidtime.training import published_recipe, train

RESULTS = Path(__file__).parent / "results" / "irregular_time.jsonl"
SEEDS = range(5)
EPOCHS = 20


def walker(told: bool) -> Task:
    task = Cell("walker", "clean", "published", "ltc", seed=0).task()
    if told:
        return task
    parts = {name: replace(getattr(task, name), elapsed=None) for name in ("train", "valid", "test")}
    return replace(task, **parts, recordings=tuple(replace(one, timespans=None) for one in task.recordings))


def score(run: tuple[str, bool, int]) -> dict:
    model, told, seed = run
    recipe = replace(published_recipe("walker", model), epochs=EPOCHS, schedule="cosine", batch_size=64)
    with tempfile.TemporaryDirectory() as folder:
        results = train(walker(told), recipe, seed, f"{folder}/run").results
    kept = {name: results[name] for name in ("test_squared_error", "best_epoch", "seconds")}
    return {"model": model, "told": told, "seed": seed, "epochs": EPOCHS, **kept}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--models", default="ltc,conductance-ltc")
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    done = {(row["model"], row["told"], row["seed"]) for row in rows}
    models = arguments.models.split(",")
    runs = [(model, told, seed) for model in models for seed in SEEDS for told in (True, False)]
    with RESULTS.open("a") as file:
        for row in each(score, [run for run in runs if run not in done], arguments.workers):
            rows.append(row)
            file.write(json.dumps(row) + "\n")
            file.flush()
    for model in models:
        told, untold = (
            Score(
                {row["seed"]: row["test_squared_error"] for row in rows if (row["model"], row["told"]) == (model, side)}
            )
            for side in (True, False)
        )
        test = paired(MEASURES["walker"], told, untold)
        print(
            f"{model}: told {told.mean:.4f} ± {told.std:.4f}, equal steps {untold.mean:.4f} ± {untold.std:.4f}; error "
            f"less by {test.advantage:.4f} (95 % interval {test.low:.4f} to {test.high:.4f}, p = {test.p:.2g}, "
            f"{test.seeds} seeds)"
        )


if __name__ == "__main__":
    main()
