"""The recipes that won a search, by data set and protocol."""

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from liquidtime.data import ONE_SPLIT
from liquidtime.training.recipe import Recipe


def read(stored: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, Recipe]]:
    """Recipes by data set and protocol, then by model, from data set → protocol → lists of fields that are not usual.

    Raises:
        ValueError: a field is unknown or wrong.
    """
    usual = Recipe().to_dict()
    return {
        (data, protocol): {recipe["model"]: Recipe.from_dict(usual | recipe) for recipe in recipes}
        for data, protocols in stored.items()
        for protocol, recipes in protocols.items()
    }


RECIPES = read(json.loads((files(__package__) / "tuned.json").read_text(encoding="utf-8")))
"""The tuned recipes by data set and protocol, then by model; validation alone chose them.

Those of occupancy were chosen by `benchmarks/occupancy_recipe.py` on days of the training file, which both protocols
train on, the others by `benchmarks/recipe_search.py`; both write `tuned.json`. Where both protocols are one split, one
search serves both.
"""
RECIPES |= {(name, "clean"): RECIPES[name, "paper"] for name in ONE_SPLIT}
