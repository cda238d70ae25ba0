"""The model in C against PyTorch, its sizes, and what it does with anything that it is given."""

import csv
import functools
import re
import subprocess

import numpy as np
import pytest
import torch

from liquidtime.export import c_source
from liquidtime.export.check import as_csv
from liquidtime.export.sample import Sample
from liquidtime.solvers import FixedStepSolver
from liquidtime.training import MODELS, SOLVERS
from trained_runs import CASES, COMPILERS, ODES, STRICT, built, renamed, rows_for, tiny_run, told


def numbers(done, shape):
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line for line in done.stdout.splitlines()[1:] if line]
    return np.array([[float(value) for value in line.split(",")] for line in lines]).reshape(shape)


def test_there_is_a_compiler():
    assert COMPILERS


def test_no_model_and_no_solver_of_fixed_steps_is_left_out():
    assert {model for model, _ in CASES} == set(MODELS)
    fixed = {name for name, solver in SOLVERS.items() if issubclass(solver, FixedStepSolver)}
    assert {solver for _, solver in CASES} == fixed | {None}


@pytest.fixture(scope="module")
def program(case, tmp_path_factory):
    """The example program of a model and a solver, compiled once."""
    folder = tmp_path_factory.mktemp("programs")
    return functools.cache(lambda *which: built(folder / str(which), c_source(case(*which)), "-O2"))


@pytest.mark.parametrize(("model", "solver"), CASES)
def test_the_same_numbers(model, solver, case, program):
    trained = case(model, solver)
    series = rows_for(trained)
    expected = told(trained, series)
    found = numbers(program(model, solver)(as_csv(trained, series)), expected.shape)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * max(trained.target_scaling.std))


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("flag", ["-O0", "-O3"])
def test_any_compiler_takes_it(compiler, flag, case, tmp_path):
    trained = case("conductance-ltc", "implicit-euler")
    series = rows_for(trained)
    run = built(tmp_path / "c", c_source(trained), flag, compiler=compiler)
    expected = told(trained, series)
    np.testing.assert_allclose(numbers(run(as_csv(trained, series)), expected.shape), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("model", "solver"), CASES)
def test_no_input_gives_anything_but_numbers(model, solver, case, program):
    trained, run = case(model, solver), program(model, solver)
    random = np.random.default_rng(1)
    rows = random.choice([-1e6, -1.0, 0.0, 1.0, 1e6], (200, 3))
    spans = random.choice([0.0, 1e-6, 1.0, 1e3, 1e6], (200, 1))
    table = np.concatenate([spans, rows], 1) if trained.takes_time else rows
    if solver == "implicit-euler":  # each row by itself: a step that finds no solution is refused, as in PyTorch
        for row in table[:40]:
            done = run(",".join(map(str, row)) + "\n")
            assert done.returncode == 0 or "refused with code 2" in done.stderr
            assert "nan" not in done.stdout
        return
    done = run("\n".join(",".join(map(str, row)) for row in table) + "\n")
    assert np.isfinite(numbers(done, (200, 2))).all()


@pytest.mark.parametrize(("model", "solver"), [case for case in CASES if case[0] in ODES])
def test_no_time_changes_nothing(model, solver, program):
    before, *after = numbers(program(model, solver)("0.7,1,2,3\n0,50,-60,70\n0,1,2,3\n"), (3, 2))
    assert all((row == before).all() for row in after)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("1,2,3\n", "line 1: expected 4 numbers"),
        ("1,2,3,4,5\n", "line 1: expected 4 numbers"),
        ("1,1,1,1\n1,2,x,4\n", "line 2: expected 4 numbers"),
        ("warmth\n", "line 1: expected 4 numbers"),
        ("-1,0,0,0\n", "line 1: refused with code 1"),
        ("nan,0,0,0\n", "line 1: refused with code 1"),
        ("1,nan,0,0\n", "line 1: refused with code 1"),
        ("1,0,-inf,0\n", "line 1: refused with code 1"),
        ("1,0,0,1e30\n", "line 1: refused with code 1"),
        ("1e30,0,0,0\n", "line 1: refused with code 1"),
        ("1," + "9" * 4000 + ",0,0\n", "line 1: expected 4 numbers"),
    ],
    ids=lambda value: value[:12].strip(),
)
def test_a_row_that_makes_no_sense_is_refused(given, said, program):
    done = program("ltc", "fused")(given)
    assert done.returncode == 1
    assert done.stderr.startswith(said)


