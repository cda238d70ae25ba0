"""Section 4, what moves the model, and calibration."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from liquidtime.report.calibration import calibration, expected_calibration_error, reliability
from liquidtime.report.influence import influence
from liquidtime.report.replay import replay
from liquidtime.report.sensitivity import sensitivity
from liquidtime.training import MODELS, Recipe
from liquidtime.training.model import draw_model
from tiny import make_regression, make_task

TASK, SUMS = make_task(), make_regression()


def model_of(name, task, **options):
    return draw_model(Recipe(name, hidden_size=5, **options), len(task.features), len(task.outputs), seed=3).eval()


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("task", [TASK, SUMS], ids=["classes", "numbers"])
def test_an_input_that_a_model_does_not_read_moves_nothing(name, task):
    model = model_of(name, task)
    with torch.no_grad():
        for key, parameter in model.rnn.named_parameters():
            shape = tuple(parameter.shape)
            if name == "conductance-ltc" and "input_scale" in key:
                parameter[1] = 0
            elif name != "conductance-ltc" and shape[-1] == 3:
                parameter[..., 1] = 0
    found = sensitivity(model, task.recordings, task.regression)
    assert np.abs(found.state[1]).max() == 0
    assert np.abs(found.output[1]).max() == 0
    assert np.abs(found.state[[0, 2]]).max() > 0
    assert found.output[[0, 2]].max() > 0
    if found.tau is not None:
        assert np.abs(found.tau[1]).max() == 0
        assert np.abs(found.tau[[0, 2]]).max() > 0


@pytest.mark.parametrize("name", MODELS)
def test_only_an_ltc_has_time_constants_that_inputs_move(name):
    found = sensitivity(model_of(name, TASK), TASK.recordings, False)
    assert (found.tau is not None) == (name in ("ltc", "conductance-ltc"))


def test_the_effect_is_that_of_moving_one_sample_on_a_walk():
    """By hand, sample by sample: the same walk twice, its last input half a deviation lower and higher."""
    model, recording = model_of("ltc", SUMS), replace(SUMS.recordings[1])
    rows, feature = len(recording), 2
    recordings = (replace(recording, x=recording.x[:rows], y=recording.y[:rows]),)
    found = sensitivity(model, recordings, True)
    states, taus, said = [], [], []
    with torch.no_grad():
        for sign in (-0.5, 0.5):
            x = recording.x.clone()
            x[-1, feature] += sign * recording.x[:, feature].std(correction=0)
            output, _ = model.walk(x.unsqueeze(0), None, recording.timespans.unsqueeze(0))
            tau = model.rnn.time_constants(x.unsqueeze(0), None, recording.timespans.unsqueeze(0))
            states.append(output[0, -1])
            taus.append(tau[0, 0, -1].log())
            said.append(model.head(output[0, -1]))
    assert found.rows == 1
    for measured, (low, high) in ((found.state, states), (found.tau, taus)):
        assert np.allclose(measured[feature], (high - low).numpy(), atol=1e-6)
    assert np.allclose(found.output[feature], (said[1] - said[0]).abs().numpy(), atol=1e-6)


def test_recordings_of_one_row_cannot_be_moved():
    recording = TASK.recordings[0]
    short = replace(recording, x=recording.x[:1], y=recording.y[:1], raw=recording.raw[:1], time=recording.time[:1])
    task = replace(TASK, recordings=(short,))
    assert sensitivity(model_of("ltc", task), task.recordings, False) is None
    assert "of one row each" in influence(task, model_of("ltc", task), np.arange(5))


def test_the_section_names_the_inputs_and_says_when_time_constants_stay():
    assert "does not depend" not in influence(TASK, model_of("ltc", TASK), np.arange(5))
    section = influence(TASK, model_of("gru", TASK), np.arange(5))
    assert all(feature in section for feature in TASK.features)
    assert "The time constants of this model do not depend on its inputs." in section


def test_probabilities_that_are_kept_have_no_calibration_error():
    sure = np.repeat([0.55, 0.75], [100, 200])
    right = np.concatenate([np.arange(100) < 55, np.arange(200) < 150])
    confidence, share, counts = reliability(sure, right)
    assert counts.tolist() == [100, 200]
    assert np.allclose(confidence, [0.55, 0.75])
    assert np.allclose(share, [0.55, 0.75])
    assert expected_calibration_error(confidence, share, counts) < 1e-12


def test_the_calibration_error_weighs_tenths_by_their_rows():
    confidence, share, counts = reliability(np.array([0.95, 1.0, 0.95, 0.5]), np.array([True, False, True, True]))
    assert counts.tolist() == [1, 3]
    expected = (0.5 + 3 * abs((0.95 + 1.0 + 0.95) / 3 - 2 / 3)) / 4
    assert expected_calibration_error(confidence, share, counts) == pytest.approx(expected, abs=1e-12)


def test_calibration_says_whether_a_model_is_too_sure():
    one = replay(model_of("ltc", TASK), TASK.recordings[0])
    sure = replace(one, output=np.eye(2, dtype=np.float32)[1 - one.truth])
    shy = replace(one, output=(0.02 * np.eye(2, dtype=np.float32) + 0.49)[one.truth])
    assert "it is too sure" in calibration([sure])
    assert "it is not sure enough" in calibration([shy])
    assert "is 100.0 %" in calibration([sure])
