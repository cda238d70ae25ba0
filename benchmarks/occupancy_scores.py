"""Test accuracy of every model on occupancy, seeds 0 to 4, each by the command a user would type.

    python benchmarks/occupancy_scores.py [--workers 2] [--models ltc,lstm]

The recipes are those of `liquidtime train occupancy`, chosen beforehand by benchmarks/occupancy_recipe.py. Results go
to benchmarks/results/occupancy_scores.jsonl, one line per model and seed; finished lines are kept. `wall` is the whole
command, start-up and report page included, on one thread beside the other workers.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results" / "occupancy_scores.jsonl"
MODELS = ["ltc", "conductance-ltc", "ctrnn", "node", "ctgru", "lstm", "gru"]
SEEDS = range(5)


def score(model: str, seed: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        words = ["train", "occupancy", "--model", model, "--seed", str(seed), "--out", f"{folder}/run", "--json"]
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", "from liquidtime.cli import main; main()", *words],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        wall = time.perf_counter() - start
        config = json.loads(Path(folder, "run", "config.json").read_text())
    results = json.loads(done.stdout)
    kept = ("test_accuracy", "test_f1", "best_epoch", "valid_accuracy", "parameters", "seconds")
    row = {"model": model, "seed": seed} | {name: results[name] for name in kept}
    return row | {"wall": wall, "recipe": config["recipe"], "versions": config["versions"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--models", default=",".join(MODELS))
    arguments = parser.parse_args()
    RESULTS.parent.mkdir(exist_ok=True)
    rows = [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    done = {(row["model"], row["seed"]) for row in rows}
    todo = [(m, s) for m in arguments.models.split(",") for s in SEEDS if (m, s) not in done]
    with ThreadPoolExecutor(arguments.workers) as pool, RESULTS.open("a") as file:
        for future in as_completed([pool.submit(score, *cell) for cell in todo]):
            rows.append(future.result())
            file.write(json.dumps(rows[-1]) + "\n")
            file.flush()
    print("| model | test accuracy (%) | F1 | parameters | epochs | learning rate | longest run (s) |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for model in MODELS:
        mine = [row for row in rows if row["model"] == model]
        if len(mine) == len(SEEDS):
            accuracy = 100 * np.array([row["test_accuracy"] for row in mine])
            f1 = np.array([row["test_f1"] for row in mine])
            recipe = mine[0]["recipe"]
            longest = max(row["wall"] for row in mine)
            cells = [f"`{model}`", f"{accuracy.mean():.2f} ± {accuracy.std():.2f}", f"{f1.mean():.3f}"]
            cells += [f"{mine[0]['parameters']:,}", recipe["epochs"], recipe["learning_rate"], f"{longest:.0f}"]
            print(f"| {' | '.join(map(str, cells))} |")


if __name__ == "__main__":
    main()
