"""What a model is trained to do: the loss, and the scores that it is judged by."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Required, TypedDict

from sklearn.metrics import accuracy_score, confusion_matrix, f1_score
from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss

from liquidtime.data import Task


class Scores(TypedDict, total=False):
    """Scores over all labels of all windows; which of them there are depends on the objective."""

    loss: Required[float]
    """What was minimised: cross-entropy in nats per label, or the mean squared error."""
    accuracy: float
    """Share of the labels that are right."""
    f1: float
    """F1 of class 1 if there are two classes, else the mean over classes; 0 where undefined."""
    confusion: list[list[int]]
    """Labels by true class (rows) and predicted class (columns)."""
    squared_error: float
    """Mean over labels and targets, in squared units of the scaled targets."""
    absolute_error: float
    """Mean over labels and targets, in units of the scaled targets."""


class Objective(ABC):
    """A loss and scores. Objectives never ask which model they serve."""

    @abstractmethod
    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        """The mean loss, a scalar.

        Args:
            output: of the read-out (…, outputs).
            y: labels (…,), or targets (…, outputs).
        """

    @abstractmethod
    def scores(self, output: Tensor, y: Tensor) -> Scores:
        """All scores of outputs (…, outputs) against y."""


@dataclass(frozen=True)
class CrossEntropy(Objective):
    """Classification.

        loss = (1/N) Σ_n w_{y_n} · (−log softmax(output_n)_{y_n})

    The sum is divided by the number of labels, not by the sum of their weights.

    Args:
        weights: w of each class; None for 1.
    """

    weights: tuple[float, ...] | None = None

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        """Mean weighted cross-entropy in nats."""
        output, y = output.flatten(0, -2), y.flatten()
        if self.weights is None:
            return cross_entropy(output, y)
        return (output.new_tensor(self.weights)[y] * cross_entropy(output, y, reduction="none")).mean()

    def scores(self, output: Tensor, y: Tensor) -> Scores:
        """Loss, accuracy, F1 and confusion."""
        classes = list(range(output.shape[-1]))
        truth, predicted = y.flatten().numpy(), output.argmax(-1).flatten().numpy()
        average = "binary" if len(classes) == 2 else "macro"
        return Scores(
            loss=self.loss(output.double(), y).item(),
            accuracy=float(accuracy_score(truth, predicted)),
            f1=float(f1_score(truth, predicted, labels=classes, average=average, zero_division=0)),
            confusion=confusion_matrix(truth, predicted, labels=classes).tolist(),
        )


@dataclass(frozen=True)
class SquaredError(Objective):
    """Regression.

    loss = (1/(N·O)) Σ_n Σ_o (output_no − y_no)²
    """

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        """Mean squared error."""
        return mse_loss(output, y)

    def scores(self, output: Tensor, y: Tensor) -> Scores:
        """Loss, squared error and absolute error."""
        squared = self.loss(output.double(), y.double()).item()
        absolute = (output.double() - y.double()).abs().mean().item()
        return Scores(loss=squared, squared_error=squared, absolute_error=absolute)


def objective_of(task: Task) -> Objective:
    """The objective that belongs to a task."""
    return SquaredError() if task.regression else CrossEntropy(task.class_weights)
