"""Scoring a model."""

from typing import TypedDict

import torch
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score
from torch.nn.functional import cross_entropy

from liquidtime.data import Windows
from liquidtime.training.model import SequenceModel

BATCH = 1024


class Scores(TypedDict):
    """Scores over all steps of all windows."""

    loss: float
    """Cross-entropy in nats per step."""
    accuracy: float
    """Share of the steps that are right."""
    f1: float
    """F1 of class 1 if there are two classes, else the mean over classes; 0 where undefined."""
    confusion: list[list[int]]
    """Steps by true class (rows) and predicted class (columns)."""


def evaluate(model: SequenceModel, windows: Windows) -> Scores:
    """Score a model on windows, each started from a zero state. The model's training mode is left as it was.

    Raises:
        ValueError: there are no windows.
    """
    if len(windows) == 0:
        raise ValueError("windows is empty: there is nothing to score")
    was_training = model.training
    model.eval()
    with torch.no_grad():
        logits = torch.cat([model(x)[0] for x in windows.x.split(BATCH)]).flatten(0, 1)
    model.train(was_training)
    truth = windows.y.flatten()
    predicted = logits.argmax(-1).numpy()
    classes = range(logits.shape[-1])
    average = "binary" if len(classes) == 2 else "macro"
    return Scores(
        loss=cross_entropy(logits.double(), truth).item(),
        accuracy=float(accuracy_score(truth.numpy(), predicted)),
        f1=float(f1_score(truth.numpy(), predicted, labels=list(classes), average=average, zero_division=0)),
        confusion=confusion_matrix(truth.numpy(), predicted, labels=list(classes)).tolist(),
    )
