"""Scoring a model."""

from collections.abc import Iterator

import torch
from torch import Tensor

from liquidtime.data import Batch, Windows
from liquidtime.training.model import SequenceModel, read
from liquidtime.training.objective import CrossEntropy, Objective, Scores, SquaredError

BATCH, SAMPLES = 1024, 2**20
"""How many windows are scored at once: no more than hold so many samples together."""


def evaluate(model: SequenceModel, windows: Windows, objective: Objective | None = None) -> Scores:
    """Score a model on windows, each started from a zero state. The model's training mode is left as it was.

    Args:
        model: what to score.
        windows: on what.
        objective: by what; None for `CrossEntropy()` where labels are classes, `SquaredError()` where they are numbers.

    Raises:
        ValueError: there are no windows.
    """
    if len(windows) == 0:
        raise ValueError("windows is empty: there is nothing to score")
    if objective is None:
        objective = SquaredError() if windows.labels.is_floating_point() else CrossEntropy()
    return objective.scores(*read_out(model, windows))


def scored(windows: Windows) -> Iterator[Batch]:
    """All windows in order, as many at a time as memory allows without a gradient."""
    return windows.batches(max(1, min(BATCH, SAMPLES // windows.length)))


def read_out(model: SequenceModel, windows: Windows) -> tuple[Tensor, Tensor]:
    """What a model says wherever there is a label, and these labels; the model's training mode is left as it was.

    Each window starts from a zero state. Shapes are those of `Batch.labelled`, for all windows.
    """
    was_training, device = model.training, model.head.weight.device
    model.eval()
    outputs, labels = [], []
    with torch.no_grad():
        for batch in scored(windows):
            output, y, _ = batch.labelled(read(model, batch.to(device))[0].cpu())
            outputs.append(output)
            labels.append(y)
    model.train(was_training)
    return torch.cat(outputs), torch.cat(labels)
