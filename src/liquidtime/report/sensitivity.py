"""How much each input moves neurons and predictions, measured on a recording's own rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from liquidtime.data import Recording
from liquidtime.layers.ode import ODELayer
from liquidtime.training import SequenceModel

ROWS = 256
"""At how many rows it is measured, all recordings together."""
BEFORE = 64
"""How many rows a model has walked, at most, when its input is moved."""

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """What moving one input of one sample by its deviation does, mean over rows; it is moved to both sides by a half.

    The deviation is that over all rows of the recordings, so that what is rarely there counts little.

    Args:
        tau: log of the factor by which time constants change (I, H); None for a layer whose time constants stay.
        state: change of what the layer puts out at that sample (I, H).
        output: size of the change of what the read-out says at that sample (I, O), in probability or in scaled targets.
        rows: at how many it was measured.
    """

    tau: Values | None
    state: Values
    output: Values
    rows: int


@torch.no_grad()
def sensitivity(model: SequenceModel, recordings: Sequence[Recording], regression: bool) -> Sensitivity | None:
    """Measure it at rows spread evenly over recordings; None if none of them has two rows.

    Args:
        model: in eval mode.
        recordings: with scaled inputs.
        regression: whether the read-out gives numbers rather than the logits of classes.
    """
    long = [one for one in recordings if len(one) > 1][:ROWS]
    if not long:
        return None
    halves = torch.cat([one.x for one in long]).std(0, correction=0) / 2
    found = [_of(model, one, max(ROWS // len(long), 1), regression, halves) for one in long]
    tau = [one.tau for one in found]
    weights = [one.rows for one in found]

    def mean(parts: Sequence[Values]) -> Values:
        return cast(Values, np.average(np.stack(parts), 0, weights))

    return Sensitivity(
        None if tau[0] is None else mean(cast(list[Values], tau)),
        mean([one.state for one in found]),
        mean([one.output for one in found]),
        sum(weights),
    )


def _of(model: SequenceModel, recording: Recording, count: int, regression: bool, halves: Tensor) -> Sensitivity:
    before = min(BEFORE, len(recording) - 1)
    ends = torch.linspace(before, len(recording) - 1, min(count, len(recording) - before)).long()
    rows = ends.unsqueeze(1) + torch.arange(-before, 1)
    told = recording.timespans if model.takes_time else None
    x, spans = recording.x[rows], None if told is None else told[rows]
    _, state = model.walk(x[:, :-1], None, None if spans is None else spans[:, :-1])
    last, span = x[:, -1:], None if spans is None else spans[:, -1:]

    def at(u: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        output, _ = model.walk(u, state, span)
        said = model.head(output)[:, 0]
        tau = None
        if isinstance(model.rnn, ODELayer):
            layer: Any = model.rnn
            tau = layer.time_constants(u, state, model.layer_time(span))[0, :, 0].log()
        return tau, output[:, 0], said if regression else said.softmax(-1)

    taus, states, outputs = [], [], []
    for i in range(x.shape[-1]):
        half = torch.zeros(x.shape[-1])
        half[i] = halves[i]
        (tau_low, low, said_low), (tau_high, high, said_high) = at(last - half), at(last + half)
        states.append((high - low).mean(0))
        outputs.append((said_high - said_low).abs().mean(0))
        if tau_low is not None and tau_high is not None:
            taus.append((tau_high - tau_low).nan_to_num().mean(0))
    moved = bool(taus) and bool(torch.stack(taus).any())
    return Sensitivity(
        torch.stack(taus).double().numpy() if moved else None,
        torch.stack(states).double().numpy(),
        torch.stack(outputs).double().numpy(),
        len(ends),
    )
