"""Both ONNX models against PyTorch in onnxruntime."""

import functools
import json
import os
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest

from liquidtime.export import onnx_files
from liquidtime.export.onnx_files import SEQUENCE, STEP
from liquidtime.export.sample import Sample
from trained_runs import CASES, ODES, renamed, rows_for, tiny_run, told

EXPORTED = [case for case in CASES if case[1] != "implicit-euler"]


@pytest.fixture(scope="module")
def files(case):
    return functools.cache(lambda model, solver: onnx_files(case(model, solver)))


def session(content):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def given(trained, series, state=None):
    start = np.zeros((len(series.rows), Sample(trained).state_size), np.float32) if state is None else state
    return {"features": series.rows, "state": start} | ({"timespan": series.spans} if trained.takes_time else {})


@pytest.mark.parametrize(("model", "solver"), EXPORTED)
def test_whole_series_step_by_step_and_torch_agree(model, solver, case, files):
    trained = case(model, solver)
    series = rows_for(trained)
    expected, inputs = told(trained, series), given(trained, series)
    said, last = session(files(model, solver)[SEQUENCE]).run(None, inputs)
    atol = 1e-6 * max(trained.target_scaling.std)
    np.testing.assert_allclose(said, expected, rtol=0, atol=atol)
    step, state = session(files(model, solver)[STEP]), inputs["state"]
    for t in range(expected.shape[1]):
        timed = {"timespan": series.spans[:, t]} if trained.takes_time else {}
        one, state = step.run(None, {"features": series.rows[:, t], "state": state} | timed)
        np.testing.assert_allclose(one, expected[:, t], rtol=0, atol=atol)
    np.testing.assert_allclose(last, state, rtol=0, atol=1e-6)


@pytest.mark.parametrize("model", ["ltc", "ctgru", "lstm"])
def test_any_batch_and_length_and_in_parts(model, case, files):
    solver = "fused" if model == "ltc" else None
    trained, sequence = case(model, solver), session(files(model, solver)[SEQUENCE])
    for B, T in ((1, 1), (3, 40)):
        series = rows_for(trained, B=B, T=max(T, 6))
        series = type(series)(series.rows[:, :T], series.spans[:, :T])
        inputs = given(trained, series)
        whole, last = sequence.run(None, inputs)
        atol = 1e-6 * max(trained.target_scaling.std)
        np.testing.assert_allclose(whole, told(trained, series), rtol=0, atol=atol)
        if T > 1:
            first = type(series)(series.rows[:, :15], series.spans[:, :15])
            rest = type(series)(series.rows[:, 15:], series.spans[:, 15:])
            a, state = sequence.run(None, given(trained, first))
            b, again = sequence.run(None, given(trained, rest, state))
            np.testing.assert_allclose(np.concatenate([a, b], 1), whole, rtol=0, atol=1e-6)
            np.testing.assert_allclose(again, last, rtol=0, atol=1e-6)


@pytest.mark.parametrize(("model", "solver"), [case for case in EXPORTED if case[0] in ODES])
def test_no_time_is_the_identity(model, solver, case, files):
    trained = case(model, solver)
    series = rows_for(trained, B=2)
    state = np.random.default_rng(3).normal(size=(2, 5)).astype(np.float32)
    inputs = given(trained, type(series)(series.rows, np.zeros_like(series.spans)), state)
    assert (session(files(model, solver)[SEQUENCE]).run(None, inputs)[1] == state).all()
    one = {"features": series.rows[:, 0], "state": state, "timespan": np.zeros(2, np.float32)}
    assert (session(files(model, solver)[STEP]).run(None, one)[1] == state).all()


@pytest.mark.parametrize(
    ("model", "names", "said"),
    [
        ("ltc", ["features", "state", "timespan"], "probabilities"),
        ("lstm", ["features", "state"], "values"),
    ],
    ids=["ltc", "lstm"],
)
def test_what_goes_in_and_out_has_names_and_shapes(model, names, said, case, files):
    solver = "explicit-euler" if model == "ltc" else None
    width = Sample(case(model, solver)).state_size
    for name, time in ((STEP, []), (SEQUENCE, ["time"])):
        opened = session(files(model, solver)[name])
        shapes = {value.name: value.shape for value in (*opened.get_inputs(), *opened.get_outputs())}
        assert [value.name for value in opened.get_inputs()] == names
        expected = {"features": ["batch", *time, 3], "state": ["batch", width], said: ["batch", *time, 2]}
        expected |= {"next_state": ["batch", width]} | ({"timespan": ["batch", *time]} if model == "ltc" else {})
        assert shapes == expected
        assert {value.type for value in (*opened.get_inputs(), *opened.get_outputs())} == {"tensor(float)"}


def test_the_whole_series_is_one_loop(files):
    model = onnx.load_from_string(files("ltc", "fused")[SEQUENCE])
    assert [node.op_type for node in model.graph.node] == ["Scan"]


HOSTILE = ["*/ int x;", 'say "hi" \\', "line\nbreak", "Größe 温度", "\udcff\x00", "n" * 9000, ""]


def test_any_name_is_read_back_as_it_was(case):
    trained = renamed(case("gru", None), HOSTILE)
    for content in onnx_files(trained).values():
        opened = session(content)
        told_of = opened.get_modelmeta()
        metadata = told_of.custom_metadata_map
        assert json.loads(metadata["features"]) == trained.features
        assert json.loads(metadata["classes" if not trained.regression else "targets"]) == trained.outputs
        assert json.loads(metadata["data"]) == HOSTILE[0]
        assert json.loads(metadata["versions"])["exported by liquidtime"]
        assert metadata["model"] == "gru"
        assert told_of.producer_name == "liquidtime"


def test_nothing_of_the_machine_that_made_it_is_in_the_file(case, files):
    for content in files("conductance-ltc", "rk4").values():
        assert b"site-packages" not in content
        assert b".py" not in content
        assert os.fsencode(case("conductance-ltc", "rk4").run.path) not in content


def test_the_same_run_gives_the_same_bytes(case, files):
    assert onnx_files(case("gru", None)) == files("gru", None)


@pytest.mark.parametrize(
    ("solver", "words"),
    [("adaptive", "chooses its own steps.*train with fused"), ("implicit-euler", "iterates.*export it to c")],
)
def test_a_solver_without_a_form_is_refused(solver, words, tmp_path):
    with pytest.raises(ValueError, match=rf"solver=.*{words}") as caught:
        onnx_files(tiny_run(tmp_path / "r", "ltc", solver))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["onnx", "onnxscript"])
def test_without_onnx_it_says_what_to_install(name, case, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ValueError, match=rf'needs {name}: pip install "liquidtime\[export\]"'):
        onnx_files(case("gru", None))


def test_the_exporter_says_nothing(case):
    program = (
        "import liquidtime, warnings; warnings.simplefilter('error')\n"
        f"from liquidtime.export import onnx_files; onnx_files(liquidtime.load({str(case('gru', None).run.path)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
