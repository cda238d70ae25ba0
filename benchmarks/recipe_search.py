"""The tuned recipes: the same search for each model on a data set under a protocol, judged by validation windows alone.

    python benchmarks/recipe_search.py gesture cheetah [--protocols paper,clean] [--workers 2]

Each model gets the same number of candidates, drawn (the same on every machine) from the same ranges of width, learning
rate, clipping and weight decay; the LTC's forms also draw solver and initialisation, at no more candidates. Each is
trained once, with seed 0, and takes its best validation score. The test windows are taken away before a model sees the
task. Where both protocols are one split (mnist), one search serves both. The ranges were narrowed once, for all models
alike, after a first search over wider ones on gesture, in which small learning rates and decay schedules other than
cosine had lost.

Results go to benchmarks/results/recipes.jsonl, one line per candidate; finished lines are kept. What wins is written
into src/liquidtime/training/tuned.json, where the package finds it.
"""

import argparse
import json
import random
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from liquidtime.comparison import Cell
from liquidtime.data import METRICS, ONE_SPLIT, Task, pick
from liquidtime.training import Recipe, train
from resume import rows_of

RESULTS = Path(__file__).parent / "results" / "recipes.jsonl"
TUNED = Path(__file__).parents[1] / "src" / "liquidtime" / "training" / "tuned.json"
CANDIDATES = 8


@dataclass(frozen=True)
class Plan:
    """What every candidate on a data set has, and the recipe that wins."""

    epochs: int
    batch_size: int = 16
    sizes: tuple[int, ...] = (64, 96)
    models: tuple[str, ...] = ("ltc", "conductance-ltc", "lstm")


LARGE = Plan(epochs=20, batch_size=64, sizes=(32, 64), models=("ltc", "lstm"))
"""For sets on which the conductance form would take hours."""
PLANS = {
    "gesture": Plan(epochs=150),
    "cheetah": Plan(epochs=100),
    "ozone": replace(LARGE, epochs=200, batch_size=16),
    "har": LARGE,
    "mnist": replace(LARGE, epochs=5),
    "traffic": LARGE,
    "power": replace(LARGE, epochs=60, batch_size=16),
    "walker": replace(LARGE, epochs=30),
}


@dataclass(frozen=True)
class Candidate:
    """A recipe to be tried."""

    data: str
    protocol: str
    recipe: Recipe


def key(data: str, protocol: str, recipe: dict) -> tuple[str, str, str]:
    """What makes a candidate different from others."""
    return data, protocol, json.dumps(recipe, sort_keys=True)


def candidates(data: str, protocol: str, model: str) -> list[Candidate]:
    """So many different recipes, drawn."""
    draw, plan = random.Random(f"{data} {protocol} {model}"), PLANS[data]
    found: list[Recipe] = []
    while len(found) < CANDIDATES:
        recipe = Recipe(
            model,
            hidden_size=draw.choice(plan.sizes),
            epochs=plan.epochs,
            batch_size=plan.batch_size,
            learning_rate=draw.choice((0.005, 0.01, 0.02, 0.04)),
            schedule="cosine",
            clip=draw.choice((None, 1.0)),
            weight_decay=draw.choice((0.0, 0.05)),
        )
        if model != "lstm":
            solver, substeps = draw.choice((("fused", 6), ("exponential-midpoint", 2)))
            recipe = replace(recipe, solver=solver, substeps=substeps)
        if model == "ltc":
            recipe = replace(recipe, tau=draw.choice((None, (0.2, 2.0), (0.5, 5.0))))
        if model == "conductance-ltc":
            recipe = replace(recipe, init=draw.choice(("published", "ncps")))
        if recipe not in found:
            found.append(recipe)
    return [Candidate(data, protocol, recipe) for recipe in found]


def blind(data: str, protocol: str, model: str) -> Task:
    task = Cell(data, protocol, "published", model, seed=0).task()
    return replace(task, test=pick(task.test, torch.arange(0)))


def score(candidate: Candidate) -> dict:
    data, protocol, recipe = candidate.data, candidate.protocol, candidate.recipe
    task = blind(data, protocol, recipe.model)
    row = {"data": data, "protocol": protocol, "recipe": recipe.to_dict(), "metric": task.metric}
    with tempfile.TemporaryDirectory() as folder:
        try:
            results = train(task, recipe, seed=0, out=f"{folder}/run").results
        except ArithmeticError as error:
            return row | {"failure": str(error)}
    return row | {
        "valid": results[f"valid_{task.metric}"],
        "epoch": results["best_epoch"],
        "seconds": results["seconds"],
    }


def told(recipe: Recipe) -> dict:
    """Its model, and the fields that are not the usual ones."""
    usual = Recipe().to_dict()
    return {"model": recipe.model} | {name: value for name, value in recipe.to_dict().items() if value != usual[name]}


def write(winners: dict[str, dict[str, list[dict]]]) -> None:
    """The recipes as JSON, those of these data sets and protocols in place of the old ones, one to a line."""
    stored = json.loads(TUNED.read_text())
    for data, protocols in winners.items():
        stored.setdefault(data, {}).update(protocols)
    text = json.dumps(stored, indent=2)
    text = re.sub(r"\{\s+(\"model\"[^{}]*?)\s+\}", lambda found: "{" + re.sub(r"\s+", " ", found[1]) + "}", text)
    TUNED.write_text(text + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="+", choices=PLANS)
    parser.add_argument("--protocols", default="paper,clean")
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    protocols = arguments.protocols.split(",")
    places = [(d, p) for d in arguments.data for p in (["paper"] if d in ONE_SPLIT else protocols)]
    groups = [(d, p, m) for d, p in places for m in PLANS[d].models]
    drawn = [one for group in groups for one in candidates(*group)]
    rows = rows_of(
        RESULTS,
        score,
        drawn,
        lambda one: key(one.data, one.protocol, one.recipe.to_dict()),
        lambda row: key(row["data"], row["protocol"], row["recipe"]),
        arguments.workers,
    )
    winners: dict[str, dict[str, list[dict]]] = {}
    for data, protocol, model in groups:
        mine = [r for r in rows if (r["data"], r["protocol"], r["recipe"]["model"]) == (data, protocol, model)]
        scored = [row for row in mine if "valid" in row]
        best = (max if METRICS[mine[0]["metric"]] else min)(scored, key=lambda row: row["valid"])
        changed = told(Recipe.from_dict(best["recipe"]))
        winners.setdefault(data, {}).setdefault(protocol, []).append(changed)
        print(f"{data} {protocol} {model}: valid {best['valid']:.4f} of {len(mine)} candidates: {changed}")
    write(winners)


if __name__ == "__main__":
    main()
