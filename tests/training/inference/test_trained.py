"""A trained run on rows in their own units, whole and sample by sample."""

import hashlib
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import liquidtime
from liquidtime.data import with_log_timespans
from liquidtime.training import MODELS, RunFolderError, load_model, open_run
from tiny import make_regression
from trained_runs import rows_for, tiny_run, told


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return {name: tiny_run(folder / name, name, regression=n % 2 == 0) for n, name in enumerate(MODELS)}


def streamed(stream, trained, series, b=0):
    spans = series.spans[b] if trained.takes_time else [None] * len(series.rows[b])
    return np.array(
        [
            list(stream(row, None if span is None else float(span)).values())
            for row, span in zip(series.rows[b], spans, strict=True)
        ]
    )


@pytest.mark.parametrize("name", MODELS)
def test_predict_is_the_model_on_scaled_rows(name, runs):
    trained = runs[name]
    series = rows_for(trained)
    config = trained.run.config
    u = torch.from_numpy((series.rows.astype(np.float64) - config["mean"]) / config["std"]).float()
    spans = torch.from_numpy(series.spans) if trained.model.takes_time else None
    output = load_model(trained.run)(u, None, spans)[0].detach()
    if trained.regression:
        expected = output.double().numpy() * config["target_std"] + config["target_mean"]
    else:
        expected = torch.softmax(output.double(), -1).numpy()
    np.testing.assert_array_equal(told(trained, series), expected)


@pytest.mark.parametrize("name", MODELS)
def test_sample_by_sample_is_the_whole_series(name, runs):
    trained = runs[name]
    series = rows_for(trained)
    np.testing.assert_allclose(
        streamed(trained.stream(), trained, series, 1), told(trained, series)[1], rtol=0, atol=2e-6
    )


@pytest.mark.parametrize("name", MODELS)
def test_one_series_is_a_batch_of_one(name, runs):
    series = rows_for(runs[name], B=1)
    alone = type(series)(series.rows[0], series.spans[0])
    np.testing.assert_allclose(told(runs[name], alone), told(runs[name], series)[0], rtol=0, atol=2e-6)


@pytest.mark.parametrize("name", MODELS)
def test_a_restarted_process_goes_on_exactly(name, runs, tmp_path):
    trained = runs[name]
    series = rows_for(trained)
    whole = streamed(trained.stream(), trained, series)
    stream = trained.stream()
    begin, end = (type(series)(series.rows[:, part], series.spans[:, part]) for part in (slice(0, 4), slice(4, None)))
    first = streamed(stream, trained, begin)
    stream.save(tmp_path / "state")
    assert not list(tmp_path.glob("*.tmp"))
    again = liquidtime.load(trained.run.path).stream()
    again.restore(tmp_path / "state")
    np.testing.assert_array_equal(again.state, stream.state)
    np.testing.assert_array_equal(np.concatenate([first, streamed(again, trained, end)]), whole)


@pytest.mark.parametrize("name", MODELS)
def test_the_state_can_be_read_set_and_reset(name, runs):
    trained = runs[name]
    series = rows_for(trained)
    stream = trained.stream()
    start = stream.state
    assert (start == 0).all()
    assert len(start) == {"ctgru": 40, "lstm": 10}.get(name, 5)
    once = streamed(stream, trained, series)
    held = stream.state
    after = streamed(stream, trained, series)
    given = held.clone()
    stream.state = given
    given.fill_(7)
    np.testing.assert_array_equal(stream.state, held)
    np.testing.assert_array_equal(streamed(stream, trained, series), after)
    np.testing.assert_array_equal(given, torch.full_like(given, 7))
    stream.reset()
    np.testing.assert_array_equal(stream.state, start)
    np.testing.assert_array_equal(streamed(stream, trained, series), once)


def test_a_stream_says_names(runs):
    said = runs["conductance-ltc"].stream()([1.0, 2.0, 3.0])
    assert list(said) == ["low", "high"]
    assert sum(said.values()) == pytest.approx(1, abs=1e-12)
    assert list(runs["ltc"].stream()([1.0, 2.0, 3.0])) == ["first sum", "second sum"]


