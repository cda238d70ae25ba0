"""Walking a recording, and the stretches in it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from liquidtime.report import Replay, replay
from liquidtime.report.neurons import ticks
from liquidtime.report.stretches import mistakes, runs
from liquidtime.training import build_model
from tiny import RECIPE, make_task

RECORDING = make_task().recordings[0]


def made(name):
    with torch.random.fork_rng():
        torch.manual_seed(4)
        return build_model(replace(RECIPE, model=name), 3, 2).eval()


@pytest.mark.parametrize("name", ["ltc", "ctgru", "gru"])
def test_the_walk_is_one_pass_with_carried_state(name):
    model, state, shown = made(name), None, []
    one = replay(model, RECORDING)
    with torch.no_grad():
        for x in RECORDING.x.split(9):
            logits, state = model(x.unsqueeze(0), state)
            shown.append(logits[0].softmax(-1))
    assert np.allclose(one.output, torch.cat(shown).numpy(), atol=1e-6)
    assert np.array_equal(one.wrong, one.output.argmax(1) != RECORDING.y.numpy())


@pytest.mark.parametrize("name", ["ltc", "conductance-ltc", "ctrnn", "node"])
def test_time_constants_are_those_of_the_whole_walk(name):
    model = made(name)
    with torch.no_grad():
        whole = model.rnn.time_constants(RECORDING.x.unsqueeze(0))[0, 0]
    assert np.allclose(replay(model, RECORDING).tau, whole.numpy(), rtol=1e-5)


def test_a_layer_without_an_equation_has_no_time_constants():
    assert replay(made("gru"), RECORDING).tau is None


def shown(truth, predicted):
    time = np.datetime64("2020-01-01T00:00:00") + np.arange(len(truth)).astype("timedelta64[m]")
    nothing = np.zeros((len(truth), 3), np.float32)
    return Replay("a", time, nothing, np.array(truth), np.eye(2, dtype=np.float32)[predicted], nothing, None)


def test_mistakes_are_the_longest_runs_of_one_mistake():
    one = shown([0, 0, 0, 1, 1, 1, 1, 0, 0, 1], [0, 1, 1, 0, 0, 0, 1, 0, 0, 0])
    other = shown([0, 0, 0], [1, 1, 0])
    found = [(stretch.recording, stretch.first, stretch.last) for stretch in mistakes([one, other])]
    assert found == [(0, 3, 5), (0, 1, 2), (1, 0, 1), (0, 9, 9)]
    assert mistakes([shown([0, 1], [0, 1])]) == []


def test_a_row_lasts_until_the_next():
    one = shown([0, 1, 0], [0, 0, 0])
    assert np.array_equal(one.ends - one.starts, [60e3, 60e3, 60e3])
    assert one.starts[0] == 1577836800e3


def test_runs_of_nothing():
    assert runs(np.array([])) == []


@pytest.mark.parametrize(("low", "high"), [(0.3, 12), (0.99, 1.02), (1e-4, 1e3), (2.0, 2.0), (4.1, 4.4)])
def test_ticks_lie_between_the_ends(low, high):
    marks = ticks(low, high)
    assert 1 <= len(marks) <= 7
    assert all(low <= mark <= high for mark in marks)
    assert marks == sorted(marks)