HARNESS = """
#include "r.h"
#include <stdio.h>
#include <string.h>
int main(void)
{
    static r_memory memory, copy;
    float row[3] = {1, 2, 3}, bad[3] = {1, 2, 0}, outputs[2] = {7, 7};
    bad[2] = bad[2] / bad[2];
    r_reset(&memory);
    r_step(&memory, row, 1.0f, outputs);
    memcpy(copy.state, memory.state, sizeof copy.state);
    outputs[0] = 7;
    if (r_step(&memory, bad, 1.0f, outputs) != R_BAD_INPUT || r_step(&memory, row, -1.0f, outputs) != R_BAD_INPUT)
        return 1;
    if (outputs[0] != 7 || memcmp(copy.state, memory.state, sizeof copy.state) != 0)
        return 2;
    printf("%zu %d %d\\n", sizeof memory, R_RAM_BYTES, R_STATE);
    float again[2];
    r_step(&memory, row, 0.5f, outputs);
    r_step(&copy, row, 0.5f, again);
    return memcmp(outputs, again, sizeof again) == 0 ? 0 : 3;
}
"""


@pytest.mark.parametrize("solver", ["fused", "implicit-euler"])
def test_a_refused_sample_touches_nothing_and_the_state_is_all_there_is_to_save(solver, tmp_path):
    source = c_source(tiny_run(tmp_path / "r", "ltc", solver))
    (tmp_path / "harness.c").write_text(HARNESS)
    done = built(tmp_path / "c", source, "-I.", main=str(tmp_path / "harness.c"))("")
    assert done.returncode == 0
    assert [int(word) for word in done.stdout.split()] == [source.ram, source.ram, 5]


