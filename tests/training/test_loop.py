"""The loop in memory: what it keeps, when it ends, and that a run folder adds nothing to the numbers."""

from dataclasses import replace
from itertools import islice

import pytest
import torch

from liquidtime.training import EpochRecord, Loop, RunFolderError, load_model, open_run, train

STOPS = {"epochs": 40, "learning_rate": 0.3, "patience": 3}


def measured(records):
    return [replace(record, seconds=0.0) for record in records]


@pytest.fixture
def stopping(recipe):
    """A recipe so restless that its patience ends long before its epochs."""
    return replace(recipe, **STOPS)


def test_the_loop_in_memory_gives_what_a_run_folder_keeps(task, recipe, run):
    loop = Loop.on(task, recipe, 3)
    records = list(loop.run())
    assert records == loop.records
    assert [record.to_dict() | {"seconds": 0} for record in records] == [row | {"seconds": 0} for row in run.metrics]
    stored = load_model(run).state_dict()
    torch.testing.assert_close(loop.take_best().state_dict(), stored, rtol=0, atol=0)
    assert loop.score(task.test)["loss"] == run.results["test_loss"]


def test_a_loop_that_was_left_goes_on_where_it_stands(task, recipe):
    whole, pieces = Loop.on(task, recipe, 3), Loop.on(task, recipe, 3)
    list(whole.run())
    assert [record.epoch for record in islice(pieces.run(), 2)] == [1, 2]
    assert not pieces.finished
    assert [record.epoch for record in pieces.run()] == [3]
    assert pieces.finished
    assert list(pieces.run()) == []
    assert measured(pieces.records) == measured(whole.records)
    torch.testing.assert_close(pieces.model.state_dict(), whole.model.state_dict(), rtol=0, atol=0)


def test_the_best_weights_are_copies_of_the_best_epoch(task, stopping):
    loop, kept = Loop.on(task, stopping, 3), {}
    for record in loop.run():
        if record.best:
            kept = {name: tensor.clone() for name, tensor in loop.model.state_dict().items()}
    assert loop.best_record.epoch < len(loop.records)
    torch.testing.assert_close(loop.best, kept, rtol=0, atol=0)


def test_training_ends_when_patience_does(task, stopping):
    short, long = Loop.on(task, stopping, 3), Loop.on(task, replace(stopping, patience=None, epochs=20), 3)
    list(short.run())
    list(long.run())
    done = len(short.records)
    assert short.best_record.epoch + 3 == done < 20
    assert measured(short.records) == measured(long.records[:done])
    worse = [record.best for record in short.records]
    assert all(any(worse[end - 3 : end]) for end in range(3, done)), "it could have ended earlier"


def test_patience_is_counted_from_the_best_epoch(task, recipe):
    loop = Loop.on(task, replace(recipe, epochs=6, patience=2), 3)
    ends = []
    for epoch, best in enumerate((True, False, True, False, False, False), 1):
        ends.append(loop.finished)
        loop.records.append(EpochRecord(epoch, 0.5, 0.5, 0.5, 1.0, best))
    assert ends == [False, False, False, False, False, True]
    loop.records = [EpochRecord(epoch, 0.5, 0.5, 0.5, 1.0, True) for epoch in range(1, 7)]
    assert loop.finished


def test_a_run_that_ended_early_is_finished(task, stopping, tmp_path):
    run = train(task, stopping, 3, tmp_path / "run")
    assert run.results["epochs"] == len(run.metrics) == run.results["best_epoch"] + 3 < 40
    assert open_run(tmp_path / "run") == train(task, stopping, 3, tmp_path / "run", resume=True)
    assert run.recipe.patience == 3


@pytest.mark.parametrize("at", ["before the best", "after the best", "at the end"])
def test_a_run_that_ends_early_continues_bit_for_bit(task, stopping, tmp_path, tools, at):
    whole = train(task, stopping, 3, tmp_path / "whole")
    best, out = whole.results["best_epoch"], tmp_path / "run"
    epoch = {"before the best": best - 1, "after the best": best + 1, "at the end": best + 3}[at]
    with pytest.raises(tools.Interrupted):
        train(task, stopping, 3, out, tools.Interrupt(epoch=epoch))
    with pytest.raises(RunFolderError, match="unfinished"):
        open_run(out)
    follow = tools.Interrupt()
    train(task, stopping, 3, out, follow, resume=True)
    assert [record.epoch for record in follow.records] == list(range(epoch + 1, best + 4))
    assert tools.outcome(out) == tools.outcome(tmp_path / "whole")


def test_patience_belongs_to_the_recipe_of_a_run(task, recipe, tmp_path, tools):
    with pytest.raises(tools.Interrupted):
        train(task, recipe, 3, tmp_path / "run", tools.Interrupt(epoch=1))
    with pytest.raises(RunFolderError, match=r"started with recipe\.patience None, but now recipe\.patience is 1"):
        train(task, replace(recipe, patience=1), 3, tmp_path / "run", resume=True)