@pytest.mark.parametrize("name", ["ltc", "gru"])
def test_a_stream_keeps_the_weights_that_it_was_made_with(name, runs):
    trained = liquidtime.load(runs[name].run.path)
    series = rows_for(trained)
    stream, before = trained.stream(), streamed(trained.stream(), trained, series)
    with torch.no_grad():
        for parameter in trained.model.parameters():
            parameter.mul_(2)
    np.testing.assert_array_equal(streamed(stream, trained, series), before)
    assert not np.array_equal(streamed(trained.stream(), trained, series), before)


def test_two_streams_and_predict_do_not_meet(runs):
    trained = runs["gru"]
    series = rows_for(trained)
    one, other = trained.stream(), trained.stream()
    first = streamed(one, trained, series)
    trained.predict(series.rows)
    np.testing.assert_array_equal(streamed(other, trained, series), first)


@pytest.mark.parametrize("name", ["ltc", "gru"])
def test_the_log_of_the_time_is_computed_here(name, tmp_path):
    task = with_log_timespans(make_regression())
    trained = tiny_run(tmp_path / "r", name, task=task)
    assert trained.features == list(task.features[:3])
    assert trained.takes_time
    batch = task.test[torch.arange(4)]
    spans = batch.timespans.clone()
    spans[:, 1] = 0.001
    u = torch.cat([batch.x[..., :3], spans.clamp_min(0.01).log().unsqueeze(-1)], -1)
    expected = trained.model(u, None, spans if name == "ltc" else None)[0].detach()
    rows = batch.x[..., :3].double().numpy() * task.std[:3] + np.array(task.mean[:3])
    scaled = expected.double().numpy() * task.target_std + np.array(task.target_mean)
    np.testing.assert_allclose(trained.predict(rows, spans.numpy()), scaled, rtol=0, atol=1e-5)
    stream = trained.stream()
    said = [list(stream(row, float(span)).values()) for row, span in zip(rows[0], spans[0], strict=True)]
    np.testing.assert_allclose(said, scaled[0], rtol=0, atol=1e-5)
    refused(lambda: trained.predict(rows, -1.0), "timespans: -1.0", "not negative")
    refused(lambda: stream(rows[0, 0], -1.0), "timespan: -1.0")


def test_no_times_are_times_of_one(runs):
    trained = runs["ltc"]
    series = rows_for(trained)
    np.testing.assert_array_equal(trained.predict(series.rows), trained.predict(series.rows, 1.0))
    np.testing.assert_array_equal(trained.predict(series.rows), trained.predict(series.rows, [1.0] * 9))
    assert trained.stream()([1, 2, 3]) == trained.stream()([1, 2, 3], 1)


def refused(action, *words):
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        action()
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message, message


