"""Choose the recipe of each model on occupancy, by whole days held out of the training file.

    python benchmarks/occupancy_recipe.py [--workers 2]

Every model gets the same search: three learning rates (the conductance form also two initialisations), up to eight
epochs, each of the seven days of the training file held out once, seed 0. The choice is the learning rate and the
epoch with the highest accuracy on the held-out days, averaged over their steps. The two test files are never read.
Results go to benchmarks/results/occupancy_recipe.jsonl, one line per model, recipe and day; finished lines are kept.
"""

import argparse
import itertools
import json
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
import torch

from liquidtime.data import occupancy
from liquidtime.training import Recipe, train

RESULTS = Path(__file__).parent / "results" / "occupancy_recipe.jsonl"
DAYS = [f"2015-02-{day:02d}" for day in range(4, 11)]
LEARNING_RATES = [0.005, 0.01, 0.02]
COMMON = {"batch_size": 128, "epochs": 8}


def candidates() -> list[Recipe]:
    recipes = [
        Recipe(model, learning_rate=rate, **COMMON)
        for model in ("lstm", "gru", "ctrnn", "ltc", "ctgru", "node")
        for rate in LEARNING_RATES
    ]
    for init, rate in itertools.product(("fan_in", "published"), LEARNING_RATES):
        recipes.append(Recipe("conductance-ltc", learning_rate=rate, init=init, **COMMON))
    return recipes


def score(recipe: Recipe, day: str) -> dict:
    """The accuracy on a held-out day after each epoch."""
    torch.set_num_threads(1)
    task = occupancy.by_day(day)
    with tempfile.TemporaryDirectory() as folder:
        run = train(task, recipe, 0, Path(folder) / "run")
    accuracies = [row["valid_accuracy"] for row in run.metrics]
    return {"recipe": recipe.to_dict(), "day": day, "windows": len(task.valid), "accuracy": accuracies}


def key(recipe: dict, day: str) -> str:
    return json.dumps([recipe, day], sort_keys=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    workers = parser.parse_args().workers
    RESULTS.parent.mkdir(exist_ok=True)
    rows = [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    done = {key(row["recipe"], row["day"]) for row in rows}
    todo = [(r, d) for r in candidates() for d in DAYS if key(r.to_dict(), d) not in done]
    with ProcessPoolExecutor(workers) as pool, RESULTS.open("a") as file:
        for future in as_completed([pool.submit(score, *cell) for cell in todo]):
            rows.append(future.result())
            file.write(json.dumps(rows[-1]) + "\n")
            file.flush()
    print(f"{'model':16} {'rate':>6} {'init':10} held-out accuracy after epoch 1 … 8 (%)")
    best: dict[str, tuple[float, int, str]] = {}
    for recipe in candidates():
        mine = [row for row in rows if row["recipe"] == recipe.to_dict()]
        mean = np.average([row["accuracy"] for row in mine], axis=0, weights=[row["windows"] for row in mine])
        label = f"{recipe.model:16} {recipe.learning_rate:6} {recipe.init or '':10}"
        print(label, " ".join(f"{100 * value:5.2f}" for value in mean))
        choice = (float(mean.max()), int(mean.argmax()) + 1, label)
        best[recipe.model] = max(best.get(recipe.model, choice), choice)
    for accuracy, epoch, label in best.values():
        print(f"chosen  {label} {epoch} epochs: {100 * accuracy:.2f} %")


if __name__ == "__main__":
    main()
