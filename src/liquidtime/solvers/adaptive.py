"""The adaptive Dormand–Prince method."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from liquidtime.solvers.base import DriveDecay, Solver, check_count
from liquidtime.solvers.uncompiled import uncompiled


@dataclass(frozen=True)
class Adaptive(Solver):
    """Dormand–Prince 4(5) with error control, by torchdiffeq (Dormand & Prince 1980).

    Each sample's span is mapped to s ∈ [0, 1] and its right-hand side scaled by the span, so that samples of one
    batch cross different spans. The steps in s are shared, and the error that controls them is that of the worst
    sample, so that batch = one by one holds within the tolerance. A trace holds start and end only (L = 1).

    Args:
        rtol: relative tolerance.
        atol: absolute tolerance.
        max_steps: steps per span before giving up.

    Raises:
        ValueError: a tolerance is not positive.
        ArithmeticError: the step size vanished or `max_steps` was exceeded.
    """

    rtol: float = 1e-4
    atol: float = 1e-6
    max_steps: int = 10_000

    def __post_init__(self) -> None:
        for name in ("rtol", "atol"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
                raise ValueError(f"{name}={value!r}: pass a positive, finite number")
        check_count("max_steps", self.max_steps)

    @property
    def full_precision(self) -> bool:
        """The error estimate is lost in half precision."""
        return True

    def options(self, norm: Callable[[Any], Tensor], end: float) -> dict[str, object]:
        """What torchdiffeq is told beside the tolerances: its last step ends at `end`, with no interpolation."""
        return {"norm": norm, "max_num_steps": self.max_steps, "step_t": torch.tensor([end])}

    def or_start(self, span: Tensor, x: Tensor, end: Tensor) -> Tensor:
        """The end, or where the span is zero exactly the start, with the derivatives of the end."""
        return torch.where(span == 0, x.detach() + (end - end.detach()), end)

    def failure(self, error: AssertionError) -> Exception:
        """What torchdiffeq's assertion means to the user; any other assertion is the user's own."""
        if not str(error).startswith(("underflow in dt", "non-finite values", "max_num_steps exceeded")):
            return error
        return ArithmeticError(
            f"adaptive solver with rtol={self.rtol}, atol={self.atol} stopped: {error}. The system is too stiff for it "
            "or its state is not finite: loosen rtol, or use ExponentialMidpoint, which is bounded at every step"
        )

    @uncompiled
    def trace(self, field: DriveDecay, x: Tensor, span: Tensor) -> list[Tensor]:
        """Start and end."""
        from torchdiffeq import odeint  # brings SciPy, half as slow to import as torch

        def scaled(s: Tensor, y: Tensor) -> Tensor:
            drive, decay = field(y)
            return span * (drive - decay * y)

        if x.shape[0] == 0:
            return [x, x]
        unit = torch.tensor([0.0, 1.0], dtype=x.dtype, device=x.device)
        options = self.options(worst_sample, end=1.0)
        try:
            end = odeint(scaled, x, unit, rtol=self.rtol, atol=self.atol, method="dopri5", options=options)[-1]
        except AssertionError as error:
            raise self.failure(error) from None
        return [x, self.or_start(span, x, end)]


@torch.no_grad()
def worst_sample(error: Tensor) -> Tensor:
    """The largest root mean square over the last axis: the norm of the worst sample of (B, H)."""
    return error.pow(2).mean(-1).sqrt().max()
