"""Which cells there are, and what each of them trains."""

from pathlib import Path

import pytest

import samples
from liquidtime.comparison import Cell, cells
from liquidtime.training import MODELS, RECIPES, published_recipe


@pytest.fixture(scope="module")
def irregular(tmp_path_factory):
    """A set that tells elapsed times under one protocol."""
    with pytest.MonkeyPatch.context() as patch:
        yield samples.provide_person(patch, tmp_path_factory.mktemp("d"))


def test_every_model_is_seen_before_any_is_seen_twice():
    grid = cells(["gesture", "ozone"], ["ltc", "gru"], 2, kinds=["published"])
    assert [(one.data, one.seed, one.protocol, one.model) for one in grid[:5]] == [
        ("gesture", 0, "paper", "ltc"),
        ("gesture", 0, "paper", "gru"),
        ("gesture", 0, "clean", "ltc"),
        ("gesture", 0, "clean", "gru"),
        ("gesture", 1, "paper", "ltc"),
    ]
    assert len(grid) == len(set(grid)) == 2 * 2 * 2 * 2
    assert {one.kind for one in grid} == {"published"}
    assert [one.data for one in grid] == ["gesture"] * 8 + ["ozone"] * 8


def test_tuned_cells_there_are_only_where_a_recipe_was_tuned():
    grid = cells(["gesture", "occupancy", "person"], list(MODELS), 1, ["paper"])
    tuned = {(one.data, one.model) for one in grid if one.kind == "tuned"}
    assert tuned == {(data, model) for data in ("gesture", "occupancy") for model in RECIPES[data, "paper"]}
    assert cells(["person"], ["lstm"], 1, kinds=["tuned"]) == []
    with pytest.raises(ValueError, match="no recipe of lstm was tuned for person: use the published one"):
        Cell("person", "paper", "tuned", "lstm", 0).recipe()


def test_a_set_that_both_protocols_split_alike_is_trained_once():
    grid = cells(["mnist", "har"], ["ltc"], 1, ["clean", "paper"], ["tuned"])
    assert [(one.data, one.protocol) for one in grid] == [("mnist", "paper"), ("har", "clean"), ("har", "paper")]
    assert cells(["mnist"], ["ltc"], 1, ["clean"], ["tuned"]) == grid[:1]
    assert RECIPES["mnist", "clean"] == RECIPES["mnist", "paper"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data": ["gestures"]}, r"no data set named 'gestures'\. Did you mean 'gesture'"),
        ({"models": ["lct"]}, r"no model named 'lct'\. Did you mean 'ltc'"),
        ({"protocols": ["dirty"]}, "no protocol of gesture named 'dirty'"),
        ({"kinds": ["tuned", "untuned"]}, "no kind of recipe named 'untuned'"),
        ({"seeds": 0}, "seeds=0: pass a whole number, at least 1"),
        ({"epochs": 0}, "epochs=0: pass a whole number, at least 1"),
    ],
    ids=["data", "model", "protocol", "kind", "seeds", "epochs"],
)
def test_what_there_is_not_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        cells(**{"data": ["gesture"], "models": ["ltc"], "seeds": 1} | change)


def test_a_cell_has_a_place_and_a_name_of_its_own():
    grid = cells(["occupancy"], ["ltc", "lstm"], 2) + cells(["occupancy"], ["ltc", "lstm"], 2, epochs=3)
    assert len({one.place for one in grid}) == len({one.label for one in grid}) == len(grid) == 32
    assert grid[0].place == Path("occupancy/paper/published/ltc/0")
    assert grid[-1].place == Path("occupancy/clean/tuned, 3 epochs/lstm/1")
    assert grid[-1].label == "occupancy (clean, tuned, 3 epochs), lstm, seed 1"


def test_the_recipe_is_the_named_one_but_for_its_epochs():
    published, tuned = (Cell("occupancy", "clean", kind, "ltc", 0) for kind in ("published", "tuned"))
    assert published.recipe() == published_recipe("occupancy", "ltc")
    assert tuned.recipe() == RECIPES["occupancy", "clean"]["ltc"] != published.recipe()
    short = Cell("occupancy", "clean", "tuned", "ltc", 0, epochs=2).recipe()
    assert (short.epochs, short.learning_rate) == (2, tuned.recipe().learning_rate)


@pytest.mark.parametrize("model", list(MODELS))
def test_models_that_know_no_time_get_it_as_an_input_where_it_is_told(irregular, model):
    paper, clean = (Cell("person", protocol, "published", model, 0).task() for protocol in ("paper", "clean"))
    assert paper.train.elapsed is None
    assert not paper.log_timespans
    assert clean.train.elapsed is not None
    assert clean.log_timespans == (model in ("lstm", "gru"))
    assert (clean.features[-1] == "log elapsed time") == (model in ("lstm", "gru"))
