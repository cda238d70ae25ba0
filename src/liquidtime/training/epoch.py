"""One pass over the training windows."""

from collections.abc import Callable

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_

from liquidtime.data import Batch, Windows
from liquidtime.training.choices import SCHEDULES
from liquidtime.training.model import SequenceModel, State, read
from liquidtime.training.objective import Objective
from liquidtime.training.ranks import Ranks
from liquidtime.training.recipe import Recipe


class DivergedError(ArithmeticError):
    """Training left the finite numbers."""


def train_epoch(
    model: SequenceModel,
    optimizer: torch.optim.Optimizer,
    windows: Windows,
    objective: Objective,
    recipe: Recipe,
    seed: int,
    epoch: int,
    on_batch: Callable[[int, int], None],
    ranks: Ranks,
) -> float:
    """One optimiser step per batch, on the mean gradient of all its windows; returns the mean loss of the batches.

    The order of the windows is drawn from (seed, epoch) alone. Windows that fill no batch are left out until the
    next epoch mixes anew.

    Raises:
        DivergedError: a loss is not finite.
    """
    batches = len(windows) // recipe.batch_size
    factor = SCHEDULES[recipe.schedule]
    stream = int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0])
    order = torch.randperm(len(windows), generator=torch.Generator().manual_seed(stream))
    total = 0.0
    model.train()
    for batch in range(batches):
        index = order[batch * recipe.batch_size : (batch + 1) * recipe.batch_size]
        done = ((epoch - 1) * batches + batch) / (recipe.epochs * batches)
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * factor(done)
        optimizer.zero_grad()
        mine = ranks.share(index)
        weight = ranks.count * windows.labelled(mine) / windows.labelled(index)
        share = backward(model, windows[mine].to(ranks.device), objective, recipe.truncate, weight)
        loss = ranks.average(model, share)
        if not np.isfinite(loss):
            raise DivergedError(
                f"the loss is {loss} in epoch {epoch}, batch {batch + 1}: lower learning_rate={recipe.learning_rate} "
                "or limit the gradient with clip"
            )
        if recipe.clip is not None:
            clip_grad_norm_(model.parameters(), recipe.clip)
        optimizer.step()
        total += loss
        on_batch(batch + 1, batches)
    return total / batches


def backward(
    model: SequenceModel, batch: Batch, objective: Objective, truncate: int | None, weight: float = 1.0
) -> float:
    """Add the gradient of a batch's loss to the parameters, and return the loss.

        loss = (1/T) Σ_t loss(output_t, y_t),    or loss(output_T, y) where only the last step counts

    With `truncate=k` the windows are walked in chunks of k samples, each stepped back on its own with its share
    of the steps as weight, while the state is carried on as a value (Williams & Peng 1990). The gradient is that of
    a layer with `gradient=Truncated(k)`; memory is ∝ k · L. With k ≥ T it is the gradient of plain back-propagation.

    Args:
        model: its gradients are added to.
        batch: windows of T samples; where they have lengths, the mean runs over all labels of the batch.
        objective: the loss.
        truncate: k, or None for T.
        weight: factor on the loss.
    """
    T = batch.x.shape[1]
    k = T if truncate is None else truncate
    state: State | None = None
    total = 0.0
    for start in range(0, T, k):
        stop = min(start + k, T)
        output, state = read(model, batch, state, start, stop)
        state = _detach(state)
        said, y, share = batch.labelled(output, start)
        if share == 0:
            continue
        loss = objective.loss(said, y) * share * weight
        loss.backward()
        total += loss.item()
    return total


def _detach(state: State) -> State:
    if isinstance(state, tuple):
        h, c = state
        return h.detach(), c.detach()
    return state.detach()
