"""The adjoint method."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from liquidtime.dynamics import Field
from liquidtime.gradients.base import WholeStrategy
from liquidtime.solvers import Adaptive, Solver
from liquidtime.solvers.adaptive import worst_sample
from liquidtime.solvers.uncompiled import uncompiled


@dataclass(frozen=True)
class Adjoint(WholeStrategy):
    """The adjoint method, by torchdiffeq (Chen et al. 2018): a second ODE, solved backwards, carries the gradient.

    Memory does not grow with the solver's steps (outputs still ∝ T). The gradient is approximate, because the
    state is integrated backwards too, and backwards a contracting system expands: the error grows like
    e^(Δt/τ_sys), so it is good only where Δt/τ_sys is about 1 or less. Input shares and spans join the ODE's state
    with derivative zero, so that inputs, spans and the initial state get gradients.

    Only for `Adaptive`, whose tolerances the backward solve shares.
    """

    def check(self, solver: Solver | None) -> None:
        """Only the adaptive solver.

        Raises:
            ValueError: any other solver, or a closed-form update.
        """
        if not isinstance(solver, Adaptive):
            raise ValueError(
                f"gradient=Adjoint() with solver={solver}: the adjoint goes with solver=Adaptive() alone; "
                "for this solver take BPTT() or, to save memory, Recompute(every=k)"
            )

    @uncompiled
    def integrate(self, solver: Solver, field: Field, x: Tensor, span: Tensor) -> Tensor:
        """Cross one span."""
        from torchdiffeq import odeint_adjoint  # brings SciPy, half as slow to import as torch

        assert isinstance(solver, Adaptive)
        if x.shape[0] == 0:
            return x
        # Coefficients may be computed from one another; as aliases each gets its own share of the gradient alone.
        field = replace(field, coefficients=tuple(c.view_as(c) for c in field.coefficients))
        spans = span.expand(x.shape[0], 1)
        augmented = (x, spans, *field.prepared)

        def scaled(s: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            y, spans, *prepared = state
            drive, decay = replace(field, prepared=tuple(prepared))(y)
            return spans * (drive - decay * y), *(torch.zeros_like(held) for held in state[1:])

        def adjoint_norm(state: tuple[Tensor, ...]) -> Tensor:
            per_sample = state[1 : 1 + 2 * len(augmented)]
            per_parameter = state[1 + 2 * len(augmented) :]
            parts = [worst_sample(part) for part in per_sample]
            parts += [part.pow(2).mean().sqrt() for part in per_parameter]
            return torch.stack(parts).max()

        unit = torch.tensor([0.0, 1.0], dtype=x.dtype, device=x.device)
        try:
            end = odeint_adjoint(
                scaled,
                augmented,
                unit,
                rtol=solver.rtol,
                atol=solver.atol,
                method="dopri5",
                options=solver.options(lambda state: worst_sample(state[0]), end=1.0),
                adjoint_options=solver.options(adjoint_norm, end=0.0),
                adjoint_params=tuple(c for c in field.coefficients if c.requires_grad),
            )[0][-1]
        except AssertionError as error:
            raise solver.failure(error) from None
        return solver.or_start(span, x, end)
