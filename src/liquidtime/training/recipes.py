"""The recipe that each model gets when none is given."""

from liquidtime.data import lookup
from liquidtime.training.choices import MODELS
from liquidtime.training.recipe import Recipe

RECIPES: dict[str, dict[str, Recipe]] = {
    "occupancy": {
        "ltc": Recipe("ltc", epochs=6, batch_size=64, learning_rate=0.005),
        "conductance-ltc": Recipe("conductance-ltc", epochs=6, batch_size=64, learning_rate=0.005, init="published"),
        "ctrnn": Recipe("ctrnn", epochs=6, batch_size=64, learning_rate=0.001),
        "node": Recipe("node", epochs=6, batch_size=64, learning_rate=0.001),
        "ctgru": Recipe("ctgru", epochs=6, batch_size=64, learning_rate=0.001),
        "lstm": Recipe("lstm", epochs=6, batch_size=64, learning_rate=0.001),
        "gru": Recipe("gru", epochs=6, batch_size=64, learning_rate=0.001),
    }
}
"""Per data set and model."""


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
