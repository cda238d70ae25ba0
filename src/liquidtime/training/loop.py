"""The training loop, in memory: a model, its optimiser, the epochs behind it and the best of them."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import cast

import numpy as np
import torch
from torch import Tensor

from liquidtime.data import Task, Windows
from liquidtime.training.epoch import DivergedError, train_epoch
from liquidtime.training.evaluate import evaluate
from liquidtime.training.model import SequenceModel, draw_model
from liquidtime.training.objective import Objective, Scores, objective_of
from liquidtime.training.progress import EpochRecord
from liquidtime.training.ranks import OneRank, Ranks
from liquidtime.training.recipe import Recipe


class Loop:
    """Trains a model, validates it every epoch and keeps its best weights.

    Adam (0.9, 0.999). The best epoch has the best validation score by the metric, at equal score the lowest loss.
    Training ends after `recipe.epochs`, or once `recipe.patience` epochs in a row were no better than the best. On the
    CPU the same windows, recipe, seed and number of threads give the same weights bit for bit.

    Args:
        recipe: how.
        seed: of the weights and of the order of the windows.
        train: windows to learn from.
        valid: windows that choose the epoch.
        objective: the loss and the scores.
        metric: the score that chooses, one of `data.METRICS`, or `loss`.
        outputs: how many classes or numbers the read-out gives.
        ranks: the processes that share the run; None for this one alone. Each has its part of every batch, whose
            windows are the same however many there are. The first one validates.

    Attributes:
        model: with the weights after the last epoch.
        optimizer: with Adam's moments after the last epoch.
        best: the weights of the best epoch, by name; empty before the first.
        records: one per epoch done.

    Raises:
        ValueError: the seed, or the recipe for these windows, makes no sense.

    Example:
        >>> from liquidtime.data import occupancy
        >>> from liquidtime.training import Loop, recipe_for
        >>> loop = Loop.on(occupancy.paper(), recipe_for("occupancy", "ltc"), seed=0)
        >>> for record in loop.run():  # doctest: +SKIP
        ...     print(record.epoch, record.valid_loss)
    """

    def __init__(
        self,
        recipe: Recipe,
        seed: int,
        train: Windows,
        valid: Windows,
        objective: Objective,
        metric: str,
        outputs: int,
        ranks: Ranks | None = None,
    ) -> None:
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
            raise ValueError(f"seed={seed!r}: pass a whole number, at least 0")
        if recipe.batch_size > len(train):
            raise ValueError(f"batch_size={recipe.batch_size} but there are {len(train)} training windows: pass fewer")
        self.ranks = OneRank() if ranks is None else ranks
        if recipe.batch_size < self.ranks.count:
            raise ValueError(
                f"batch_size={recipe.batch_size} on {self.ranks.count} devices: pass at least one window per device"
            )
        if len(valid) == 0:
            raise ValueError("there are no validation windows: the best epoch could not be chosen")
        self.recipe = recipe
        self.seed = seed
        self.train = train
        self.valid = valid
        self.objective = objective
        self.metric = metric
        self.model: SequenceModel = draw_model(recipe, train.inputs.shape[1], outputs, seed).to(self.ranks.device)
        self.optimizer: torch.optim.Optimizer = torch.optim.AdamW(
            self.model.parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
        )
        self.best: dict[str, Tensor] = {}
        self.records: list[EpochRecord] = []

    @classmethod
    def on(cls, task: Task, recipe: Recipe, seed: int, ranks: Ranks | None = None) -> "Loop":
        """The loop over a task's training windows.

        Raises:
            ValueError: as of the class.
        """
        return cls(recipe, seed, task.train, task.valid, objective_of(task), task.metric, len(task.outputs), ranks)

    @property
    def best_record(self) -> EpochRecord | None:
        """The record of the best epoch."""
        return next((record for record in reversed(self.records) if record.best), None)

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or patience is at its end. It hangs on the records alone."""
        best, done = self.best_record, len(self.records)
        if best is None or self.recipe.patience is None:
            return done >= self.recipe.epochs
        return done >= min(self.recipe.epochs, best.epoch + self.recipe.patience)

    def run(self, on_batch: Callable[[int, int], None] = lambda done, total: None) -> Iterator[EpochRecord]:
        """Train until the end, from wherever the loop stands; each epoch's record is given once it is in `records`.

        Whoever stops asking stops the training, between two epochs.

        Args:
            on_batch: told after each batch how many of how many are done.

        Raises:
            DivergedError: a loss is not finite; the epochs before are kept.
            LostRankError: another process was lost; the epochs before are kept.
        """
        if self.ranks.count > 1:
            self._align()
        while not self.finished:
            record = self._epoch(len(self.records) + 1, on_batch)
            if record.best:
                self.best = {name: tensor.clone() for name, tensor in self.model.state_dict().items()}
            self.records.append(record)
            yield record

    def score(self, windows: Windows) -> Scores:
        """The scores of the model as it is."""
        return evaluate(self.model, windows, self.objective)

    def take_best(self) -> SequenceModel:
        """The model, with the weights of the best epoch from now on."""
        self.model.load_state_dict(self.best)
        return self.model

    def _align(self) -> None:
        """Bring every process to where the first one stands, which may have been resumed."""
        moments = self.optimizer.state_dict()
        held = {i: {key: one.cpu() for key, one in state.items()} for i, state in moments["state"].items()}
        weights = {name: tensor.cpu() for name, tensor in self.model.state_dict().items()}
        weights, held, self.records = self.ranks.broadcast((weights, held, self.records))
        self.model.load_state_dict(weights)
        self.optimizer.load_state_dict({"state": held, "param_groups": moments["param_groups"]})

    def _epoch(self, epoch: int, on_batch: Callable[[int, int], None]) -> EpochRecord:
        start = time.perf_counter()
        loss = train_epoch(
            self.model, self.optimizer, self.train, self.objective, self.recipe, self.seed, epoch, on_batch, self.ranks
        )
        scores = self.ranks.broadcast(self.score(self.valid) if self.ranks.first else Scores(loss=np.nan))
        if not np.isfinite(scores["loss"]):
            raise DivergedError(
                f"the validation loss is {scores['loss']} in epoch {epoch}: lower "
                f"learning_rate={self.recipe.learning_rate} or limit the gradient with clip"
            )
        seconds = time.perf_counter() - start
        score = cast(dict[str, float], scores)[self.metric]
        record = EpochRecord(epoch, loss, scores["loss"], score, seconds, best=True, metric=self.metric)
        return record if record.beats(self.best_record) else replace(record, best=False)
