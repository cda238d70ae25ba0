"""The numbers that a model predicts, in their own units."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liquidtime.report.clock import Numbers
from liquidtime.report.replay import Replay
from liquidtime.training import Run


@dataclass(frozen=True, eq=False)
class Targets:
    """Truth and prediction of whole recordings, one after another.

    Args:
        names: of the O targets.
        truth: (R, O) in their own units.
        said: what the model predicted (R, O), likewise.
    """

    names: tuple[str, ...]
    truth: Numbers
    said: Numbers

    @classmethod
    def of(cls, run: Run, replays: Sequence[Replay]) -> "Targets":
        """The targets of a run over some recordings."""
        mean, std = np.array(run.config["target_mean"] or 0.0), np.array(run.config["target_std"] or 1.0)
        truth = np.concatenate([one.truth for one in replays]).astype(np.float64)
        said = np.concatenate([one.output for one in replays]).astype(np.float64)
        return cls(tuple(run.config["targets"]), truth * std + mean, said * std + mean)

    @property
    def deviation(self) -> Numbers:
        """How far the truth scatters (O,); 1 where it does not."""
        scatter = self.truth.std(0)
        return np.where(scatter > 0, scatter, 1.0)

    @property
    def explained(self) -> Numbers:
        """R² of each target (O,): 1 where prediction is truth, 0 where the mean would do as well."""
        return np.asarray(1 - np.square(self.said - self.truth).mean(0) / np.square(self.deviation))

    def spread(self, most: int) -> NDArray[np.int64]:
        """At most so many targets, evenly from the best explained to the worst."""
        order = np.argsort(-self.explained, kind="stable")
        return np.asarray(order[np.linspace(0, len(order) - 1, min(most, len(order))).round().astype(int)], np.int64)
