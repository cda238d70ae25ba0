"""Choose the recipe of each model on occupancy, by whole days held out of the training file.

    python benchmarks/occupancy_recipe.py [--workers 2]

Every model has six candidates: six learning rates, or for the conductance form three and two initialisations. Each is
trained for up to eight epochs with each of the seven days of the training file held out once, seed 0. The choice is the
candidate and the epoch with the highest accuracy on the held-out days, averaged over their steps. The two test files
are never read. Results go to benchmarks/results/occupancy_recipe.jsonl, one line per candidate and day; finished lines
are kept. What wins is written into src/liquidtime/training/tuned.json, for both protocols, which train on that file.
"""

import argparse
import itertools
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from liquidtime.data import occupancy
from liquidtime.training import MODELS, Recipe, train
from recipe_search import told, write
from resume import rows_of

RESULTS = Path(__file__).parent / "results" / "occupancy_recipe.jsonl"
DAYS = [f"2015-02-{day:02d}" for day in range(4, 11)]
RATES = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.04)
FEWER = (0.005, 0.01, 0.02)
COMMON = {"batch_size": 128, "epochs": 8}


def candidates() -> list[Recipe]:
    recipes = [
        Recipe(model, learning_rate=rate, **COMMON)
        for model in ("lstm", "gru", "ctrnn", "ltc", "ctgru", "node")
        for rate in RATES
    ]
    for init, rate in itertools.product(("fan_in", "published"), FEWER):
        recipes.append(Recipe("conductance-ltc", learning_rate=rate, init=init, **COMMON))
    return recipes


def score(one: tuple[Recipe, str]) -> dict:
    """The accuracy on a held-out day after each epoch."""
    recipe, day = one
    task = occupancy.by_day(day)
    with tempfile.TemporaryDirectory() as folder:
        run = train(task, recipe, 0, Path(folder) / "run")
    accuracies = [row["valid_accuracy"] for row in run.metrics]
    return {"recipe": recipe.to_dict(), "day": day, "windows": len(task.valid), "accuracy": accuracies}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    workers = parser.parse_args().workers
    runs = [(recipe, day) for recipe in candidates() for day in DAYS]
    rows = rows_of(RESULTS, score, runs, tuple, lambda row: (Recipe.from_dict(row["recipe"]), row["day"]), workers)
    print(f"{'model':16} {'rate':>6} {'init':10} held-out accuracy after epoch 1 … 8 (%)")
    best: dict[str, tuple[float, Recipe]] = {}
    for recipe in candidates():
        mine = [row for row in rows if row["recipe"] == recipe.to_dict()]
        mean = np.average([row["accuracy"] for row in mine], axis=0, weights=[row["windows"] for row in mine])
        shown = " ".join(f"{100 * value:5.2f}" for value in mean)
        print(f"{recipe.model:16} {recipe.learning_rate:6} {recipe.init or '':10} {shown}")
        if recipe.model not in best or mean.max() > best[recipe.model][0]:
            best[recipe.model] = float(mean.max()), replace(recipe, epochs=int(mean.argmax()) + 1)
    for accuracy, recipe in best.values():
        print(f"chosen  {recipe.model:16} {recipe.learning_rate:6} {recipe.epochs} epochs: {100 * accuracy:.2f} %")
    winners = [told(best[model][1]) for model in MODELS]
    write({"occupancy": {"paper": winners, "clean": winners}})


if __name__ == "__main__":
    main()
