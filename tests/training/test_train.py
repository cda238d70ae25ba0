import json
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from liquidtime.data import Windows
from liquidtime.training import (
    MODELS,
    DivergedError,
    EpochRecord,
    RunFolderError,
    evaluate,
    load_model,
    open_run,
    train,
)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_trains_and_scores_as_stored(name, task, recipe, tmp_path):
    run = train(task, replace(recipe, model=name, epochs=1), 0, tmp_path / "run")
    scores = evaluate(load_model(run), task.test)
    assert {f"test_{key}": scores[key] for key in ("loss", "accuracy", "f1")}.items() <= run.results.items()
    assert run.results["confusion"] == scores["confusion"]
    assert np.sum(scores["confusion"]) == 6 * 7


def test_it_learns(task, recipe, tmp_path):
    run = train(task, replace(recipe, model="ltc", epochs=15, learning_rate=0.03), 0, tmp_path / "run")
    assert run.metrics[-1]["train_loss"] < 0.6 * run.metrics[0]["train_loss"]


def test_the_folder_holds_what_it_should(run):
    names = {str(path.relative_to(run.path)) for path in run.path.rglob("*")}
    assert names == {
        "config.json",
        "metrics.jsonl",
        "model.safetensors",
        "results.json",
        "checkpoint",
        "checkpoint/last.safetensors",
    }
    assert [path.name for path in run.path.parent.iterdir()] == ["run"]


def test_the_configuration_says_what_was_run(task, recipe, tmp_path):
    config = train(task, recipe, 3, tmp_path / "run", command="liquidtime train tiny").config
    assert config == json.loads((tmp_path / "run" / "config.json").read_text())
    assert config["recipe"] == recipe.to_dict()
    assert config["command"] == "liquidtime train tiny"
    assert config["seed"] == 3
    assert (config["data"], config["checksum"]) == ("tiny", {"tiny.txt": "00ff"})
    assert (config["features"], config["classes"]) == (["warmth", "light", "noise"], ["low", "high"])
    assert (config["mean"], config["std"]) == ([0, 1, 2], [1, 2, 3])
    assert config["versions"]["torch"] == torch.__version__
    assert config["parameters"] == 4 * 5 * (3 + 5 + 2) + 2 * 6


def test_the_best_epoch_gives_the_weights(task, recipe, tmp_path):
    run = train(task, replace(recipe, epochs=12, learning_rate=0.1), 1, tmp_path / "run")
    order = [(line["valid_accuracy"], -line["valid_loss"]) for line in run.metrics]
    best = order.index(max(order))
    assert run.results["best_epoch"] == best + 1
    assert best + 1 < 12, "the test needs a run whose last epoch is not its best"
    assert [line["best"] for line in run.metrics] == [pair > max(order[:i], default=()) for i, pair in enumerate(order)]
    scores = evaluate(load_model(run), task.valid)
    assert scores["loss"] == run.results["valid_loss"] == run.metrics[best]["valid_loss"]
    assert run.results["last_valid_loss"] == run.metrics[-1]["valid_loss"]
    tested = evaluate(load_model(run), task.test)
    assert (tested["loss"], tested["f1"]) == (run.results["test_loss"], run.results["test_f1"])


@pytest.mark.parametrize(
    ("accuracy", "loss", "better"), [(0.8, 0.9, True), (0.7, 0.3, True), (0.7, 0.5, False), (0.6, 0.1, False)]
)
def test_accuracy_decides_and_loss_breaks_ties(accuracy, loss, better):
    before = EpochRecord(1, 0.4, 0.5, 0.7, 1.0, True)
    assert EpochRecord(2, 0.4, loss, accuracy, 1.0, True).beats(before) is better
    assert before.beats(None)


@pytest.mark.parametrize(
    ("error", "loss", "better"), [(0.8, 0.3, False), (0.7, 0.5, False), (0.7, 0.3, True), (0.6, 0.9, True)]
)
def test_a_squared_error_is_better_where_it_is_lower(error, loss, better):
    before = EpochRecord(1, 0.4, 0.5, 0.7, 1.0, True, "squared_error")
    assert EpochRecord(2, 0.4, loss, error, 1.0, True, "squared_error").beats(before) is better


@pytest.mark.parametrize("name", MODELS)
def test_every_model_predicts_numbers_and_scores_as_stored(name, sums, recipe, tmp_path):
    run = train(sums, replace(recipe, model=name, epochs=4), 0, tmp_path / "run")
    errors = [line["valid_squared_error"] for line in run.metrics]
    assert run.results["valid_squared_error"] == min(errors) == errors[run.results["best_epoch"] - 1]
    scores = evaluate(load_model(run), sums.test)
    assert {f"test_{key}": scores[key] for key in ("loss", "squared_error", "absolute_error")}.items() <= (
        run.results.items()
    )
    assert "test_accuracy" not in run.results
    assert run.metrics[-1]["train_loss"] < run.metrics[0]["train_loss"]


@pytest.mark.parametrize(("name", "timed"), [("ltc", True), ("ctgru", True), ("gru", False)])
def test_elapsed_times_reach_the_models_that_know_time(name, timed, sums, recipe, tmp_path):
    without = replace(sums, **{part: replace(getattr(sums, part), elapsed=None) for part in ("train", "valid", "test")})
    changed = replace(recipe, model=name, epochs=1)
    with_time, blind = (
        train(task, changed, 0, tmp_path / folder).results for task, folder in ((sums, "a"), (without, "b"))
    )
    assert (with_time["test_loss"] != blind["test_loss"]) is timed


