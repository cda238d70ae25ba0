"""What the documents say of runs with one setting changed is what those runs gave."""

import importlib
import json
import math
from pathlib import Path

import pytest
import torch

from liquidtime import CTGRU, ConductanceLTC
from liquidtime.training.model import SequenceModel

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def gaps(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return importlib.import_module("published_gaps")


def test_the_table_of_changed_settings_is_made_of_the_runs(gaps):
    rows = [json.loads(line) for line in gaps.RESULTS.read_text().splitlines()]
    assert len(rows) == len(gaps.CHANGES) * len(gaps.SEEDS) == len({gaps.Run(*list(row.values())[:4]) for row in rows})
    text = (ROOT / "docs" / "replication.md").read_text(encoding="utf-8")
    assert "\n".join(gaps.table(rows)) in text


def test_clipped_conductances_begin_as_the_layer_does_and_stay_in_bounds(gaps):
    x = torch.linspace(-1, 1, 30).reshape(2, 5, 3)

    def layer():
        torch.manual_seed(0)
        return ConductanceLTC(3, 4, init="published")

    with gaps.clipped():
        rnn = layer()
        begun = rnn(x)[0]
        w = rnn.cells[0].dynamics.raw_w
        with torch.no_grad():
            w[0, 0], w[1, 1] = -3.0, 2000.0
        rnn(x)
        assert (w[0, 0].item(), w[1, 1].item()) == (torch.tensor(gaps.LEAST).item(), gaps.MOST)
    torch.testing.assert_close(layer()(x)[0], begun)


def test_a_head_as_tensorflow_draws_it(gaps):
    layer = ConductanceLTC(3, 30, batch_first=True)
    with gaps.drawn_by_glorot():
        head = SequenceModel(layer, 24).head
    bound = (6 / (30 + 24)) ** 0.5
    assert 0.98 * bound < head.weight.abs().max() <= bound
    assert head.bias.abs().max() == 0
    assert SequenceModel(layer, 24).head.bias.abs().max() > 0


def test_traces_that_fade_as_released(gaps):
    """Without a new sample the traces fade by exp(−1/ln τ̃), the first of them to nothing."""
    with gaps.fading_as_released():
        cell = CTGRU(2, 1, dtype=torch.float64).cells[0]
        x, coefficients = torch.ones(1, 8, dtype=torch.float64), cell.coefficients()
        prepared = cell.prepare(torch.zeros(1, 2, dtype=torch.float64), coefficients)
        _, faded, _ = cell.trace(x, prepared, torch.tensor([[0.7]], dtype=torch.float64), coefficients)
    expected = [0.0] + [math.exp(-1 / (i * math.log(10) / 2)) for i in range(1, 8)]
    torch.testing.assert_close(faded[0], torch.tensor(expected, dtype=torch.float64))
    assert cell.kernel(x) != "reference"
