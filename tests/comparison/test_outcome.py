"""A cell's file comes back as it was, or counts as not there."""

import json
import shutil
from dataclasses import replace

import pytest

from comparisons import outcome
from grid_items import Follower, tiny
from liquidtime.comparison import Cell, kept_cells, run_cells
from liquidtime.comparison.outcome import file_of, read_outcome

CELL = Cell("gesture", "paper", "published", "ltc", 2)


@pytest.mark.parametrize("epochs", [None, 3], ids=["recipe's epochs", "3 epochs"])
def test_what_is_written_is_read(tmp_path, epochs):
    cell = replace(CELL, epochs=epochs)
    one = outcome(cell, 69.0, variant="part", log_timespans=True)
    one.write(tmp_path)
    path = file_of(cell, tmp_path)
    assert read_outcome(path) == one
    assert list(kept_cells(tmp_path)) == [one]
    assert json.loads(path.read_text())["format"] == "liquidtime-cell"


def test_all_kept_cells_are_found_in_the_order_of_their_places(tmp_path):
    found = [outcome(replace(CELL, model=model, seed=seed), 60.0) for model in ("gru", "ltc") for seed in (0, 1)]
    for one in reversed(found):
        one.write(tmp_path)
    assert list(kept_cells(tmp_path)) == found
    assert list(kept_cells(tmp_path / "nowhere")) == []


def test_a_cell_in_the_place_of_another_does_not_count(tmp_path):
    outcome(CELL, 60.0).write(tmp_path)
    copy = file_of(replace(CELL, seed=7), tmp_path)
    copy.parent.mkdir(parents=True)
    shutil.copy(file_of(CELL, tmp_path), copy)
    assert [one.cell.seed for one in kept_cells(tmp_path)] == [2]


DAMAGES = {
    "cut off": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "a list": lambda text: "[1]",
    "no text": lambda text: "\udcff",
    "another format": lambda text: text.replace("liquidtime-cell", "liquidtime-run"),
    "another version": lambda text: text.replace('"format_version": 1', '"format_version": 2'),
    "no recipe": lambda text: text.replace('"recipe"', '"receipt"'),
    "no epochs": lambda text: text.replace('"epochs": 200', '"times": 200'),
    "no score": lambda text: text.replace("test_accuracy", "test_precision"),
    "a score of none": lambda text: text.replace('"test_accuracy": 0.69', '"test_accuracy": null'),
    "a score of words": lambda text: text.replace('"test_accuracy": 0.69', '"test_accuracy": "0.69"'),
    "an unknown set": lambda text: text.replace('"gesture"', '"gestures"'),
    "an unknown protocol": lambda text: text.replace('"protocol": "paper"', '"protocol": "plastic"'),
    "an unknown kind": lambda text: text.replace('"kind": "published"', '"kind": "guessed"'),
    "an unknown model": lambda text: text.replace('"model": "ltc",\n    "seed"', '"model": "lct",\n    "seed"'),
    "a seed of words": lambda text: text.replace('"seed": 2', '"seed": "2"'),
    "a field too many": lambda text: text.replace('"seed": 2', '"seed": 2, "weight": 1'),
    "two windows": lambda text: text.replace("31,\n    6,\n    6", "31,\n    6"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_or_foreign_file_counts_as_not_there(tmp_path, damage):
    outcome(CELL, 69.0).write(tmp_path)
    path = file_of(CELL, tmp_path)
    assert read_outcome(path) is not None
    damaged = damage(path.read_text())
    assert damaged != path.read_text()
    path.write_bytes(damaged.encode(errors="surrogateescape"))
    assert read_outcome(path) is None
    assert list(kept_cells(tmp_path)) == []


def test_a_damaged_cell_is_run_again_from_its_finished_run(tmp_path):
    grid = tiny(2)
    first, _ = run_cells(grid, tmp_path, 1, Follower())
    file_of(grid[1], tmp_path).write_text("{")
    follower = Follower()
    again, failures = run_cells(grid, tmp_path, 1, follower)
    assert (follower.told[0][0], failures) == (1, {})
    assert [one.scores for one in again] == [one.scores for one in first]
