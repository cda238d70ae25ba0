"""What a trained model does along one recording."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from liquidtime.data import Recording
from liquidtime.layers.ode import ODELayer
from liquidtime.training import SequenceModel

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Walk:
    """One pass over a whole recording with the state carried along, as in streaming.

    Args:
        name: the recording's.
        time: moments of the rows (R,).
        truth: labels (R,).
        probability: of each class (R, C).
        states: what the layer shows of its state (R, H).
        tau: liquid time constants (R, H), in samples; None where the model has none that varies.
    """

    name: str
    time: Array
    truth: Array
    probability: Array
    states: Array
    tau: Array | None

    @property
    def predicted(self) -> Array:
        """The most probable class (R,)."""
        return np.asarray(self.probability.argmax(-1))

    @property
    def accuracy(self) -> float:
        """Share of the rows that are right."""
        return float((self.predicted == self.truth).mean())

    def thinned(self, most: int) -> "Walk":
        """Every k-th row, so that at most `most` are left."""
        rows = slice(None, None, -(-len(self.time) // most))
        tau = None if self.tau is None else self.tau[rows]
        return Walk(self.name, self.time[rows], self.truth[rows], self.probability[rows], self.states[rows], tau)


@torch.no_grad()
def walk(model: SequenceModel, recording: Recording) -> Walk:
    """Walk a recording from a zero state."""
    x = recording.x.unsqueeze(0)
    output, _ = model.rnn(x)
    tau = None
    if isinstance(model.rnn, ODELayer):
        tau = model.rnn.time_constants(x)[0, 0].numpy()
        tau = tau if np.isfinite(tau).all() and np.ptp(tau, axis=0).max() > 0 else None
    probability = torch.softmax(model.head(output)[0], -1).numpy()
    return Walk(recording.name, recording.time, recording.y.numpy(), probability, output[0].numpy(), tau)


@dataclass(frozen=True)
class Stretch:
    """Rows in a row that are all wrong."""

    recording: str
    start: Any
    stop: Any
    rows: int
    truth: int
    predicted: int


def worst_stretches(walks: list[Walk], most: int = 8) -> list[Stretch]:
    """The longest runs of wrong rows, longest first; a run ends where truth or prediction changes."""
    found = []
    for one in walks:
        code = np.where(one.predicted == one.truth, -1, one.truth * one.probability.shape[1] + one.predicted)
        edges = np.flatnonzero(np.diff(code)) + 1
        for rows in np.split(np.arange(len(code)), edges):
            if code[rows[0]] >= 0:
                first, last = rows[0], rows[-1]
                truth, predicted = int(one.truth[first]), int(one.predicted[first])
                found.append(Stretch(one.name, one.time[first], one.time[last], len(rows), truth, predicted))
    return sorted(found, key=lambda stretch: -stretch.rows)[:most]
