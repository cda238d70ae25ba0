"""Cells are trained, kept and resumed; whatever becomes of one, the others are done."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from joblib.externals.loky import get_reusable_executor

from grid_items import FailingCell, Follower, KillerCell, KillsOnce, LongCell, TinyCell, TracingCell, tiny
from liquidtime.comparison import grid, run_cells
from liquidtime.comparison.outcome import read_outcome
from liquidtime.data import SOURCES
from liquidtime.data.source import Remote
from liquidtime.grid import KilledError
from liquidtime.training import RunFolderError, train
from liquidtime.training.progress import Silent
from tiny import RECIPE, make_task

TESTS = Path(__file__).resolve().parents[1]


class Stop(BaseException):
    """Stands for a kill: no handler for ordinary errors sees it."""


class StopAfter(Silent):
    """Progress that ends a run after an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_epoch(self, record):
        if record.epoch == self.epoch:
            raise Stop


def finished(folder):
    """What is kept of cells, in the order of their seeds."""
    found = [read_outcome(path) for path in sorted((folder / "cells").rglob("results.json"))]
    return sorted([one for one in found if one is not None], key=lambda one: one.cell.seed)


def scores(outcomes):
    """What two equal grids have in common."""
    return [{name: value for name, value in one.scores.items() if name != "seconds"} for one in outcomes]


def test_a_grid_gives_what_training_gives_in_the_order_of_its_cells(tmp_path):
    grid = [*reversed(tiny(3)), tiny(1)[0]]
    follower = Follower()
    outcomes, failures = run_cells(grid, tmp_path / "grid", 1, follower)
    assert failures == {}
    assert [one.cell.seed for one in outcomes] == [2, 1, 0]
    assert follower.told == [(0, 3), *((cell, None) for cell in grid[:3])]
    run = train(make_task(), RECIPE, 2, tmp_path / "run")
    assert outcomes[0].scores["test_accuracy"] == run.results["test_accuracy"]
    assert "confusion" not in outcomes[0].scores
    assert outcomes[0].recipe == RECIPE.to_dict()
    assert (outcomes[0].windows, outcomes[0].checksum) == ((31, 6, 6), {"tiny.txt": "00ff"})
    assert finished(tmp_path / "grid") == sorted(outcomes, key=lambda one: one.cell.seed)
    assert not list((tmp_path / "grid").rglob("begun"))


def test_two_workers_give_what_one_gives(tmp_path):
    one, two = (run_cells(tiny(3), tmp_path / str(workers), workers, Follower())[0] for workers in (1, 2))
    assert scores(one) == scores(two)


def test_finished_cells_are_not_trained_again(tmp_path, monkeypatch):
    monkeypatch.setenv("TRACE", str(tmp_path))
    run_cells(tiny(2, TracingCell), tmp_path / "grid", 1, Follower())
    follower = Follower()
    outcomes, _ = run_cells(tiny(3, TracingCell), tmp_path / "grid", 1, follower)
    assert (tmp_path / "begun").read_text().split() == ["0", "1", "2"]
    assert follower.told == [(2, 3), (tiny(3, TracingCell)[2], None)]
    assert len(outcomes) == 3


def test_an_unfinished_cell_goes_on_after_its_last_epoch(tmp_path):
    (cell,) = tiny(1)
    place = tmp_path / "grid" / "runs" / cell.place
    place.parent.mkdir(parents=True)
    with pytest.raises(Stop):
        train(make_task(), RECIPE, 0, place, StopAfter(2))
    before = (place / "metrics.jsonl").read_text()
    assert before.count("\n") == 2
    outcomes, _ = run_cells([cell], tmp_path / "grid", 1, Follower())
    # The times that epochs took stand there too: the first two were not trained again.
    assert (place / "metrics.jsonl").read_text().startswith(before)
    assert scores(outcomes) == scores(run_cells([cell], tmp_path / "whole", 1, Follower())[0])


