from dataclasses import replace

import pytest
import torch

from liquidtime import LTC, Fused
from liquidtime.training import MODELS, Recipe, SequenceModel, build_model, count_parameters
from liquidtime.training.model import draw_model

B, T, I, H, CLASSES = 2, 7, 3, 5, 4


def recipe_of(name):
    return Recipe(name, hidden_size=H)


@pytest.mark.parametrize("name", MODELS)
def test_a_label_at_every_step(name):
    model = build_model(recipe_of(name), I, CLASSES)
    logits, _ = model(torch.randn(B, T, I))
    assert logits.shape == (B, T, CLASSES)


@pytest.mark.parametrize("name", MODELS)
def test_whole_equals_in_pieces_with_carried_state(name):
    model = build_model(recipe_of(name), I, CLASSES)
    x = torch.randn(B, T, I)
    whole, _ = model(x)
    first, state = model(x[:, :3])
    second, _ = model(x[:, 3:], state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in ("lstm", "gru")])
def test_timespans_reach_the_layer(name):
    model = build_model(recipe_of(name), I, CLASSES)
    x, spans = torch.randn(B, T, I), torch.rand(B, T) + 0.5
    logits, state = model(x, None, spans)
    output, expected = model.rnn(x, timespans=spans)
    torch.testing.assert_close(logits, model.head(output))
    torch.testing.assert_close(state, expected)
    assert not torch.allclose(logits, model(x)[0])


@pytest.mark.parametrize("name", [name for name in MODELS if name not in ("lstm", "gru")])
def test_a_recipe_says_how_long_a_sample_lasts(name):
    model = draw_model(replace(recipe_of(name), timespan=0.6), I, CLASSES, 1)
    plain = draw_model(recipe_of(name), I, CLASSES, 1)
    x, spans = torch.randn(B, T, I), torch.rand(B, T) + 0.5
    torch.testing.assert_close(model(x), plain(x, timespans=0.6))
    torch.testing.assert_close(model(x, timespans=spans), plain(x, timespans=0.6 * spans))
    assert not torch.allclose(model(x)[0], plain(x)[0])


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_layers_without_time_refuse_timespans(name):
    with pytest.raises(ValueError, match=f"timespans for {name.upper()}"):
        build_model(recipe_of(name), I, CLASSES)(torch.randn(B, T, I), timespans=1.0)


@pytest.mark.parametrize("layer", [LTC, torch.nn.GRU])
def test_both_directions_reach_the_read_out(layer):
    model = SequenceModel(layer(I, H, batch_first=True, bidirectional=True), CLASSES)
    assert model(torch.randn(B, T, I))[0].shape == (B, T, CLASSES)


@pytest.mark.parametrize("layer", [LTC, torch.nn.GRU])
def test_a_layer_with_time_first_is_refused(layer):
    with pytest.raises(ValueError, match="build it with batch_first=True"):
        SequenceModel(layer(I, H), CLASSES)


def test_options_reach_the_layer():
    recipe = Recipe("conductance-ltc", H, solver="fused", substeps=2, init="ncps", tau=(3.0, 3.0))
    model = build_model(recipe, I, CLASSES)
    assert model.rnn.solver == Fused(substeps=2)
    dynamics = model.rnn.dynamics()
    torch.testing.assert_close((dynamics.C / dynamics.g_leak).detach(), torch.full((H,), 3.0))
    capacitance = build_model(replace(recipe, tau=None), I, CLASSES).rnn.dynamics().C
    torch.testing.assert_close(capacitance.detach(), torch.full((H,), 0.5))


def test_options_that_the_layer_refuses():
    with pytest.raises(ValueError, match="init='best'"):
        build_model(Recipe("conductance-ltc", H, init="best"), I, CLASSES)
    with pytest.raises(ValueError, match="Adaptive"):
        build_model(Recipe("ltc", H, solver="fused", gradient="adjoint"), I, CLASSES)


@pytest.mark.parametrize("name", MODELS)
def test_the_seed_gives_the_model_and_leaves_other_random_numbers_alone(name):
    before = torch.get_rng_state()
    first, again, other = (draw_model(recipe_of(name), I, CLASSES, seed).state_dict() for seed in (4, 4, 5))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not all(torch.equal(first[key], other[key]) for key in first)


def test_parameters_are_counted():
    model = build_model(recipe_of("gru"), I, CLASSES)
    assert count_parameters(model) == 3 * H * (I + H + 2) + CLASSES * (H + 1)
    model.head.bias.requires_grad_(False)
    assert count_parameters(model) == 3 * H * (I + H + 2) + CLASSES * H
