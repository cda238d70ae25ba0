"""Scores, tasks and their parts in words."""

from collections.abc import Mapping
from typing import Any

from liquidtime.data import Task, Windows
from liquidtime.report.wording import METRICS, count, listed, percent, score


def scored(task: Task, scores: Mapping[str, Any]) -> list[str]:
    """Each score in words, the one that validation chooses by first."""
    names = ("squared_error", "absolute_error") if task.regression else ("accuracy", "f1")
    ordered = sorted(names, key=lambda name: name != task.metric)
    said = [f"{METRICS[name]} {score(name, scores[name], 2)}" for name in ordered]
    if task.table is not None and task.regression:
        # All targets are one column, forecast so many rows ahead, and share its scale.
        said[-1] += f", which is {scores['absolute_error'] * task.target_std[0]:.4g} in units of the target"
    return said


def steps(windows: Windows) -> str:
    """How many labels count."""
    return count(len(windows), "last step") if windows.last else count(len(windows) * windows.length, "step")


def unseen(task: Task) -> str:
    """What the test steps are to the model."""
    share = task.trained_on
    return f", {percent(share, 0)} of their rows trained on too" if share else " never trained on"


def described(task: Task) -> str:
    """What is to be predicted."""
    per = "window" if task.train.last else "row"
    if task.regression:
        return f"{count(len(task.targets), 'number')} per {per}: {listed(task.targets)}"
    y = task.train.y
    shares = (f"{name} {100 * float((y == k).float().mean()):.0f} %" for k, name in enumerate(task.classes))
    return f"{len(task.classes)} classes, one label per {per}: {', '.join(shares)} of the training {per}s"


def scaled(task: Task) -> str:
    """Whether inputs are standardised."""
    unscaled = set(task.mean) == {0.0} and set(task.std) == {1.0}
    return "as they are" if unscaled else "standardised"
