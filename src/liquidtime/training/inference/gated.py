"""One sample of torch's own recurrent layers, whose state is one tensor here."""

from typing import Any

import torch
from torch import Tensor, nn


def gated_state_size(rnn: nn.RNNBase) -> int:
    """S, the numbers carried from sample to sample: H for the GRU, 2H for the LSTM, h before c."""
    return int(rnn.hidden_size) * (2 if isinstance(rnn, nn.LSTM) else 1)


def gated_step(rnn: nn.RNNBase, u: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """The same numbers as the whole sequence, for one layer in one direction.

    Args:
        rnn: an `nn.LSTM` or `nn.GRU`.
        u: inputs (B, I).
        state: (B, S).

    Returns:
        The output (B, H) and the next state (B, S).
    """
    weights: Any = (rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, rnn.bias_hh_l0)
    if isinstance(rnn, nn.LSTM):
        h, c = torch.lstm_cell(u, state.chunk(2, -1), *weights)
        return h, torch.cat([h, c], -1)
    h = torch.gru_cell(u, state, *weights)
    return h, h
