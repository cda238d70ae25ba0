"""The GPU kernels against ncps and torch.nn.LSTM on the same card; ready to run where there is one.

    python benchmarks/kernels_gpu.py [--quick]

A training step of ConductanceLTC and of LTC (fused, L = 6) at B 64, T 1,024, H 64: forward, mean squared error,
backward and Adam. First the kernels are held against the reference in float64 on the card. The time per substep stands
beside two limits of the card: what it takes to read the parameters once from the second-level cache, and to evaluate
the sigmoids at 16 exponentials per processor and cycle. Needs ncps: pip install ".[bench]".
"""

import argparse
import copy
from collections.abc import Callable

import torch
from torch import nn

from liquidtime import LTC, ConductanceLTC
from measure import in_turn, median, milliseconds, training_step, write

SIZE = {"B": 64, "T": 1024, "I": 16, "H": 64}
SUBSTEPS = 6


def check_equality() -> None:
    """Outputs and gradients against the reference in float64; stops the program if they differ."""
    for kind in (ConductanceLTC, LTC):
        for H in (32, 64, 100):
            torch.manual_seed(0)
            fast = kind(5, H, kernel="triton", device="cuda")
            exact = kind(5, H, kernel="reference", device="cuda")
            exact.load_state_dict(fast.state_dict())
            exact = copy.deepcopy(exact).double()
            x, spans = torch.randn(7, 6, 5, device="cuda"), torch.rand(7, 6, device="cuda")
            found = []
            for rnn, dtype in ((fast, torch.float32), (exact, torch.float64)):
                output = rnn(x.to(dtype), timespans=spans.to(dtype))[0]
                grads = torch.autograd.grad(output.square().sum(), list(rnn.parameters()))
                found.append([tensor.detach().double() for tensor in (output, *grads)])
            for n, (a, b) in enumerate(zip(*found, strict=True)):
                error = float((a - b).abs().max() / b.abs().max())
                if not error <= (3e-5 if n else 5e-6):
                    raise SystemExit(f"{kind.__name__}, H = {H}: tensor {n} is off by {error:.1e}: no figures")
    print("kernels agree with the reference\n")


def finished(call: Callable[[], None]) -> Callable[[], None]:
    """The same, with the card's work done when it returns."""

    def run() -> None:
        call()
        torch.cuda.synchronize()

    return run


def limits(B: int, H: int) -> dict[str, float]:
    """Seconds per substep: parameters from the second-level cache at 64 bytes per clock and processor, exponentials."""
    card = torch.cuda.get_device_properties(0)
    clock = 1e3 * torch.cuda.clock_rate() * 1e3
    processors = min(B, card.multi_processor_count)
    return {
        "parameters": 4 * H * H * 4 / (64 * clock),
        "exponentials": B * H * H / (processors * 16 * clock),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="T = 64, few rounds")
    arguments = parser.parse_args()
    if not torch.cuda.is_available():
        raise SystemExit("no GPU here")
    from ncps import torch as ncps

    check_equality()
    B, T, I, H = SIZE["B"], 64 if arguments.quick else SIZE["T"], SIZE["I"], SIZE["H"]
    x = torch.randn(B, T, I, device="cuda")
    models: dict[str, nn.Module] = {
        "ConductanceLTC": ConductanceLTC(I, H, batch_first=True, kernel="triton", device="cuda"),
        "LTC": LTC(I, H, batch_first=True, kernel="triton", device="cuda"),
        "ncps": ncps.LTC(I, H, batch_first=True).to("cuda"),
        "LSTM": nn.LSTM(I, H, batch_first=True, device="cuda"),
    }
    calls = {name: finished(training_step(model, x)) for name, model in models.items()}
    taken = in_turn(calls, rounds=3 if arguments.quick else 7)
    for name, values in taken.items():
        ratio = median(taken["ncps"]) / median(values)
        print(f"{name}: {milliseconds(values)} ms a training step, {ratio:.1f} × ncps")
    per_substep = median(taken["ConductanceLTC"]) / (T * SUBSTEPS)
    bounds = limits(B, H)
    print(f"\nConductanceLTC: {1e6 * per_substep:.2f} µs per substep, forward and backward together")
    for name, seconds in bounds.items():
        print(f"  limit by {name}: {1e6 * seconds:.3f} µs per evaluation")
    results = {name: {"median": median(values), "all": values} for name, values in taken.items()}
    if not arguments.quick:
        write("kernels_gpu.json", {"size": SIZE, "steps": results, "per_substep": per_substep, "limits": bounds})


if __name__ == "__main__":
    main()
