"""A trained model on a whole series, in pieces with the state carried on, so that memory stays bounded."""

import torch
from torch import Tensor

from liquidtime.training.model import SequenceModel, State

PIECE = 4096


def walk(model: SequenceModel, x: Tensor, timespans: Tensor | None = None, piece: int = PIECE) -> Tensor:
    """What the read-out says at every row of one series, from a zero state: the same numbers as in one call.

    Args:
        model: in eval mode.
        x: scaled inputs (R, I).
        timespans: elapsed time before each row (R,); None where every row counts as 1. A layer that knows no time
            leaves them out.
        piece: rows at a time.

    Returns:
        Logits, or scaled numbers (R, outputs).
    """
    state: State | None = None
    said = []
    with torch.no_grad():
        for start in range(0, len(x), piece):
            own = slice(start, start + piece)
            spans = timespans[own].unsqueeze(0) if timespans is not None and model.takes_time else None
            output, state = model(x[own].unsqueeze(0), state, spans)
            said.append(output[0])
    return torch.cat(said)
