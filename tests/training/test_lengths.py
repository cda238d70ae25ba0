"""Series of unequal length in one batch: what padding there is never shows."""

from dataclasses import replace

import pytest
import torch

from liquidtime.data import Windows
from liquidtime.data.windows import pick
from liquidtime.training import MODELS, CrossEntropy, Loop, Recipe, SquaredError, evaluate
from liquidtime.training.epoch import backward
from liquidtime.training.evaluate import read_out
from liquidtime.training.model import draw_model, read

LENGTHS, I, H, OUTPUTS = (7, 2, 5, 1, 4), 3, 6, 2
TIMED = [name for name in MODELS if name not in ("lstm", "gru")]


def made(last=False, targets=False, timed=True, lengths=LENGTHS):
    """Five irregular series, one after another."""
    generator = torch.Generator().manual_seed(4)
    rows = sum(lengths)
    x, spans = torch.randn(rows, I, generator=generator), torch.rand(rows, generator=generator) + 0.2
    y = (
        torch.randn(rows, OUTPUTS, generator=generator)
        if targets
        else torch.randint(OUTPUTS, (rows,), generator=generator)
    )
    starts = torch.tensor([0, *lengths[:-1]]).cumsum(0)
    told = {"elapsed": spans if timed else None, "lengths": torch.tensor(lengths)}
    return Windows(x, y, starts, max(lengths), last=last, **told)


def alone(windows, number):
    """One series without any padding."""
    one = pick(windows, torch.tensor([number]))
    return replace(one, length=LENGTHS[number], lengths=None)


@pytest.mark.parametrize("last", [False, True], ids=["every step", "last step"])
@pytest.mark.parametrize("name", MODELS)
def test_a_batch_says_what_its_series_say_one_by_one(name, last):
    windows, model = made(last, timed=name in TIMED), draw_model(Recipe(name, H), I, OUTPUTS, seed=1)
    said, labels = read_out(model, windows)
    each = [read_out(model, alone(windows, number)) for number in range(len(LENGTHS))]
    torch.testing.assert_close(said, torch.cat([one.flatten(0, -2) for one, _ in each]))
    assert torch.equal(labels, torch.cat([y.flatten() for _, y in each]))
    assert len(said) == (len(LENGTHS) if last else sum(LENGTHS))


@pytest.mark.parametrize("truncate", [None, 1, 3], ids=["whole", "every sample", "every three"])
@pytest.mark.parametrize("last", [False, True], ids=["every step", "last step"])
@pytest.mark.parametrize("targets", [False, True], ids=["classes", "targets"])
@pytest.mark.parametrize("name", ["ltc", "ctgru", "lstm"])
def test_the_gradient_is_the_mean_over_labels_of_the_series_one_by_one(name, targets, last, truncate):
    windows, objective = made(last, targets, timed=name in TIMED), SquaredError() if targets else CrossEntropy()
    together, single = (draw_model(Recipe(name, H), I, OUTPUTS, seed=1) for _ in range(2))
    loss = backward(together, windows[torch.arange(len(windows))], objective, truncate)
    expected = 0.0
    for number, length in enumerate(LENGTHS):
        share = 1 / len(LENGTHS) if last else length / sum(LENGTHS)
        own = draw_model(Recipe(name, H), I, OUTPUTS, seed=1)
        expected += share * backward(own, alone(windows, number)[torch.tensor([0])], objective, truncate)
        for total, part in zip(single.parameters(), own.parameters(), strict=True):
            total.grad = share * part.grad + (0 if total.grad is None else total.grad)
    assert loss == pytest.approx(expected, rel=1e-5)
    for found, wanted in zip(together.parameters(), single.parameters(), strict=True):
        torch.testing.assert_close(found.grad, wanted.grad, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_what_lies_in_the_padding_changes_nothing(name):
    """Rows that only padding could reach: the same scores to the last bit, whatever they hold."""
    windows, model = made(timed=name in TIMED), draw_model(Recipe(name, H), I, OUTPUTS, seed=1)
    batch = windows[torch.arange(len(windows))]
    spoiled = batch.x.clone()
    for number, length in enumerate(LENGTHS):
        spoiled[number, length:] = 1e6
    losses = []
    for x in (batch.x, spoiled):
        model.zero_grad()
        losses.append((backward(model, batch._replace(x=x), CrossEntropy(), None), model.head.weight.grad.clone()))
    assert losses[0][0] == losses[1][0]
    assert torch.equal(losses[0][1], losses[1][1])


def test_equal_lengths_train_as_if_none_were_told():
    equal = made(last=True, lengths=(4, 4, 4, 4, 4, 4))
    recipe = Recipe("ltc", H, epochs=3, batch_size=2, learning_rate=0.05)
    told, untold = (
        Loop(recipe, 0, windows, windows, CrossEntropy(), "accuracy", OUTPUTS)
        for windows in (equal, replace(equal, lengths=None))
    )
    for first, second in zip(told.run(), untold.run(), strict=True):
        assert first.train_loss == pytest.approx(second.train_loss, rel=1e-5)
    torch.testing.assert_close(told.best, untold.best)


def test_scores_count_labels_and_not_padding():
    windows, model = made(), draw_model(Recipe("ltc", H), I, OUTPUTS, seed=1)
    scores = evaluate(model, windows)
    assert sum(map(sum, scores["confusion"])) == sum(LENGTHS)
    each = [evaluate(model, alone(windows, number)) for number in range(len(LENGTHS))]
    weighted = sum(one["loss"] * length for one, length in zip(each, LENGTHS, strict=True)) / sum(LENGTHS)
    assert scores["loss"] == pytest.approx(weighted, rel=1e-6)


def test_lengths_for_a_layer_that_knows_no_time_are_refused():
    with pytest.raises(ValueError, match="lengths for LSTM: it knows no time, leave them out"):
        draw_model(Recipe("lstm", H), I, OUTPUTS, seed=1)(torch.zeros(2, 4, I), lengths=torch.tensor([4, 2]))


@pytest.mark.parametrize("name", TIMED)
def test_a_state_that_is_carried_on_stays_where_its_series_ends(name):
    windows, model = made(), draw_model(Recipe(name, H), I, OUTPUTS, seed=1)
    batch, state = windows[torch.arange(len(windows))], None
    for start in range(0, 7, 3):
        _, state = read(model, batch, state, start, start + 3)
    ends = [read(model, alone(windows, number)[torch.tensor([0])])[1] for number in range(len(LENGTHS))]
    torch.testing.assert_close(state, torch.cat(ends, 1))
