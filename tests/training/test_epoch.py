import math
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import cross_entropy

from liquidtime.data import Batch, Windows
from liquidtime.training import MODELS, CrossEntropy, DivergedError, Recipe
from liquidtime.training.epoch import backward, train_epoch
from liquidtime.training.model import draw_model
from liquidtime.training.ranks import OneRank

B, T, I, H, CLASSES = 2, 7, 3, 5, 4
LAYERS = [name for name in MODELS if name not in ("lstm", "gru")]


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(2)
    x = torch.randn(B, T, I, generator=generator)
    return x, torch.randint(CLASSES, (B, T), generator=generator)


def gradients(recipe, batch, truncate):
    model = draw_model(recipe, I, CLASSES, seed=1)
    loss = backward(model, Batch(*batch), CrossEntropy(), truncate)
    return loss, {name: parameter.grad for name, parameter in model.named_parameters()}


def plain(recipe, batch):
    model = draw_model(recipe, I, CLASSES, seed=1)
    x, y = batch
    loss = cross_entropy(model(x)[0].flatten(0, 1), y.flatten())
    loss.backward()
    return loss.item(), {name: parameter.grad for name, parameter in model.named_parameters()}


@pytest.mark.parametrize("truncate", [None, T, T + 3])
@pytest.mark.parametrize("name", MODELS)
def test_untruncated_steps_are_plain_back_propagation(name, truncate, batch):
    recipe = Recipe(name, H)
    torch.testing.assert_close(gradients(recipe, batch, truncate), plain(recipe, batch), rtol=0, atol=0)


@pytest.mark.parametrize("k", [1, 3, 6])
@pytest.mark.parametrize("name", LAYERS)
def test_truncated_steps_have_the_gradient_of_the_truncated_strategy(name, k, batch):
    inside = plain(Recipe(name, H, gradient="truncated", every=k), batch)
    stepped = gradients(Recipe(name, H), batch, k)
    torch.testing.assert_close(stepped, inside)
    exact = plain(Recipe(name, H), batch)
    assert any(not torch.allclose(stepped[1][key], exact[1][key], rtol=1e-3) for key in exact[1])


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_truncated_steps_of_the_baselines_cut_the_state(name, batch):
    recipe, k = Recipe(name, H), 3
    model = draw_model(recipe, I, CLASSES, seed=1)
    x, y = batch
    pieces, state = [], None
    for start in range(0, T, k):
        logits, state = model(x[:, start : start + k], state)
        state = tuple(s.detach() for s in state) if name == "lstm" else state.detach()
        pieces.append(logits)
    loss = cross_entropy(torch.cat(pieces, 1).flatten(0, 1), y.flatten())
    loss.backward()
    expected = {key: parameter.grad for key, parameter in model.named_parameters()}
    torch.testing.assert_close(gradients(recipe, batch, k), (loss.item(), expected))


def test_truncated_steps_hold_one_chunk_at_a_time():
    def peak(truncate):
        live = [0, 0]

        class Held:
            def __init__(self, tensor):
                self.tensor = tensor
                live[0] += tensor.numel()
                live[1] = max(live)

            def __del__(self):
                live[0] -= self.tensor.numel()

        model = draw_model(Recipe("ltc", H), I, CLASSES, seed=1)
        x, y = torch.randn(6, 24, I), torch.randint(CLASSES, (6, 24))
        with torch.autograd.graph.saved_tensors_hooks(Held, lambda held: held.tensor):
            backward(model, Batch(x, y), CrossEntropy(), truncate)
        return live[1]

    assert peak(4) < 0.3 * peak(None)


def run_epoch(task, recipe, windows=None, epoch=1, seed=3, on_step=lambda model: None):
    model = draw_model(recipe, len(task.features), len(task.classes), seed=0)
    optimizer = torch.optim.AdamW(model.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    rates, batches = [], []

    def observe(optimizer, *_):
        rates.append(optimizer.param_groups[0]["lr"])
        on_step(model)

    optimizer.register_step_pre_hook(observe)
    loss = train_epoch(
        model,
        optimizer,
        windows or task.train,
        CrossEntropy(),
        recipe,
        seed,
        epoch,
        lambda *counts: batches.append(counts),
        OneRank(),
    )
    return model, loss, rates, batches


def test_the_last_incomplete_batch_is_dropped(task, recipe):
    _, _, rates, batches = run_epoch(task, recipe)
    assert batches == [(done, 7) for done in range(1, 8)]
    assert rates == [0.01] * 7


def test_each_epoch_sees_its_own_order_whatever_the_global_random_numbers(task, recipe):
    indexed = Windows.stacked(task.train.x, torch.arange(31).remainder(2).unsqueeze(1).expand(-1, 7))
    losses = []
    for epoch, seed, noise in ((1, 3, 0), (1, 3, 99), (2, 3, 0), (1, 4, 0)):
        torch.manual_seed(noise)
        losses.append(run_epoch(task, recipe, indexed, epoch, seed)[1])
    assert losses[0] == losses[1]
    assert len(set(losses)) == 3


def test_the_cosine_schedule_falls_to_zero_over_the_whole_run(task, recipe):
    recipe = replace(recipe, schedule="cosine")
    rates = [rate for epoch in (1, 2, 3) for rate in run_epoch(task, recipe, epoch=epoch)[2]]
    expected = [0.01 * (1 + math.cos(math.pi * step / 21)) / 2 for step in range(21)]
    assert rates == pytest.approx(expected)


def test_the_gradient_is_clipped(task, recipe):
    def norms_with(clip):
        norms = []

        def measure(model):
            norms.append(torch.cat([parameter.grad.flatten() for parameter in model.parameters()]).norm().item())

        run_epoch(task, replace(recipe, clip=clip), on_step=measure)
        return norms

    assert max(norms_with(None)) > 0.2
    assert norms_with(0.05) == pytest.approx([0.05] * 7, rel=1e-3)


def test_weight_decay_shrinks_the_weights_beside_the_step(task, recipe):
    one_step = replace(recipe, batch_size=31)
    start = draw_model(recipe, 3, 2, seed=0).state_dict()
    plain = run_epoch(task, one_step)[0].state_dict()
    decayed = run_epoch(task, replace(one_step, weight_decay=2.0))[0].state_dict()
    for name in start:
        torch.testing.assert_close(plain[name] - decayed[name], 0.01 * 2.0 * start[name])


def test_a_loss_that_is_not_finite_stops_the_run(task, recipe):
    spoiled = Windows.stacked(task.train.x * math.nan, task.train.y)
    with pytest.raises(DivergedError, match=r"loss is nan in epoch 2, batch 1: lower learning_rate=0\.01"):
        run_epoch(task, recipe, spoiled, epoch=2)