def test_the_metric_chooses_the_epoch(task, recipe, tmp_path):
    changed = replace(task, metric="f1", class_weights=(0.2, 3.0))
    run = train(changed, replace(recipe, epochs=12, learning_rate=0.1), 1, tmp_path / "run")
    scores = [line["valid_f1"] for line in run.metrics]
    assert run.results["valid_f1"] == max(scores) == scores[run.results["best_epoch"] - 1]
    assert "valid_accuracy" not in run.results
    assert evaluate(load_model(run), task.valid)["f1"] == max(scores)
    assert run.results["test_accuracy"] != run.results["test_f1"]


def test_labels_of_the_last_step_train_and_score(task, recipe, tmp_path):
    last = replace(task, **{part: replace(getattr(task, part), last=True) for part in ("train", "valid", "test")})
    for truncate in (None, 3):
        run = train(last, replace(recipe, truncate=truncate, epochs=8), 0, tmp_path / f"run {truncate}")
        assert np.sum(run.results["confusion"]) == 6
        assert run.metrics[-1]["train_loss"] < run.metrics[0]["train_loss"]


def test_progress_is_told_of_batches_and_epochs(task, recipe, tmp_path):
    told = []

    class Follow:
        def on_start(self, records):
            told.append(list(records))

        def on_epoch(self, record):
            told.append(record)

        def on_batch(self, done, total):
            told.append((done, total))

    run = train(task, recipe, 3, tmp_path / "run", Follow())
    assert told[0] == []
    assert [record.to_dict() for record in told[8::8]] == run.metrics
    assert told[9:16] == [(done, 7) for done in range(1, 8)]


def test_the_test_windows_are_scored_once_at_the_end(task, recipe, tmp_path, monkeypatch):
    scored = []

    def follow(model, windows, objective):
        scored.append(windows)
        return evaluate(model, windows, objective)

    monkeypatch.setattr(sys.modules["liquidtime.training.loop"], "evaluate", follow)
    train(task, recipe, 3, tmp_path / "run")
    assert [windows is task.valid for windows in scored] == [True, True, True, False]
    assert scored[-1] is task.test


def test_a_task_without_test_windows(without_test, recipe, tmp_path):
    results = train(without_test, recipe, 3, tmp_path / "run").results
    assert [results[key] for key in ("test_loss", "test_accuracy", "test_f1", "confusion")] == [None] * 4
    assert results["test_windows"] == 0
    assert results["valid_accuracy"] > 0


def test_same_seed_same_run_whatever_the_global_random_numbers(task, recipe, uninterrupted, tools, tmp_path):
    torch.manual_seed(12345)
    before = torch.get_rng_state()
    train(task, recipe, 3, tmp_path / "again")
    assert torch.equal(torch.get_rng_state(), before)
    assert tools.outcome(tmp_path / "again") == uninterrupted
    train(task, recipe, 4, tmp_path / "other")
    assert tools.outcome(tmp_path / "other")[0] != uninterrupted[0]


@pytest.mark.parametrize("kind", ["folder", "file", "dangling link"])
def test_an_output_path_that_exists_is_left_alone(task, recipe, tmp_path, kind):
    out = tmp_path / "run"
    if kind == "folder":
        out.mkdir()
    elif kind == "file":
        out.write_text("mine")
    else:
        out.symlink_to(tmp_path / "nowhere")
    with pytest.raises(RunFolderError, match=r"run exists already: choose another .*--out.*--resume"):
        train(task, recipe, 3, out)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert kind != "folder" or not list(out.iterdir())


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize(
    ("seed", "changes", "message"),
    [
        (-1, {}, "seed=-1"),
        (1.5, {}, "seed=1.5"),
        (2**63, {}, "seed="),
        (0, {"batch_size": 32}, "batch_size=32 but there are 31 training windows"),
        (0, {"model": "ltc", "gradient": "adjoint"}, "Adjoint"),
    ],
)
def test_bad_settings_write_nothing(task, recipe, tmp_path, seed, changes, message, resume):
    with pytest.raises(ValueError, match=message):
        train(task, replace(recipe, **changes), seed, tmp_path / "run", resume=resume)
    assert not list(tmp_path.iterdir())


def test_no_validation_windows_are_refused(task, recipe, tmp_path):
    empty = replace(task, valid=Windows.stacked(task.valid.x[:0], task.valid.y[:0]))
    with pytest.raises(ValueError, match="no validation windows"):
        train(empty, recipe, 3, tmp_path / "run")


def test_divergence_in_validation_keeps_the_epochs_before(task, recipe, tmp_path):
    spoiled = replace(task, valid=Windows.stacked(task.valid.x * np.nan, task.valid.y))
    with pytest.raises(DivergedError, match="validation loss is nan in epoch 1"):
        train(spoiled, recipe, 3, tmp_path / "run")
    with pytest.raises(RunFolderError, match="unfinished"):
        open_run(tmp_path / "run")


def test_missing_parents_are_made(task, recipe, tmp_path):
    assert train(task, recipe, 3, tmp_path / "a" / "b" / "run").path == tmp_path / "a" / "b" / "run"


def test_a_parent_that_is_a_file_is_one_clear_error(task, recipe, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunFolderError, match=r"file/run cannot be made \(Not a directory\).*--out"):
        train(task, recipe, 3, tmp_path / "file" / "run")
