"""What a training run tells while it runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from liquidtime.data import METRICS

LOSS = "loss"
"""What chooses the epoch where no score does; of a loop in memory only, for `metrics.jsonl` has the loss anyway."""


@dataclass(frozen=True)
class EpochRecord:
    """One line of `metrics.jsonl`.

    Args:
        epoch: counted from 1.
        train_loss: mean over the epoch's batches.
        valid_loss: mean over the validation labels.
        valid_score: the score of the validation windows by which the best epoch is chosen.
        seconds: training and validation together.
        best: whether the epoch was the best so far: by its score, at equal score by a lower loss.
        metric: which score that is, one of `data.METRICS`, or `LOSS`; in `metrics.jsonl` its field is called `valid_`
            and this.
    """

    epoch: int
    train_loss: float
    valid_loss: float
    valid_score: float
    seconds: float
    best: bool
    metric: str = "accuracy"

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return {
            "epoch": self.epoch,
            "train_loss": self.train_loss,
            "valid_loss": self.valid_loss,
            f"valid_{self.metric}": self.valid_score,
            "seconds": self.seconds,
            "best": self.best,
        }

    def beats(self, other: "EpochRecord | None") -> bool:
        """Whether validation prefers this epoch."""
        if other is None:
            return True
        mine, theirs = self.valid_score, other.valid_score
        if mine == theirs:
            return self.valid_loss < other.valid_loss
        return mine > theirs if self.metric != LOSS and METRICS[self.metric] else mine < theirs


class Progress(Protocol):
    """Who wants to follow a run; an exception raised here interrupts it, and it can be resumed."""

    def on_start(self, records: Sequence[EpochRecord]) -> None:
        """Training begins; `records` are the epochs that a resumed run has behind it."""

    def on_epoch(self, record: EpochRecord) -> None:
        """An epoch is over and its checkpoint is written."""

    def on_batch(self, done: int, total: int) -> None:
        """So many of the epoch's batches are done."""


class Silent:
    """Follows nothing."""

    def on_start(self, records: Sequence[EpochRecord]) -> None:
        """Nothing."""

    def on_epoch(self, record: EpochRecord) -> None:
        """Nothing."""

    def on_batch(self, done: int, total: int) -> None:
        """Nothing."""
