"""The reference: the loop over time in plain PyTorch, which every kernel must equal."""

from collections.abc import Callable

import torch
from torch import Tensor

from liquidtime.dynamics.base import Tensors

Advance = Callable[[Tensor, Tensors, Tensor], Tensor]
"""(state (B, S), the input's share of one sample, its span (B, 1) or (1, 1)) → the state after it."""


def loop(advance: Advance, shares: Tensors, spans: Tensor, mask: Tensor | None, x: Tensor) -> Tensor:
    """The states (T, B, S) that follow x (B, S).

    Under `torch.export` the loop stays one loop, so that T can be dynamic.

    Args:
        advance: crosses one sample.
        shares: the input's share of each sample, (T, B, ·) each.
        spans: (T, B, 1) or (T, 1, 1).
        mask: (T, B, 1), where a sample is there, or None for everywhere. Elsewhere the state stays.
        x: the state before the first sample.
    """
    if torch.compiler.is_exporting():
        return _scan(advance, shares, spans, mask, x)
    states = []
    present = [None] * len(spans) if mask is None else mask.unbind(0)
    rows = zip(*(share.unbind(0) for share in shares), strict=True)
    for span, there, held in zip(spans.unbind(0), present, rows, strict=True):
        after = advance(x, held, span)
        x = after if there is None else torch.where(there, after, x)
        states.append(x)
    return torch.stack(states)


def _scan(advance: Advance, shares: Tensors, spans: Tensor, mask: Tensor | None, x: Tensor) -> Tensor:
    """The loop as torch's scan operator."""
    from torch._higher_order_ops.scan import scan

    spans = spans.expand(-1, x.shape[0], 1).contiguous()
    mask = torch.ones_like(spans, dtype=torch.bool) if mask is None else mask

    def combine(x: Tensor, held: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
        span, present, *share = held
        after = torch.where(present, advance(x, tuple(share), span), x)
        return after, after.clone()

    states: Tensor = scan(combine, x.contiguous(), (spans, mask, *(share.contiguous() for share in shares)))[1]
    return states