def test_a_killed_grid_goes_on_where_it_was(tmp_path):
    """The whole group is killed in the middle, as by a power cut; the same command repeats no finished cell."""
    program = (
        f"import sys; sys.path.insert(0, {str(TESTS)!r})\n"
        "from liquidtime.comparison import run_cells\n"
        "from grid_items import TracingCell, tiny\n"
        "class Silent:\n"
        "    on_start = on_cell = lambda *_: None\n"
        f"outcomes, failures = run_cells(tiny(40, TracingCell), {str(tmp_path / 'grid')!r}, 2, Silent())\n"
        "print(len(outcomes), len(failures))"
    )
    environment = os.environ | {"TRACE": str(tmp_path)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
    victim = subprocess.Popen([sys.executable, "-c", program], start_new_session=True, **quiet)
    deadline = time.monotonic() + 120
    while len(finished(tmp_path / "grid")) < 4:
        assert victim.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(victim.pid, signal.SIGKILL)
    victim.wait()
    kept = {one.cell.seed: one.created for one in finished(tmp_path / "grid")}
    assert 4 <= len(kept) < 40
    (tmp_path / "begun").write_text("")
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == ["40", "0"]
    assert {int(line) for line in (tmp_path / "begun").read_text().split()} == set(range(40)) - kept.keys()
    assert {one.cell.seed: one.created for one in finished(tmp_path / "grid")}.items() >= kept.items()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_cell_that_fails_does_not_stop_the_others_and_is_tried_again(tmp_path, workers):
    bad = [tiny(1, FailingCell, model)[0] for model in ("lstm", "gru", "ltc", "node")]
    reasons = dict.fromkeys(bad, "no data set here") | {bad[3]: "error: no data set here"}
    for _ in range(2):
        follower = Follower()
        outcomes, failures = run_cells([*bad, *tiny(3)[1:]], tmp_path, workers, follower)
        assert failures == reasons
        assert [one.cell.seed for one in outcomes] == [1, 2]
        assert {(cell, failure) for cell, failure in follower.told[1:] if failure} == set(failures.items())


def test_a_cell_that_kills_its_process_twice_is_reported_and_its_neighbours_are_not(tmp_path):
    killers = [KillerCell("occupancy", "paper", "published", "gru", seed) for seed in range(2)]
    grid = [killers[0], LongCell("occupancy", "paper", "published", "ltc", 0), *tiny(2), killers[1]]
    outcomes, failures = run_cells(grid, tmp_path, 2, Follower())
    assert failures.keys() == set(killers)
    assert all("a process was killed" in reason for reason in failures.values())
    assert [one.cell.model for one in outcomes] == ["ltc", "lstm", "lstm"]


def test_a_cell_whose_process_is_killed_once_is_done_at_the_second_try(tmp_path, monkeypatch):
    monkeypatch.setenv("TRACE", str(tmp_path))
    # Processes that earlier tests left waiting do not know of it.
    get_reusable_executor().shutdown(wait=True)
    outcomes, failures = run_cells([*tiny(1, KillsOnce), *tiny(2)[1:]], tmp_path / "grid", 2, Follower())
    assert failures == {}
    assert len(outcomes) == 2


def test_processes_that_are_killed_before_they_begin_a_cell_are_not_started_for_ever(tmp_path, monkeypatch):
    rounds = []

    def killed(*_):
        rounds.append(1)
        raise KilledError("a process was killed")
        yield

    monkeypatch.setattr(grid, "each", killed)
    follower = Follower()
    outcomes, failures = run_cells(tiny(3), tmp_path, 2, follower)
    assert (outcomes, failures) == ([], dict.fromkeys(tiny(3), "a process was killed"))
    assert len(rounds) == 2
    assert follower.told[1:] == [(cell, "a process was killed") for cell in tiny(3)]


def test_a_cell_of_part_of_a_set_is_not_finished_once_the_whole_is_there(tmp_path, monkeypatch):
    source = replace(SOURCES["occupancy"], remotes=(Remote("https://nowhere", {}),), files={"whole.csv": None})
    monkeypatch.setitem(SOURCES, "occupancy", source)
    monkeypatch.setenv("LIQUIDTIME_DATA", str(tmp_path))
    whole = tmp_path / "occupancy" / "whole.csv"

    def task(_):
        found = make_task()
        return found if whole.exists() else replace(found, variant="the first rows", checksum={"part.csv": "11aa"})

    monkeypatch.setattr(TinyCell, "task", task)
    (cell,) = tiny(1)
    for _ in range(2):
        (part,), failures = run_cells([cell], tmp_path / "grid", 1, Follower())
        assert (part.variant, part.checksum, failures) == ("the first rows", {"part.csv": "11aa"}, {})
    whole.parent.mkdir()
    whole.write_text("")
    (outcome,), failures = run_cells([cell], tmp_path / "grid", 1, Follower())
    assert (outcome.variant, outcome.checksum, failures) == ("", {"tiny.txt": "00ff"}, {})
    runs = sorted(path.name for path in (tmp_path / "grid" / "runs" / cell.place.parent).iterdir())
    assert runs == ["0", "0, part of the data"]


def test_the_only_cell_left_does_not_take_the_command_along(tmp_path):
    (killer,) = tiny(1, KillerCell)
    assert run_cells([killer], tmp_path, 2, Follower())[1].keys() == {killer}


def test_a_run_of_something_else_is_not_continued(tmp_path):
    (cell,) = tiny(1)
    place = tmp_path / "runs" / cell.place
    place.parent.mkdir(parents=True)
    train(make_task(), RECIPE, 1, place)
    outcomes, failures = run_cells([cell], tmp_path, 1, Follower())
    assert outcomes == []
    assert "seed" in failures[cell]
    assert failures[cell].endswith(f"; to train this cell anew, delete {place}")


def test_a_cell_of_another_recipe_is_not_taken_for_this_one(tmp_path, monkeypatch):
    (cell,) = tiny(1)
    (before,), _ = run_cells([cell], tmp_path, 1, Follower())
    monkeypatch.setattr(TinyCell, "recipe", lambda cell: replace(RECIPE, hidden_size=6))
    outcomes, failures = run_cells([cell], tmp_path, 1, Follower())
    assert outcomes == []
    assert "recipe.hidden_size 5, but now recipe.hidden_size is 6" in failures[cell]
    shutil.rmtree(tmp_path / "runs")
    (after,), failures = run_cells([cell], tmp_path, 1, Follower())
    assert (failures, after.recipe["hidden_size"], before.recipe["hidden_size"]) == ({}, 6, 5)


def test_a_setting_that_a_recipe_lacks_was_left_out(tmp_path):
    (cell,) = tiny(1)
    (outcome,), _ = run_cells([cell], tmp_path, 1, Follower())
    older = {name: value for name, value in outcome.recipe.items() if name != "weight_decay"}
    assert replace(outcome, recipe=older).by(cell)
    assert replace(outcome, recipe=older | {"of a later version": None}).by(cell)
    assert not replace(outcome, recipe=older | {"of a later version": 3}).by(cell)
    assert not replace(outcome, recipe=older | {"weight_decay": 0.1}).by(cell)


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setenv("TRACE", str(tmp_path))
    (tmp_path / "file").write_text("")
    for place in ("file", "file/inside"):
        follower = Follower()
        with pytest.raises(RunFolderError, match=rf"{place} cannot hold results .*name another folder \(--out\)"):
            run_cells(tiny(1, TracingCell), tmp_path / place, 1, follower)
        assert follower.told == []
    assert not (tmp_path / "begun").exists()


def test_an_outcome_that_cannot_be_kept_is_a_failure_and_its_run_is_not_lost(tmp_path, monkeypatch):
    (cell,) = tiny(1)
    replace = os.replace

    def full(source, target):
        if "cells" in Path(target).parts and Path(target).name == "results.json":
            raise OSError(28, "No space left on device")
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", full)
        outcomes, failures = run_cells([cell], tmp_path, 1, Follower())
    assert outcomes == []
    assert "No space left" in failures[cell]
    run = json.loads((tmp_path / "runs" / cell.place / "results.json").read_text())
    outcomes, _ = run_cells([cell], tmp_path, 1, Follower())
    assert outcomes[0].scores["seconds"] == run["seconds"]


def test_a_cell_that_gives_another_score_than_its_set_is_told_in_is_a_failure(tmp_path):
    cell = TinyCell("cheetah", "paper", "published", "lstm", 0)
    outcomes, failures = run_cells([cell], tmp_path, 1, Follower())
    assert outcomes == []
    assert "lacks the score that counts" in failures[cell]


def test_less_than_one_worker_is_refused(tmp_path):
    with pytest.raises(ValueError, match="workers=0: pass at least 1"):
        run_cells([TinyCell("occupancy", "paper", "published", "lstm", 0)], tmp_path, 0, Follower())
