"""The error of the adjoint gradient against back-propagation through the same adaptive solver.

    python benchmarks/adjoint_error.py

ConductanceLTC, 5 inputs, 16 neurons, 3 series of 4 samples, Δt = 1, float64. The resting time constant sets how
far Δt reaches beyond τ_sys. Error: the largest over inputs, spans, hx and parameters of max|a − b| / max|b|.
"""

import torch

from liquidtime import BPTT, Adaptive, Adjoint, ConductanceLTC

B, T, I, H = 3, 4, 5, 16


def gradients(strategy, tau: float, tolerance: float) -> tuple[list[torch.Tensor], float]:
    torch.manual_seed(0)
    solver = Adaptive(rtol=tolerance, atol=tolerance / 100)
    rnn = ConductanceLTC(I, H, init="fan_in", tau=(tau, tau), solver=solver, gradient=strategy, dtype=torch.float64)
    x, hx = torch.randn(T, B, I, dtype=torch.float64), 0.1 * torch.randn(1, B, H, dtype=torch.float64)
    given = [x.requires_grad_(), torch.ones(T, B, dtype=torch.float64, requires_grad=True), hx.requires_grad_()]
    output, _ = rnn(given[0], given[2], timespans=given[1])
    found = torch.autograd.grad(output.sum(), [*given, *rnn.parameters()])
    with torch.no_grad():
        ratio = float((1 / rnn.time_constants(*given[::2], timespans=given[1])).max())
    return list(found), ratio


def main() -> None:
    print("| largest Δt/τ_sys | tolerance | error of the adjoint |")
    print("| --- | --- | --- |")
    for tau in (4.0, 1.0, 0.25, 0.1):
        for tolerance in (1e-4, 1e-6, 1e-8):
            exact, ratio = gradients(BPTT(), tau, tolerance)
            ours, _ = gradients(Adjoint(), tau, tolerance)
            pairs = zip(ours, exact, strict=True)
            error = max(float((a - b).abs().max() / b.abs().max()) for a, b in pairs)
            print(f"| {ratio:.1f} | {tolerance:.0e} | {100 * error:.2g} % |", flush=True)


if __name__ == "__main__":
    main()
