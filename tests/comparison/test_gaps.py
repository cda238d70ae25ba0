"""What the documents say of runs with one setting changed is what those runs gave."""

import importlib
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_table_of_changed_settings_is_made_of_the_runs(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    gaps = importlib.import_module("published_gaps")
    rows = [json.loads(line) for line in gaps.RESULTS.read_text().splitlines()]
    assert len(rows) == len(gaps.CHANGES) * len(gaps.SEEDS) == len({gaps.Run(*list(row.values())[:4]) for row in rows})
    text = (ROOT / "docs" / "replication.md").read_text(encoding="utf-8")
    assert "\n".join(gaps.table(rows)) in text