@pytest.mark.parametrize(
    ("x", "spans", "words"),
    [
        ([[1.0, 2.0]], None, ["(1, 2)", "3 features warmth, light, noise"]),
        (3.0, None, ["()", "3 features"]),
        ([1.0, 2.0, 3.0], None, ["(3,)", "(T, 3)"]),
        (np.zeros((0, 3)), None, ["(0, 3)"]),
        ([["a", 2.0, 3.0]], None, ["no table of numbers", "3 features"]),
        ([[1.0, 2.0], [1.0]], None, ["no table of numbers"]),
        ([[1.0, np.nan, 3.0]], None, ["feature 'light' is nan", "finite"]),
        ([[1.0, 2.0, 1e300]], None, ["feature 'noise' is 1e+300"]),
        ([[1.0, 2.0, 3.0]], -1.0, ["timespans: -1.0", "not negative"]),
        ([[1.0, 2.0, 3.0]], np.inf, ["timespans: inf"]),
        ([[1.0, 2.0, 3.0]], np.nan, ["timespans: nan"]),
        ([[1.0, 2.0, 3.0]], [1.0, 2.0], ["timespans", "(1,)", "one for each row"]),
        ([[1.0, 2.0, 3.0]], "soon", ["timespans", "one number"]),
    ],
    ids=range(13),
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_rows_that_make_no_sense_are_refused(x, spans, words, runs):
    refused(lambda: runs["ltc"].predict(x, spans), *words)


def test_a_stream_refuses_and_stays_as_it_was(runs):
    stream = runs["ltc"].stream()
    stream([1, 2, 3], 0.5)
    before = stream.state
    refused(lambda: stream([1, 2]), "3 features")
    refused(lambda: stream([[1, 2, 3], [1, 2, 3]]), "2 rows", "predict")
    refused(lambda: stream([1, np.nan, 3]), "'light' is nan")
    refused(lambda: stream([1, 2, 3], -0.5), "timespan: -0.5")
    refused(lambda: stream([1, 2, 3], [1, 2]), "timespan")
    refused(lambda: setattr(stream, "state", torch.zeros(4)), "shape (5,)")
    refused(lambda: setattr(stream, "state", torch.full((5,), torch.nan)), "finite")
    refused(lambda: setattr(stream, "state", [0.0] * 5), "tensor")
    assert torch.equal(stream.state, before)
    refused(lambda: runs["gru"].stream()([1, 2, 3], 1.0), "timespan for 'gru'", "knows no time")
    refused(lambda: runs["lstm"].predict([[1, 2, 3]], 1.0), "timespans for 'lstm'")


class TestStateFiles:
    @pytest.fixture
    def saved(self, runs, tmp_path):
        stream = runs["ltc"].stream()
        stream([1, 2, 3])
        stream.save(tmp_path / "state")
        return tmp_path / "state"

    @pytest.fixture
    def other(self, runs):
        """A stream with a state of its own, which no refused file may change."""
        stream = runs["ltc"].stream()
        stream([3, 2, 1])
        before = stream.state
        yield stream
        assert torch.equal(stream.state, before)

    def test_a_missing_one(self, other, tmp_path):
        refused(lambda: other.restore(tmp_path / "none"), "none is missing", "reset()")

    @pytest.mark.parametrize("keep", [0, 20, -1])
    def test_one_that_is_cut_off(self, other, saved, keep):
        saved.write_bytes(saved.read_bytes()[:keep])
        refused(lambda: other.restore(saved), "cut off or damaged", "reset()")

    def test_one_that_was_changed(self, other, saved):
        content = bytearray(saved.read_bytes())
        content[-2] ^= 1
        saved.write_bytes(content)
        refused(lambda: other.restore(saved), "was changed since it was saved", "reset()")

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            (torch.zeros(4), "torch.float32 (4,)"),
            (torch.zeros(5, dtype=torch.float64), "torch.float64"),
            (torch.full((5,), torch.inf), "not finite"),
        ],
        ids=["shape", "type", "infinite"],
    )
    def test_one_that_was_forged(self, other, saved, state, words):
        from safetensors import safe_open

        with safe_open(saved, framework="pt") as file:
            metadata = file.metadata() | {"checksum": hashlib.sha256(state.numpy().tobytes()).hexdigest()}
        save_file({"state": state}, saved, metadata)
        refused(lambda: other.restore(saved), words, "reset()")

    def test_one_without_a_state(self, other, saved):
        save_file(load_file(saved), saved)
        refused(lambda: other.restore(saved), "holds no state of a stream")

    def test_one_of_another_model(self, runs, other, saved):
        runs["ctrnn"].stream().save(saved)
        refused(lambda: other.restore(saved), "state of another model")

    def test_a_pickle_is_never_run(self, other, tmp_path):
        class Bomb:
            def __reduce__(self):
                return (open, (str(tmp_path / "boom"), "w"))

        (tmp_path / "state").write_bytes(pickle.dumps(Bomb()))
        refused(lambda: other.restore(tmp_path / "state"), "cut off or damaged")
        assert not (tmp_path / "boom").exists()

    def test_a_place_that_cannot_be_written(self, runs, saved):
        before = saved.read_bytes()
        refused(lambda: runs["gru"].stream().save(saved / "inside"), "cannot be written")
        assert saved.read_bytes() == before


def test_load_opens_what_training_left(runs):
    trained = liquidtime.load(str(runs["gru"].run.path))
    assert trained.run == open_run(runs["gru"].run.path)
    with pytest.raises(RunFolderError, match="does not exist"):
        liquidtime.load("nowhere")


def test_targets_of_one_name_are_refused(runs, tmp_path):
    task = replace(make_regression(), targets=("sum", "sum"))
    refused(lambda: tiny_run(tmp_path / "r", "gru", task=task), "targets is ['sum', 'sum']", "different names")


def test_loading_brings_no_plotting_and_no_command_line():
    program = "import liquidtime; liquidtime.load; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not {"plotly", "typer", "onnx", "onnxruntime"} & {name.split(".")[0] for name in done.stdout.split()}
