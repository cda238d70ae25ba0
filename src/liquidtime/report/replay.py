"""What a trained model does when it walks a whole recording, its state carried on as in streaming."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from liquidtime.data import Recording
from liquidtime.layers.ode import ODELayer
from liquidtime.training import SequenceModel


@dataclass(frozen=True, eq=False)
class Replay:
    """A recording and what the model made of it, row by row.

    Args:
        name: the recording.
        time: moments (R,), datetime64[s].
        raw: inputs in their own units (R, I).
        truth: labels (R,).
        probability: of each class (R, classes).
        state: what the layer puts out (R, H); of a differential equation, its state.
        tau: liquid time constants τ_sys (R, H) in samples; None for a layer that is no differential equation.
    """

    name: str
    time: NDArray[np.datetime64]
    raw: NDArray[np.float64]
    truth: NDArray[np.int64]
    probability: NDArray[np.float32]
    state: NDArray[np.float32]
    tau: NDArray[np.float32] | None

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The likeliest class of each row (R,)."""
        return np.asarray(self.probability.argmax(1), np.int64)

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Where the likeliest class is not the true one (R,)."""
        return np.asarray(self.predicted != self.truth)

    @property
    def starts(self) -> NDArray[np.float64]:
        """When each row begins (R,), in milliseconds since 1970."""
        return self.time.astype("datetime64[ms]").astype(np.int64).astype(np.float64)

    @property
    def ends(self) -> NDArray[np.float64]:
        """When each row ends (R,): where the next begins, the last after the usual time."""
        starts = self.starts
        return np.append(starts[1:], starts[-1] + 1000 * self.sample_seconds)

    @property
    def sample_seconds(self) -> float:
        """The usual time from one row to the next."""
        spans = np.diff(self.time).astype("timedelta64[s]").astype(np.float64)
        return float(np.median(spans)) if len(spans) else 1.0


@torch.no_grad()
def replay(model: SequenceModel, recording: Recording) -> Replay:
    """Walk a recording from a zero state to its end, every step counting as one unit of time, as in training.

    Args:
        model: with one layer in one direction, in eval mode.
        recording: with at least one row.

    Raises:
        ValueError: the recording is empty.
    """
    if len(recording) == 0:
        raise ValueError(f"recording {recording.name!r} is empty: there is nothing to show")
    if recording.time is None or recording.y.is_floating_point():
        raise ValueError(f"recording {recording.name!r} has no dates or no classes: the page cannot show it yet")
    output, _ = model.walk(recording.x.unsqueeze(0))
    tau = None
    if isinstance(model.rnn, ODELayer):
        # Every row as a sequence of one step, from the state before it: the same numbers without a second walk.
        before = torch.cat([torch.zeros_like(output[:, :1]), output[:, :-1]], 1)
        tau = model.rnn.time_constants(recording.x.unsqueeze(1), before, model.layer_time())[0, :, 0].numpy()
    return Replay(
        name=recording.name,
        time=recording.time,
        raw=recording.raw,
        truth=recording.y.numpy(),
        probability=model.head(output)[0].softmax(-1).numpy(),
        state=output[0].numpy(),
        tau=tau,
    )
