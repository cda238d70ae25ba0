"""What the documents say of runs with one setting changed is what those runs gave."""

import importlib
import json
from pathlib import Path

import torch

from liquidtime import ConductanceLTC

ROOT = Path(__file__).resolve().parents[2]


def test_the_table_of_changed_settings_is_made_of_the_runs(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    gaps = importlib.import_module("published_gaps")
    rows = [json.loads(line) for line in gaps.RESULTS.read_text().splitlines()]
    assert len(rows) == len(gaps.CHANGES) * len(gaps.SEEDS) == len({gaps.Run(*list(row.values())[:4]) for row in rows})
    text = (ROOT / "docs" / "replication.md").read_text(encoding="utf-8")
    assert "\n".join(gaps.table(rows)) in text


def test_clipped_conductances_begin_as_the_layer_does_and_stay_in_bounds(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    gaps = importlib.import_module("published_gaps")
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
