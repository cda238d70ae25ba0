"""The recipe that each model gets when none is given."""

from liquidtime.data import lookup
from liquidtime.training.choices import MODELS
from liquidtime.training.recipe import Recipe

RECIPES: dict[str, dict[str, Recipe]] = {
    "occupancy": {
        "ltc": Recipe("ltc", epochs=7, batch_size=128, learning_rate=0.005),
        "conductance-ltc": Recipe("conductance-ltc", epochs=6, batch_size=128, learning_rate=0.02, init="fan_in"),
        "ctrnn": Recipe("ctrnn", epochs=1, batch_size=128, learning_rate=0.005),
        "node": Recipe("node", epochs=3, batch_size=128, learning_rate=0.005),
        "ctgru": Recipe("ctgru", epochs=1, batch_size=128, learning_rate=0.005),
        "lstm": Recipe("lstm", epochs=8, batch_size=128, learning_rate=0.005),
        "gru": Recipe("gru", epochs=3, batch_size=128, learning_rate=0.005),
    }
}
"""Per data set and model; for occupancy as chosen by `benchmarks/occupancy_recipe.py`, which reads no test file."""


def recipe_for(task_name: str, model_name: str) -> Recipe:
    """The recipe of a model on a data set.

    Raises:
        ValueError: there is no such data set or model; the message lists the valid names.

    Example:
        >>> recipe_for("occupancy", "gru").model
        'gru'
    """
    recipes = lookup("data set", task_name, RECIPES)
    lookup("model", model_name, MODELS)
    return recipes[model_name]