@pytest.mark.parametrize(("model", "solver"), CASES)
def test_flash_is_what_the_compiler_puts_there(model, solver, case, tmp_path):
    source = c_source(case(model, solver))
    for name, text in source.files.items():
        (tmp_path / name).write_text(text)
    code = next(name for name in source.files if name.endswith(".c"))
    words = ["gcc", *STRICT, "-O0", "-fdata-sections", "-c", code, "-o", "model.o"]
    subprocess.run(words, cwd=tmp_path, check=True)
    listed = subprocess.run(["size", "-A", "model.o"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    sections = re.findall(r"^(\.\S+)\s+(\d+)", listed, re.MULTILINE)
    assert sum(int(size) for name, size in sections if re.match(r"\.rodata\.[A-Z]", name)) == source.flash
    assert sum(int(size) for name, size in sections if re.match(r"\.(data|bss)", name)) == 0
    symbols = subprocess.run(["nm", "-u", "model.o"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    needed = {word for word in symbols.split() if word != "U"} - {"_GLOBAL_OFFSET_TABLE_"}
    assert needed <= {"expf", "fmaxf", "fminf", "fabsf", "logf"}


DERIVATIVE = """
#include "MODEL.c"
#include <stdio.h>
int main(void)
{
    static memory_t memory;
    const float row[3] = {1, 2, 3}, h = 0.7f, step = 1e-2f;
    float outputs[2], y[H], forward[H], backward[H], worst = 0;
    if (MODEL_step(&memory, row, 1.0f, outputs) != 0)
        return 1;
    for (int i = 0; i < H; i++)
        y[i] = 0.3f * (float)i - 0.5f;
    residual(&memory, y, h, memory.r);
    jacobian(&memory, y, h);
    for (int j = 0; j < H; j++) {
        const float middle = y[j];
        y[j] = middle + step;
        residual(&memory, y, h, forward);
        y[j] = middle - step;
        residual(&memory, y, h, backward);
        y[j] = middle;
        for (int i = 0; i < H; i++)
            worst = fmaxf(worst, fabsf((forward[i] - backward[i]) / (2 * step) - memory.matrix[i][j]));
    }
    printf("%g\\n", (double)worst);
    return 0;
}
"""


@pytest.mark.parametrize("model", ODES)
def test_newton_has_the_derivative_of_the_residual(model, case, tmp_path):
    source = c_source(case(model, "implicit-euler"))
    name = next(iter(source.files))[:-2]
    for file, text in source.files.items():
        (tmp_path / file).write_text(text)
    (tmp_path / "derivative.c").write_text(DERIVATIVE.replace("MODEL", name))
    words = [COMPILERS[0], *STRICT, "derivative.c", "-lm", "-o", "derivative"]
    subprocess.run(words, cwd=tmp_path, check=True)
    printed = subprocess.run([tmp_path / "derivative"], check=True, capture_output=True, text=True).stdout
    assert float(printed) < 1e-3


HOSTILE = [
    "*/ int x; /*",
    'say "hi" \\',
    "line\nbreak\r",
    "Größe °C 温度",
    "??/ ???> %d $name",
    "\u202eturned",
    "\udcff\x00\x07",
    "n" * 9000,
    "//",
    "",
]


@pytest.mark.parametrize("regression", [False, True], ids=["classes", "numbers"])
def test_no_name_breaks_the_code(regression, tmp_path):
    trained = tiny_run(tmp_path / "r", "conductance-ltc", None, regression)
    series = rows_for(trained)
    expected = told(trained, series)
    for start in range(len(HOSTILE)):
        other = renamed(trained, [*HOSTILE[start:], *HOSTILE[:start]])
        done = built(tmp_path / str(start), c_source(other))(as_csv(trained, series))
        np.testing.assert_allclose(numbers(done, expected.shape), expected, rtol=0, atol=1e-5)
        assert len(next(csv.reader(done.stdout.splitlines()))) == 2


def test_a_name_is_printed_as_it_is(tmp_path):
    trained = renamed(tiny_run(tmp_path / "r", "gru"), ['say "hi", \\ ??/', "Größe °C"])
    done = built(tmp_path / "c", c_source(trained))("")
    assert next(csv.reader(done.stdout.splitlines())) == trained.outputs


def test_many_long_names_fit(tmp_path):
    trained = tiny_run(tmp_path / "r", "gru")
    built(tmp_path / "c", c_source(renamed(trained, ["°" * 5000, "?" * 5000])))


def test_every_weight_comes_back_bit_for_bit(tmp_path):
    trained = tiny_run(tmp_path / "r", "lstm")
    awkward = torch.tensor([1 / 3, -0.0, 1e-45, 3.4028235e38, 1.17549435e-38, 16777217.0, 0.1, -7e-12])
    with torch.no_grad():
        trained.model.rnn.weight_ih_l0.view(-1)[: len(awkward)] = awkward
    text = c_source(trained).files["r.c"]
    body = re.search(r"W_IH\[20\]\[3\] = \{(.*?)\n\};", text, re.DOTALL)[1]
    found = [float(number) for number in re.findall(r"(\S+?)f[,\s]", re.sub(r"/\*.*?\*/", "", body))]
    expected = Sample(trained).layer.weight_ih_l0.detach().numpy().ravel()
    assert np.array(found, dtype=np.float32).tobytes() == expected.tobytes()
    program = 'int printf(const char *, ...);\nint main(void)\n{\n    printf("%zu", sizeof W_IH);\n'
    program += '    for (int i = 0; i < 60; i++)\n        printf(" %a", (double)W_IH[i / 3][i % 3]);\n}\n'
    array = re.search(r"static const float W_IH.*?\n\};", text, re.DOTALL)[0]
    (tmp_path / "weights.c").write_text(f"{array}\n{program}")
    subprocess.run([COMPILERS[0], "-std=c99", "weights.c", "-o", "weights"], cwd=tmp_path, check=True)
    size, *printed = subprocess.run([tmp_path / "weights"], check=True, capture_output=True, text=True).stdout.split()
    assert int(size) == 240
    assert np.array([float.fromhex(word) for word in printed], np.float32).tobytes() == expected.tobytes()


def test_a_model_that_is_no_model_is_refused(tmp_path):
    trained = tiny_run(tmp_path / "r", "gru")
    with torch.no_grad():
        trained.model.head.bias[0] = torch.nan
    with pytest.raises(ValueError, match="the model holds nan"):
        c_source(trained)


def test_adaptive_steps_have_no_form(tmp_path):
    with pytest.raises(ValueError, match=r"solver=Adaptive.*chooses its own steps.*train with fused"):
        c_source(tiny_run(tmp_path / "r", "ltc", "adaptive"))
