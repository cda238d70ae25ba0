import math

import numpy as np
import pytest
import torch

from liquidtime.data import Batch, Windows
from liquidtime.training import CrossEntropy, Recipe, SquaredError, evaluate, objective_of
from liquidtime.training.epoch import backward
from liquidtime.training.model import draw_model
from tiny import make_regression, make_task

B, T, I, H, O = 2, 7, 3, 5, 4


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(6)
    x, y = torch.randn(B, T, I, generator=generator), torch.randn(B, T, O, generator=generator)
    return Batch(x, y, torch.rand(B, T, generator=generator) + 0.5)


def test_a_weighted_cross_entropy_is_divided_by_the_number_of_labels():
    output, y = torch.tensor([[[0.0, 1.0], [2.0, 0.0], [0.0, 0.0]]]), torch.tensor([[0, 0, 1]])
    nats = [math.log(1 + math.e), math.log(1 + math.exp(-2)), math.log(2)]
    expected = (0.1 * nats[0] + 0.1 * nats[1] + 1.6 * nats[2]) / 3
    weighted = CrossEntropy((0.1, 1.6))
    assert weighted.loss(output, y).item() == pytest.approx(expected)
    assert weighted.scores(output, y)["loss"] == pytest.approx(expected)
    assert CrossEntropy().loss(output, y).item() == pytest.approx(sum(nats) / 3)


def test_errors_are_means_over_labels_and_targets():
    scores = SquaredError().scores(torch.tensor([[1.0, 2.0], [0.0, -1.0]]), torch.tensor([[0.0, 2.0], [0.0, 3.0]]))
    assert scores == {"loss": 17 / 4, "squared_error": 17 / 4, "absolute_error": 5 / 4}


def test_a_task_has_its_objective():
    assert objective_of(make_regression()) == SquaredError()
    assert objective_of(make_task()) == CrossEntropy()


def test_one_step_of_regression_by_hand(batch):
    """A CT-RNN of one explicit Euler step per sample, written out in NumPy, and its loss."""
    model = draw_model(Recipe("ctrnn", H, solver="explicit-euler", substeps=1), I, O, seed=1)
    loss = backward(model, batch, SquaredError(), None)
    value = {name: parameter.detach().double().numpy() for name, parameter in model.named_parameters()}
    shapes = {array.shape: name for name, array in value.items() if name.startswith("rnn.") and array.ndim == 2}
    inward, recurrent = value[shapes[H, I]], value[shapes[H, H]]
    bias = next(array for name, array in value.items() if name.startswith("rnn.") and name.endswith("bias"))
    state, total = np.zeros((B, H)), 0.0
    x, y, spans = (part.double().numpy() for part in batch[:3])
    for t in range(T):
        drive = np.tanh(x[:, t] @ inward.T + state @ recurrent.T + bias)
        state = state + spans[:, t, None] * (drive - state)
        total += ((state @ value["head.weight"].T + value["head.bias"] - y[:, t]) ** 2).sum()
    assert loss == pytest.approx(total / (B * T * O), rel=1e-5)


def test_the_gradient_of_regression_is_that_of_the_mean_square(batch):
    model = draw_model(Recipe("ltc", H), I, O, seed=1)
    backward(model, batch, SquaredError(), None)
    found = [parameter.grad.clone() for parameter in model.parameters()]
    model.zero_grad()
    ((model(batch.x, None, batch.timespans)[0] - batch.y) ** 2).mean().backward()
    torch.testing.assert_close(found, [parameter.grad for parameter in model.parameters()])


@pytest.mark.parametrize("name", ["ltc", "gru"])
def test_chunks_add_up_to_the_loss_of_the_window(name, batch):
    model = draw_model(Recipe(name, H), I, O, seed=1)
    whole = backward(model, batch, SquaredError(), None)
    assert backward(model, batch, SquaredError(), 3) == pytest.approx(whole)


@pytest.mark.parametrize("truncate", [None, 3, 7])
def test_only_the_last_label_counts_where_it_is_the_only_one(truncate, batch):
    model = draw_model(Recipe("ltc", H), I, O, seed=1)
    last = Batch(batch.x, batch.y[:, -1], batch.timespans, last=True)
    loss = backward(model, last, SquaredError(), truncate)
    output = model(batch.x, None, batch.timespans)[0][:, -1]
    assert loss == pytest.approx(((output - batch.y[:, -1]) ** 2).mean().item(), rel=1e-6)


def test_scores_of_the_last_label(batch):
    model = draw_model(Recipe("ltc", H), I, O, seed=1)
    windows = Windows.stacked(batch.x, batch.y[:, -1], batch.timespans)
    with torch.no_grad():
        errors = model(batch.x, None, batch.timespans)[0][:, -1] - batch.y[:, -1]
    scores = evaluate(model, windows)
    assert scores["squared_error"] == pytest.approx((errors**2).mean().item(), rel=1e-6)
    assert scores["absolute_error"] == pytest.approx(errors.abs().mean().item(), rel=1e-6)
