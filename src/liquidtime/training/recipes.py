"""The recipe that each model gets when none is given, and the one that was published."""

from dataclasses import replace

from liquidtime.data import TASKS, Task, lookup
from liquidtime.training.choices import MODELS
from liquidtime.training.recipe import Recipe
from liquidtime.training.tuned import RECIPES

PUBLISHED: dict[str, Recipe] = {
    "ltc": Recipe("ltc", learning_rate=0.01, solver="fused", substeps=6),
    "conductance-ltc": Recipe("conductance-ltc", learning_rate=0.01, solver="fused", substeps=6, init="published"),
    "ctrnn": Recipe("ctrnn", solver="explicit-euler", substeps=6, timespan=0.6),
    "node": Recipe("node", solver="rk4", substeps=6, timespan=0.6),
    "ctgru": Recipe("ctgru"),
    "lstm": Recipe("lstm"),
    "gru": Recipe("gru"),
}
"""What the LTC paper's experiments have in common, before `published_recipe` fills in the data set."""


def recipe_for(data: str, model: str, protocol: str = "paper") -> Recipe:
    """The recipe of a model on a data set under a protocol: as tuned, or as published where none was tuned.

    Raises:
        ValueError: there is no such data set or model; the message lists the valid names.

    Example:
        >>> recipe_for("occupancy", "gru").model
        'gru'
    """
    lookup("data set", data, {name: None for name, _ in TASKS})
    lookup("model", model, MODELS)
    tuned = RECIPES.get((data, protocol), {})
    return tuned[model] if model in tuned else published_recipe(data, model)


def published_recipe(data: str, model: str) -> Recipe:
    """How the LTC paper (Hasani et al. 2021) trained a model on a data set.

    32 neurons, 200 epochs of batches of 16 (person: 64), Adam at 0.001, both forms of the LTC at 0.01 (occupancy and
    mnist: 0.005). The LTC takes six fused steps per sample. The CT-RNN takes six explicit Euler steps and the neural
    ODE six of Runge–Kutta, each of h = 0.1, so that a sample lasts 0.6. The paper's LTC is the conductance form, and
    it has no `gru`; `ltc` is trained as the conductance form, `gru` as `lstm`. Walker is no data set of that paper; it
    is given the same settings.

    Args:
        data: name of the data set.
        model: name of the model.

    Raises:
        ValueError: there is no such data set or model; the message lists the valid names.

    Example:
        >>> recipe = published_recipe("gesture", "ctrnn")
        >>> recipe.solver, round(recipe.timespan / recipe.substeps, 9), recipe.learning_rate
        ('explicit-euler', 0.1, 0.001)
    """
    lookup("data set", data, {name: None for name, _ in TASKS})
    recipe = replace(lookup("model", model, PUBLISHED), epochs=200, batch_size=64 if data == "person" else 16)
    slower = model in ("ltc", "conductance-ltc") and data in ("occupancy", "mnist")
    return replace(recipe, learning_rate=0.005) if slower else recipe


EFFORT = 5_000_000
"""Samples that training on files of one's own walks, all epochs together, if the bounds on epochs allow it."""
LEAST_EPOCHS, MOST_EPOCHS, PATIENCE = 2, 40, 8


def own_recipe(task: Task, model: str) -> Recipe:
    """The recipe of a model on files of one's own: the more samples there are, the fewer epochs.

    Args:
        task: what `data.table.load` understood.
        model: name of the model.

    Raises:
        ValueError: there is no such model; the message lists the valid names.
    """
    lookup("model", model, MODELS)
    samples = max(len(task.train) * task.train.length, 1)
    return Recipe(
        model,
        epochs=min(max(EFFORT // samples, LEAST_EPOCHS), MOST_EPOCHS),
        batch_size=min(64, max(len(task.train) // 10, 1)),
        learning_rate=0.01,
        schedule="cosine",
        clip=1.0,
        patience=PATIENCE,
        init="fan_in" if model == "conductance-ltc" else None,
    )
