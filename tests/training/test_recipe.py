import json
import math
from dataclasses import replace

import pytest

from liquidtime.training import GRADIENTS, MODELS, RECIPES, SOLVERS, Recipe, build_model, published_recipe, recipe_for


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        Recipe("lstm", 5, 3, 4, 0.1, schedule="cosine", clip=2.5, weight_decay=0.01, truncate=6, patience=2),
        Recipe("ctrnn", timespan=0.6),
        Recipe("conductance-ltc", init="ncps", tau=(0.5, 7.0), solver="rk4", substeps=3, gradient="recompute", every=2),
    ],
)
def test_json_and_back(recipe):
    assert Recipe.from_dict(json.loads(json.dumps(recipe.to_dict()))) == recipe


def test_an_unknown_field_is_refused_with_the_closest():
    with pytest.raises(ValueError, match=r"no recipe field named 'epoch'. Did you mean 'epochs'\?"):
        Recipe.from_dict(Recipe().to_dict() | {"epoch": 3})


def test_a_missing_field_is_refused():
    stored = Recipe().to_dict()
    del stored["clip"], stored["tau"]
    with pytest.raises(ValueError, match="lacks clip, tau"):
        Recipe.from_dict(stored)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[(name, value) for name in ("hidden_size", "epochs", "batch_size") for value in (0, -1, 2.0, "3", True, None)],
        *[(name, value) for name in ("substeps", "every", "truncate", "patience") for value in (0, 1.5, False)],
        *[("learning_rate", value) for value in (0, -0.1, math.nan, math.inf, "0.1", True, None)],
        *[("timespan", value) for value in (0, -1.0, math.nan, math.inf, "1", True, None)],
        *[("clip", value) for value in (0, -1.0, math.nan, "1")],
        *[("weight_decay", value) for value in (-1e-9, math.nan, None)],
        *[("tau", value) for value in ((0, 1), (2.0, 1.0), (1.0,), (1.0, math.inf), (1.0, math.nan), "12", [1.0, 2.0])],
        ("init", 3),
        ("hidden_size", math.nan),
    ],
)
def test_values_that_make_no_sense_are_refused(field, value):
    with pytest.raises(ValueError, match=f"{field}="):
        Recipe(**{"solver": "fused", field: value})


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("model", "lct", "no model named 'lct'. Did you mean 'ltc'"),
        ("solver", "fuse", "no solver named 'fuse'. Did you mean 'fused'"),
        ("gradient", "adjiont", "no gradient strategy named 'adjiont'. Did you mean 'adjoint'"),
        ("schedule", "linear", "no schedule named 'linear'. Valid names: none, cosine"),
    ],
)
def test_unknown_names_are_refused(field, value, message):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        Recipe(**{field: value})
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"substeps": 3}, "substeps=3 without a solver"),
        ({"solver": "adaptive", "substeps": 3}, "'adaptive' chooses its own steps"),
        ({"gradient": "truncated"}, "gradient='truncated' without every"),
        ({"gradient": "bptt", "every": 3}, "gradient 'bptt' has no chunks"),
        ({"model": "lstm", "solver": "fused"}, "solver='fused': model 'lstm' has no solver"),
        ({"model": "gru", "gradient": "recompute", "every": 2}, "model 'gru' has no gradient"),
        ({"model": "ctgru", "solver": "rk4"}, "model 'ctgru' has no solver"),
        ({"model": "node", "tau": (1.0, 2.0)}, "model 'node' has no tau"),
        ({"model": "lstm", "timespan": 0.6}, "timespan=0.6: model 'lstm' has no timespan"),
        ({"model": "ltc", "init": "published"}, "model 'ltc' has no init"),
    ],
)
def test_fields_that_do_not_go_together_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Recipe(**settings)


def test_every_model_has_a_recipe_that_builds():
    for recipes in RECIPES.values():
        assert all(recipe.model == name for name, recipe in recipes.items())
    for name in MODELS:
        recipe = recipe_for("occupancy", name)
        assert recipe.model == name
        assert build_model(replace(recipe, hidden_size=5), 3, 2).head.in_features == 5


def test_recipes_of_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"no data set named 'ocupancy'. Did you mean 'occupancy'\?"):
        recipe_for("ocupancy", "ltc")
    with pytest.raises(ValueError, match=r"no model named 'lct'. Did you mean 'ltc'\?"):
        recipe_for("occupancy", "lct")


@pytest.mark.parametrize(
    ("data", "model", "expected"),
    [
        ("gesture", "conductance-ltc", {"learning_rate": 0.01, "init": "published", "solver": "fused", "substeps": 6}),
        ("gesture", "ltc", {"learning_rate": 0.01, "solver": "fused", "substeps": 6, "timespan": 1.0}),
        ("occupancy", "conductance-ltc", {"learning_rate": 0.005, "batch_size": 16}),
        ("occupancy", "lstm", {"learning_rate": 0.001}),
        ("cheetah", "ctrnn", {"learning_rate": 0.001, "solver": "explicit-euler", "substeps": 6, "timespan": 0.6}),
        ("cheetah", "node", {"learning_rate": 0.001, "solver": "rk4", "substeps": 6, "timespan": 0.6}),
        ("cheetah", "ctgru", {"learning_rate": 0.001, "timespan": 1.0}),
        ("mnist", "ltc", {"learning_rate": 0.005, "batch_size": 16}),
        ("mnist", "ctrnn", {"learning_rate": 0.001}),
        ("person", "gru", {"batch_size": 64, "learning_rate": 0.001}),
        ("walker", "conductance-ltc", {"batch_size": 16, "learning_rate": 0.01}),
    ],
)
def test_published_recipes(data, model, expected):
    recipe = published_recipe(data, model)
    assert expected.items() <= recipe.to_dict().items()
    assert (recipe.model, recipe.hidden_size, recipe.epochs) == (model, 32, 200)
    assert build_model(replace(recipe, hidden_size=5), 3, 2).head.in_features == 5


def test_a_data_set_without_a_chosen_recipe_is_trained_as_published():
    assert "node" not in RECIPES.get(("cheetah", "clean"), {})
    assert recipe_for("cheetah", "node", "clean") == published_recipe("cheetah", "node")


def test_published_recipes_of_unknown_names_are_refused():
    with pytest.raises(ValueError, match=r"no data set named 'gestures'. Did you mean 'gesture'\?"):
        published_recipe("gestures", "ltc")
    with pytest.raises(ValueError, match=r"no model named 'lct'. Did you mean 'ltc'\?"):
        published_recipe("gesture", "lct")


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solver_can_be_named(solver):
    model = build_model(Recipe("ltc", 5, solver=solver), 3, 2)
    assert type(model.rnn.solver) is SOLVERS[solver]


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_every_gradient_strategy_can_be_named(gradient):
    chunked = {"every": 4} if gradient in ("truncated", "recompute") else {}
    model = build_model(Recipe("ltc", 5, solver="adaptive", gradient=gradient, **chunked), 3, 2)
    assert type(model.rnn.gradient) is GRADIENTS[gradient]
    assert getattr(model.rnn.gradient, "every", None) == chunked.get("every")
