"""What predictors without a memory score: how much of a data set can be told from the current sample alone.

    OMP_NUM_THREADS=1 LIQUIDTIME_DATA=… python benchmarks/simple_predictors.py [DATA …]

Four of them, fitted to the rows of the training windows and scored on the test windows as models are: `constant` (the
commonest class, or the mean), `same` (the next value is the current one, where inputs and targets are the same
quantities), `linear` (least squares, or logistic regression) and `trees` (scikit-learn's histogram gradient boosting),
with the settings that scikit-learn has. Data sets whose windows have one label are left out, and those that are not
there. Results go to benchmarks/results/simple_predictors.json.
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputRegressor
from torch import Tensor
from torch.nn.functional import one_hot

from liquidtime.comparison import MEASURES, PUBLISHED
from liquidtime.data import Task, load
from liquidtime.data.windows import Windows
from liquidtime.training import objective_of

RESULT = Path(__file__).parent / "results" / "simple_predictors.json"
MOST = 200_000
"""Rows that a predictor is fitted to; evenly spaced ones where there are more."""
Rows = tuple[NDArray[np.float32], NDArray[np.generic]]


def rows_of(windows: Windows, rows: Tensor) -> Rows:
    return windows.inputs[rows].numpy(), windows.labels[rows].numpy()


def score(task: Task, truth: NDArray[np.generic], told: NDArray[np.generic]) -> float:
    """As models are scored; a class that is told is one output that stands out."""
    output = torch.as_tensor(told) if task.regression else one_hot(torch.as_tensor(told), len(task.classes)).float()
    return float(objective_of(task).scores(output, torch.as_tensor(truth))[task.metric])


def scores(task: Task) -> dict[str, float]:
    x, y = rows_of(task.train, task.train.rows().unique())
    gap = -(-len(x) // MOST)
    x, y = x[::gap], y[::gap]
    test, truth = rows_of(task.test, task.test.rows().flatten())
    if task.regression:
        trees = MultiOutputRegressor(HistGradientBoostingRegressor(random_state=0))
        predictors = {"constant": DummyRegressor(), "linear": LinearRegression(), "trees": trees}
    else:
        trees = HistGradientBoostingClassifier(random_state=0)
        predictors = {"constant": DummyClassifier(), "linear": LogisticRegression(max_iter=200), "trees": trees}
    found = {}
    for name, predictor in predictors.items():
        told = predictor.fit(x, y).predict(test)
        found[name] = score(task, truth, np.reshape(told, truth.shape))
    if task.targets == tuple(f"next {feature}" for feature in task.features[: len(task.targets)]) != ():
        found["same"] = score(task, truth, same(task, test))
    return found


def same(task: Task, test: NDArray[np.float32]) -> NDArray[np.float32]:
    """The current values, in the unit of the targets."""
    outputs = len(task.targets)
    values = test[:, :outputs] * np.array(task.std[:outputs]) + np.array(task.mean[:outputs])
    return (values - np.array(task.target_mean)) / np.array(task.target_std) if task.target_mean else values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="*", default=list(MEASURES), metavar="DATA")
    stored = json.loads(RESULT.read_text()) if RESULT.exists() else []
    results = {(row["data"], row["protocol"]): row for row in stored}
    warnings.simplefilter("ignore", ConvergenceWarning)
    for data in parser.parse_args().data:
        for protocol in ("paper", "clean"):
            try:
                task = load(data, protocol)
            except ValueError as error:
                print(f"{data}: {str(error).splitlines()[0]}")
                break
            if task.train.last:
                break
            measure = MEASURES[data]
            row = {name: round(measure.factor * value, measure.digits) for name, value in scores(task).items()}
            row = {"data": data, "protocol": protocol, "measure": measure.title} | row
            results[data, protocol] = row
            print(f"{data}, {protocol}", flush=True)
    places = [(data, protocol) for data in MEASURES for protocol in ("paper", "clean")]
    rows = [results[place] for place in places if place in results]
    RESULT.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
    print("\n".join(table(rows)))


def table(rows: list[dict]) -> list[str]:
    """The scores beside the published LTC, in Markdown."""
    lines = [
        "| data set, score | protocol | constant | same again | linear | trees | published LTC |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        digits = MEASURES[row["data"]].digits
        ltc = PUBLISHED.get((row["data"], "conductance-ltc")) if row["protocol"] == "paper" else None
        told = [row.get(name) for name in ("constant", "same", "linear", "trees")] + [ltc.mean if ltc else None]
        shown = " | ".join("–" if value is None else f"{value:.{digits}f}" for value in told)
        lines.append(f"| {row['data']}, {row['measure']} | {row['protocol']} | {shown} |")
    return lines


if __name__ == "__main__":
    main()
