"""The tuned recipes are those that won."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from liquidtime.data import METRICS
from liquidtime.training import RECIPES, Recipe
from liquidtime.training.tuned import read

SEARCHED = Path(__file__).parents[2] / "benchmarks" / "results" / "recipes.jsonl"


def test_the_best_candidate_by_validation_is_the_recipe():
    best = {}
    for row in map(json.loads, SEARCHED.read_text().splitlines()):
        recipe = Recipe.from_dict(row["recipe"])
        key = row["data"], row["protocol"], recipe.model
        value = (1 if METRICS[row["metric"]] else -1) * row["valid"] if "valid" in row else float("-inf")
        if key not in best or value > best[key][0]:
            best[key] = value, recipe
    tuned = {(*where, model): recipe for where, recipes in RECIPES.items() for model, recipe in recipes.items()}
    won = {key: recipe for key, (_, recipe) in best.items()}
    assert {key: recipe for key, recipe in tuned.items() if key[0] != "occupancy"} == won | {
        ("mnist", "clean", model): won["mnist", "paper", model] for model in ("ltc", "lstm")
    }


def test_on_occupancy_it_is_the_best_over_the_days_held_out():
    days = {}
    for row in map(json.loads, SEARCHED.with_name("occupancy_recipe.jsonl").read_text().splitlines()):
        found = days.setdefault(Recipe.from_dict(row["recipe"]), [])
        found.append((row["windows"], row["day"], row["accuracy"]))
    best, counts = {}, {}
    for recipe, found in days.items():
        assert len(found) == len({day for _, day, _ in found}) == 7
        counts[recipe.model] = counts.get(recipe.model, 0) + 1
        windows = sum(number for number, _, _ in found)
        for epoch in range(recipe.epochs):
            mean = sum(number * accuracy[epoch] for number, _, accuracy in found) / windows
            if recipe.model not in best or mean > best[recipe.model][0] + 1e-12:
                best[recipe.model] = mean, replace(recipe, epochs=epoch + 1)
    assert set(counts.values()) == {6}, counts
    for protocol in ("paper", "clean"):
        assert RECIPES["occupancy", protocol] == {model: recipe for model, (_, recipe) in best.items()}


def test_each_model_had_as_many_candidates():
    counts = {}
    for row in map(json.loads, SEARCHED.read_text().splitlines()):
        models = counts.setdefault((row["data"], row["protocol"]), {})
        models[row["recipe"]["model"]] = models.get(row["recipe"]["model"], 0) + 1
    for models in counts.values():
        assert set(models.values()) == {8}, counts
        assert models.keys() >= {"lstm", "ltc"}, counts


def test_fields_that_are_not_told_are_the_usual_ones():
    told = {"sums": {"paper": [{"model": "lstm", "epochs": 3}, {"model": "ltc", "tau": [0.5, 2.0]}]}}
    assert read(told) == {("sums", "paper"): {"lstm": Recipe("lstm", epochs=3), "ltc": Recipe("ltc", tau=(0.5, 2.0))}}


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"model": "lstm", "epoch": 3}, r"no recipe field named 'epoch'. Did you mean 'epochs'\?"),
        ({"model": "lstm", "solver": "fused"}, "model 'lstm' has no solver"),
    ],
)
def test_recipes_that_make_no_sense_are_refused(recipe, message):
    with pytest.raises(ValueError, match=message):
        read({"sums": {"paper": [recipe]}})
