"""What a training run tells while it runs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class EpochRecord:
    """One line of `metrics.jsonl`.

    Args:
        epoch: counted from 1.
        train_loss: mean over the epoch's batches, in nats per step.
        valid_loss: mean over the validation steps.
        valid_accuracy: share of the validation steps that are right.
        seconds: training and validation together.
        best: whether the epoch was the best so far: higher accuracy, at equal accuracy lower loss.
    """

    epoch: int
    train_loss: float
    valid_loss: float
    valid_accuracy: float
    seconds: float
    best: bool

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return asdict(self)

    def beats(self, other: "EpochRecord | None") -> bool:
        """Whether validation prefers this epoch."""
        if other is None:
            return True
        return (self.valid_accuracy, -self.valid_loss) > (other.valid_accuracy, -other.valid_loss)


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
