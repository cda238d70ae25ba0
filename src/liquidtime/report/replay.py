"""What a trained model does when it walks a whole recording, its state carried on as in streaming."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from liquidtime.data import Recording
from liquidtime.layers.ode import ODELayer
from liquidtime.report.clock import Clock, Numbers
from liquidtime.report.wording import percent
from liquidtime.training import SequenceModel


@dataclass(frozen=True, eq=False)
class Replay:
    """A recording and what the model made of it, row by row.

    Args:
        name: the recording.
        time: moments (R,), datetime64; None where none were written down.
        raw: inputs in their own units (R, I).
        truth: labels (R,), int64, or scaled targets (R, O).
        output: probability of each class (R, classes), or predictions of the scaled targets (R, O).
        state: what the layer puts out (R, H); of a differential equation, its state.
        tau: liquid time constants τ_sys (R, H) in samples, or in units of the elapsed time; None for a layer that is
            no differential equation.
        elapsed: time before each row (R,); None where every row counts as 1.
        last: whether only the label of the last row counts.
    """

    name: str
    time: NDArray[np.datetime64] | None
    raw: NDArray[np.float64]
    truth: NDArray[Any]
    output: NDArray[np.float32]
    state: NDArray[np.float32]
    tau: NDArray[np.float32] | None
    elapsed: NDArray[np.float32] | None = None
    last: bool = False

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def regression(self) -> bool:
        """Whether numbers were predicted rather than classes."""
        return self.truth.ndim == 2

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The likeliest class of each row (R,)."""
        return np.asarray(self.output.argmax(1), np.int64)

    @property
    def counts(self) -> NDArray[np.bool_]:
        """The rows whose labels count (R,)."""
        return np.asarray(np.arange(len(self)) == len(self) - 1) if self.last else np.ones(len(self), bool)

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Where a label counts and the likeliest class is not the true one (R,)."""
        return np.asarray((self.predicted != self.truth) & self.counts)

    @property
    def residual(self) -> Numbers:
        """Prediction less truth (R, O), scaled."""
        return np.asarray(self.output.astype(np.float64) - self.truth)

    @property
    def verdict(self) -> str:
        """How well the model did, in a few words."""
        if self.regression:
            return f"squared error {np.square(self.residual).mean():.4g}"
        if self.last:
            return "wrong at the end" if self.wrong[-1] else "right at the end"
        return f"{percent(1 - self.wrong.mean())} right"

    @cached_property
    def clock(self) -> Clock:
        """The recording's time axis."""
        return Clock(len(self), self.time, self.elapsed)

    @property
    def starts(self) -> Numbers:
        """When each row begins (R,), as of `Clock`."""
        return self.clock.starts

    @property
    def ends(self) -> Numbers:
        """When each row ends (R,)."""
        return self.clock.ends


@torch.no_grad()
def replay(model: SequenceModel, recording: Recording, last: bool = False) -> Replay:
    """Walk a recording from a zero state to its end, time passing as in training.

    Args:
        model: with one layer in one direction, in eval mode.
        recording: with at least one row.
        last: whether only the label of its last row counts.

    Raises:
        ValueError: the recording is empty.
    """
    if len(recording) == 0:
        raise ValueError(f"recording {recording.name!r} is empty: there is nothing to show")
    told = recording.timespans if model.takes_time else None
    output, _ = model.walk(recording.x.unsqueeze(0), None, None if told is None else told.unsqueeze(0))
    tau = None
    if isinstance(model.rnn, ODELayer):
        # Every row as a sequence of one step, from the state before it: the same numbers without a second walk.
        before = torch.cat([torch.zeros_like(output[:, :1]), output[:, :-1]], 1)
        spans = model.layer_time(None if told is None else told.unsqueeze(1))
        own = model.rnn.time_constants(recording.x.unsqueeze(1), before, spans)[0, :, 0]
        tau = (own / model.timespan).numpy()
    said = model.head(output)[0]
    return Replay(
        name=recording.name,
        time=recording.time,
        raw=recording.raw,
        truth=recording.y.numpy(),
        output=(said if recording.y.is_floating_point() else said.softmax(-1)).numpy(),
        state=output[0].numpy(),
        tau=tau,
        elapsed=None if recording.timespans is None else recording.timespans.numpy(),
        last=last,
    )
