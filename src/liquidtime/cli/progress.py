"""What a training run shows: a bar on a terminal, one line per epoch elsewhere."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from rich.progress import TextColumn

from liquidtime.cli.terminal import Terminal
from liquidtime.cli.wording import described, scaled
from liquidtime.data import Recording, Task
from liquidtime.report.wording import METRICS, listed, score
from liquidtime.training import EpochRecord, Recipe, build_model, count_parameters


def understood(task: Task, recipe: Recipe, told: Mapping[str, str] | None = None) -> str:
    """What is about to be trained on what, in a few lines.

    Args:
        task: the data.
        recipe: model and training.
        told: what is known of the data beforehand, a line by name; None to describe the task.
    """
    model = build_model(recipe, len(task.features), len(task.outputs))
    lines = _described(task) if told is None else dict(told)
    lines |= {
        "model": f"{model.rnn}, {count_parameters(model):,} parameters with its read-out",
        "recipe": f"{recipe.epochs} epochs, batches of {recipe.batch_size}, learning rate {recipe.learning_rate:g}"
        f"{'' if recipe.patience is None else f', ends after {recipe.patience} in a row without a better one'}"
        f"{'' if recipe.timespan == 1 else f', a step lasts {recipe.timespan:g}'}",
    }
    if task.variant:
        lines["variant"] = task.variant
    width = max(map(len, lines)) + 2
    return "\n".join(f"{name:{width}}{text}" for name, text in lines.items())


def _described(task: Task) -> dict[str, str]:
    recordings = [f"{one.name} ({len(one):,} rows{_period(one)})" for one in task.recordings]
    length = task.train.length
    return {
        task.name: f"{len(task.train):,} / {len(task.valid):,} / {len(task.test):,} windows of {length} rows "
        "to train, validate, test",
        "target": described(task),
        "inputs": f"{listed(task.features)} ({scaled(task)})",
        "split": task.protocol,
        "shown" if task.seen else "test on": listed(recordings, 3),
    }


def _period(recording: Recording) -> str:
    return "" if recording.time is None else f", {str(recording.time[0])[:10]} to {str(recording.time[-1])[:10]}"


class Display:
    """Follows a run.

    Args:
        preface: printed once training begins, so that a refusal stands alone.
        epochs: how many there will be at most.
        quiet: show nothing.
    """

    def __init__(self, preface: str, epochs: int, quiet: bool) -> None:
        self._console = Terminal(quiet)
        self._preface = preface
        self._epochs = epochs
        self._epoch = 1
        self._best: EpochRecord | None = None
        self._bar = self._console.bar(
            TextColumn("epoch {task.fields[epoch]}"), last=TextColumn("{task.fields[scores]}")
        )
        self._task = self._bar.add_task("train", total=1.0, epoch=f"1/{epochs}", scores="")

    def __enter__(self) -> Self:
        """The bar appears once training begins."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        self._bar.stop()

    def say(self, text: str) -> None:
        """Print lines."""
        self._console.print(text)

    def on_start(self, records: Sequence[EpochRecord]) -> None:
        """Say what was understood, and show the bar where a resumed run left it."""
        self.say(self._preface)
        self._epoch = len(records) + 1
        self._best = next((record for record in reversed(records) if record.best), None)
        share = len(records) / self._epochs
        self._bar.update(self._task, completed=share, epoch=f"{min(self._epoch, self._epochs)}/{self._epochs}")
        self._bar.start()

    def on_batch(self, done: int, total: int) -> None:
        """Move the bar."""
        share = (self._epoch - 1 + done / total) / self._epochs
        self._bar.update(self._task, completed=share, epoch=f"{min(self._epoch, self._epochs)}/{self._epochs}")

    def on_epoch(self, record: EpochRecord) -> None:
        """Show an epoch's scores."""
        self._epoch = record.epoch + 1
        self._best = record if record.best else self._best
        best = "" if self._best is None else f"  best {_score(self._best)} (epoch {self._best.epoch})"
        loss, shown = f"loss {record.train_loss:.3f}", _score(record)
        self._bar.update(self._task, scores=f"{loss}  valid {shown}{best}")
        if self._bar.disable:
            line = f"epoch {record.epoch}/{self._epochs}  {loss}  valid {METRICS[record.metric]} {shown}{best}"
            self.say(f"{line}  {record.seconds:.1f} s")


def _score(record: EpochRecord) -> str:
    return score(record.metric, record.valid_score)
