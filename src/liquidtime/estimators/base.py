"""What all estimators have in common: the settings of a recipe, and training in memory."""

from copy import deepcopy
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from sklearn.base import BaseEstimator
from torch import Tensor

from liquidtime.data import Windows, lookup
from liquidtime.estimators.inputs import Inputs
from liquidtime.estimators.series import Collection, Rows
from liquidtime.layers.ode import ODELayer
from liquidtime.training import MODELS, EpochRecord, Loop, Objective, Recipe, SequenceModel
from liquidtime.training.evaluate import read_out, scored
from liquidtime.training.progress import LOSS


@dataclass(kw_only=True, eq=False, repr=False)
class SequenceEstimator(BaseEstimator):
    """The settings of an estimator. Nothing is checked and nothing is done before `fit`.

    All but the last three are the fields of `liquidtime.training.Recipe`, which checks them.

    Args:
        model: one of `ltc`, `conductance-ltc`, `ctrnn`, `node`, `ctgru`, `lstm`, `gru`.
        hidden_size: H, neurons.
        epochs: passes over the training series, at most.
        batch_size: series per optimiser step, or all of them where there are fewer.
        learning_rate: of Adam.
        schedule: how the learning rate falls: `none`, or `cosine` to zero at the last of all epochs.
        clip: largest norm of the gradient; None for no clipping.
        weight_decay: decoupled from the gradient.
        solver: such as `fused` or `rk4`; None for the layer's own.
        substeps: L of that solver.
        init: initialisation of the conductance form.
        tau: (low, high) of the resting time constants, in the layer's time.
        gradient: `bptt`, `truncated`, `recompute` or `adjoint`.
        every: k of that strategy.
        truncate: step back every k samples while training.
        patience: epochs in a row without a better one after which training ends; None for all epochs.
        timespan: how much of the layer's time one unit of the elapsed times is; None for 1 / their mean, so
            that a typical step lasts 1.
        validation_fraction: the share that is held out to choose the epoch; None for none: then the loss of the
            training series chooses.
        scale: whether inputs and numbers to predict are standardised by the mean and deviation of what `fit` is given
            (of a forecaster: of what it learns from).
        random_state: of the weights, of what is held out, and of the order of the series.
    """

    model: str = "ltc"
    hidden_size: int = 32
    epochs: int = 50
    batch_size: int = 32
    learning_rate: float = 0.01
    schedule: str = "none"
    clip: float | None = 1.0
    weight_decay: float = 0.0
    solver: str | None = None
    substeps: int | None = None
    init: str | None = None
    tau: tuple[float, float] | None = None
    gradient: str = "bptt"
    every: int | None = None
    truncate: int | None = None
    patience: int | None = 10
    timespan: float | None = None
    validation_fraction: float | None = 0.1
    scale: bool = True
    random_state: int | np.random.RandomState | None = None

    def _fit_loop(
        self,
        train: Windows,
        valid: Windows,
        objective: Objective,
        outputs: int,
        inputs: Inputs,
        timed: bool,
        random: np.random.RandomState,
    ) -> None:
        """Train, and keep the model of the best epoch, the records of all, and what to do with inputs."""
        loop = Loop(
            self._recipe(inputs.timespan, len(train)), draw_seed(random), train, valid, objective, LOSS, outputs
        )
        history = list(loop.run())
        self.model_: SequenceModel = loop.take_best().eval()
        self.history_: list[EpochRecord] = history
        self.n_iter_ = len(history)
        self.inputs_ = inputs
        self.timed_ = timed

    def _recipe(self, timespan: float, windows: int) -> Recipe:
        """The recipe that the settings are, for so many training windows.

        Raises:
            ValueError: a setting makes no sense; the message names it.
        """
        names = {field.name for field in fields(Recipe)}
        given = {name: value for name, value in self.get_params(deep=False).items() if name in names}
        plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in given.items()}
        recipe = Recipe(**plain | {"timespan": timespan})
        return replace(recipe, batch_size=min(recipe.batch_size, windows))

    def _fit_timespan(self, elapsed: Rows | None) -> float:
        """How much of the layer's time one unit of the elapsed times is.

        Raises:
            ValueError: the model knows no time, or no time ever passes.
        """
        if elapsed is not None and "timespan" not in lookup("model", self.model, MODELS).options:
            raise ValueError(f"timespans with model={self.model!r}: it knows no time, choose another, such as 'ltc'")
        if self.timespan is not None or elapsed is None:
            return 1.0 if self.timespan is None else self.timespan
        mean = float(elapsed.mean())
        if mean == 0:
            raise ValueError("timespans are all 0: pass the time elapsed before each sample, or leave them out")
        return 1 / mean

    def _read_out(self, windows: Windows) -> Rows:
        """What the model says wherever there is a label (K, O).

        In float64, so that a batch says to the last digit that matters what its series say one by one.
        """
        return read_out(self._exact(), in_double(windows))[0].flatten(0, -2).numpy()

    def _exact(self) -> SequenceModel:
        return deepcopy(self.model_).double()

    def _time_constants(self, windows: Windows) -> Rows:
        """τ_sys at the end of every row (R, H), in units of the elapsed times.

        Raises:
            ValueError: the model is no differential equation.
        """
        model = self._exact()
        rnn = model.rnn
        if not isinstance(rnn, ODELayer):
            raise ValueError(f"model={self.model!r} has no liquid time constants: fit one that has, such as 'ltc'")
        found = []
        with torch.no_grad():
            for batch in scored(in_double(windows)):
                tau = rnn.time_constants(batch.x, None, model.layer_time(batch.timespans), batch.lengths)
                found.append(batch.labelled(tau[0])[0].flatten(0, -2))
        every: Rows = torch.cat(found).numpy() / model.timespan
        return every


def check_timed(estimator: SequenceEstimator, timed: bool) -> None:
    """Whether elapsed times are told as they were in `fit`.

    Raises:
        ValueError: they are told and were not, or the other way round.
    """
    if timed != estimator.timed_:
        was, way = ("with", "pass them") if estimator.timed_ else ("without", "leave them out")
        raise ValueError(f"{type(estimator).__name__} was fitted {was} timespans: {way} here too")


def draw_seed(random: np.random.RandomState) -> int:
    """A seed of the weights and of the order of the windows."""
    return int(random.randint(2**31 - 1))


def in_double(windows: Windows) -> Windows:
    """The same windows in float64."""
    elapsed = None if windows.elapsed is None else windows.elapsed.double()
    return replace(windows, inputs=windows.inputs.double(), elapsed=elapsed)


def as_windows(series: Collection, x: Tensor, labels: Tensor, last: bool) -> Windows:
    """One window per series.

    Args:
        series: N of them.
        x: what the model reads of their rows (R, ·).
        labels: of their rows, as of `Windows`.
        last: whether only the last label of a series counts.
    """
    T = int(series.lengths.max())
    return Windows(
        x,
        labels,
        torch.from_numpy(series.starts),
        T,
        last=last,
        elapsed=None if series.elapsed is None else torch.from_numpy(series.elapsed.astype(np.float32)),
        lengths=None if bool((series.lengths == T).all()) else torch.from_numpy(series.lengths),
    )
