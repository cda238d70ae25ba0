"""Trained runs in a moment, for what is done with them."""

import shutil
import subprocess
from dataclasses import replace

import numpy as np

import liquidtime
from liquidtime.export import Series
from liquidtime.training import Recipe, Trained, train
from tiny import make_regression, make_task

ODES = ("ltc", "conductance-ltc", "ctrnn", "node")
FIXED = ("explicit-euler", "fused", "exponential-euler", "exponential-midpoint", "implicit-euler", "rk4")
CLOSED = ("ctgru", "lstm", "gru")
CASES = [*((model, solver) for model in ODES for solver in FIXED), *((model, None) for model in CLOSED)]
COMPILERS = [compiler for compiler in ("gcc", "clang") if shutil.which(compiler)]
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror")


def tiny_run(folder, model, solver=None, regression=False, task=None, **changes):
    """A model of 5 neurons after one step of training, loaded from its folder."""
    task = task or (make_regression() if regression else make_task())
    settings = {"hidden_size": 5, "epochs": 1, "batch_size": 31, "learning_rate": 0.01, "solver": solver} | changes
    settings |= {"substeps": 2} if solver not in (None, "adaptive") else {}
    settings |= {"init": "fan_in"} if model == "conductance-ltc" else {}
    train(task, Recipe(model, **settings), 3, folder)
    return liquidtime.load(folder)


def case_run(folder, model, solver):
    """A run of one of `CASES`: classes where its place is even, numbers where it is odd."""
    return tiny_run(folder / f"{model}-{solver}", model, solver, bool(CASES.index((model, solver)) % 2))


def rows_for(trained, seed=0, B=4, T=9):
    """Rows around the features' means, with times of which some are zero."""
    random, F = np.random.default_rng(seed), len(trained.features)
    rows = random.normal(size=(B, T, F)) * trained.scaling.std + trained.scaling.mean
    spans = random.uniform(0, 1.2, (B, T))
    spans[:, [2, 5]] = 0
    return Series(rows.astype(np.float32), spans.astype(np.float32))


def told(trained, series):
    """What torch says of the rows."""
    return trained.predict(series.rows, series.spans if trained.takes_time else None)


def renamed(trained, names):
    """The same model with other names of everything that a user names."""
    config = trained.run.config
    kind = "targets" if trained.regression else "classes"
    changes = {
        "features": [f"{names[k % len(names)]}{k}" for k in range(len(config["features"]))],
        kind: [f"{names[-1 - k % len(names)]}{k}" for k in range(len(config[kind]))],
        "data": names[0],
        "command": " ".join(names),
    }
    return Trained(replace(trained.run, config=config | changes), trained.model)


def built(folder, source, *flags, main="main.c", compiler=COMPILERS[0]):
    """The example program, compiled without a warning: a function from its standard input to what it did."""
    folder.mkdir(exist_ok=True)
    for name, text in source.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    code = [name for name in source.files if name.endswith(".c") and name != "main.c"]
    words = [compiler, *STRICT, *flags, *code, main, "-lm", "-o", "program"]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return lambda given: subprocess.run([folder / "program"], input=given, capture_output=True, text=True, check=False)
