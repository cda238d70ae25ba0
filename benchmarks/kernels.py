"""The kernels against ncps, torch.nn.LSTM and the machine's own limits.

    python benchmarks/kernels.py [--only steps,lstm,ctgru,memory,limit,stream,growth,start,run] [--quick]

ncps 1.0.1, as it is and under torch.compile, and torch.nn.LSTM run in the same process, one step of each in turn, on
the same number of threads. A training step is forward, mean squared error, backward and Adam (fused). Memory is the
rise of the peak resident memory in a fresh process. Before any figure the kernels are held against the reference in
float64; if they differ, nothing is printed but that. Needs ncps: pip install ".[bench]".
"""

import argparse
import copy
import functools
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from liquidtime import CTGRU, LTC, ConductanceLTC
from liquidtime.kernels.cpu import backend
from liquidtime.kernels.cpu.numerics import jit, sigmoid2
from measure import in_fresh_process, in_turn, median, milliseconds, rise, training_step, write

STEPS = [(16, 32, 32, 32), (64, 128, 16, 64), (32, 100, 16, 128)]
LSTM = [(64, 128, 16, 64), (16, 32, 32, 32)]
SECTIONS = ("steps", "lstm", "ctgru", "memory", "limit", "stream", "growth", "start", "run")


def check_equality() -> None:
    """Outputs and gradients of all forms against the reference in float64; stops the program if they differ."""
    for kind in (ConductanceLTC, LTC, CTGRU):
        for _, _, I, H in STEPS:
            torch.manual_seed(0)
            fast = kind(I, H, kernel="numba")
            plain = kind(I, H, kernel="reference")
            plain.load_state_dict(fast.state_dict())
            exact = copy.deepcopy(plain).double()
            x, spans = torch.randn(5, 6, I), torch.rand(5, 6)
            found = []
            for rnn, dtype in ((fast, torch.float32), (plain, torch.float32), (exact, torch.float64)):
                output = rnn(x.to(dtype), timespans=spans.to(dtype))[0]
                grads = torch.autograd.grad(output.square().sum(), list(rnn.parameters()))
                found.append([tensor.detach().double() for tensor in (output, *grads)])
            for n, (a, b, c) in enumerate(zip(*found, strict=True)):
                error, floor = float((a - c).abs().max()), float((b - c).abs().max())
                if not error <= (1e-5 if n else 2e-6) * float(c.abs().max()) + 4 * floor:
                    raise SystemExit(f"{kind.__name__}, H = {H}: tensor {n} is off by {error:.1e}: no figures")
    print("kernels agree with the reference\n")


def steps(quick: bool) -> list[dict]:
    """A training step of ConductanceLTC against ncps, as it is and compiled."""
    from ncps import torch as ncps

    rows = []
    print(
        "| training step, fused, L = 6 | ours (ms) | ncps (ms) | ncps compiled (ms) | LSTM (ms) | × ncps | × compiled |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for B, T, I, H in STEPS[: 1 if quick else None]:
        torch.manual_seed(0)
        x = torch.randn(B, T, I)
        theirs = ncps.LTC(I, H, batch_first=True)
        compiled = copy.deepcopy(theirs)
        # One time step: unrolled as a whole, the loop over time takes many minutes to compile.
        compiled.rnn_cell.forward = torch.compile(compiled.rnn_cell.forward)
        models: dict[str, nn.Module] = {
            "ours": ConductanceLTC(I, H, batch_first=True, kernel="numba"),
            "ncps": theirs,
            "ncps compiled": compiled,
            "LSTM": nn.LSTM(I, H, batch_first=True),
        }
        calls = {name: training_step(model, x) for name, model in models.items()}
        start = time.perf_counter()
        calls["ncps compiled"]()
        compiling = time.perf_counter() - start
        taken = in_turn(calls, rounds=15 if B == 16 else 7)
        ours = median(taken["ours"])
        row = {name: {"median": median(values), "all": values} for name, values in taken.items()}
        row |= {"B": B, "T": T, "I": I, "H": H, "compiling": compiling}
        rows.append(row)
        times = " | ".join(milliseconds(taken[name]) for name in models)
        ratios = " | ".join(f"{median(taken[name]) / ours:.1f}" for name in ("ncps", "ncps compiled"))
        print(f"| B {B}, T {T}, I {I}, H {H} | {times} | {ratios} |", flush=True)
    print("\ntorch.compile took " + ", ".join(f"{row['compiling']:.0f} s" for row in rows) + " before the first step")
    return rows


def lstm(quick: bool) -> list[dict]:
    """Forward and backward of LTC, the perceptron form, against torch.nn.LSTM."""
    rows = []
    print("\n| forward and backward | LTC (ms) | LSTM (ms) | ratio |\n| --- | --- | --- | --- |")
    for B, T, I, H in LSTM:
        x = torch.randn(B, T, I)

        def both(model: nn.Module, x: Tensor = x) -> None:
            model.zero_grad()
            model(x)[0].square().mean().backward()

        models = {"LTC": LTC(I, H, batch_first=True, kernel="numba"), "LSTM": nn.LSTM(I, H, batch_first=True)}
        calls = {name: functools.partial(both, model) for name, model in models.items()}
        taken = in_turn(calls, rounds=30 if quick else 150, warm=10)
        ratio = statistics.median(a / b for a, b in zip(taken["LTC"], taken["LSTM"], strict=True))
        rows.append({"B": B, "T": T, "I": I, "H": H, "ratio": ratio} | {name: median(v) for name, v in taken.items()})
        times = " | ".join(milliseconds(taken[name]) for name in models)
        print(f"| B {B}, T {T}, I {I}, H {H} | {times} | {ratio:.2f} |")
    return rows


def ctgru(quick: bool) -> list[dict]:
    """Processor time of a training step of CTGRU on one thread, against its plain loop and torch.nn.LSTM."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    rows = []
    print("\n| training step, one thread | CTGRU (ms) | plain (ms) | LSTM (ms) | plain/CTGRU | CTGRU/LSTM |")
    print("| --- | --- | --- | --- | --- | --- |")
    for B, T, I, H in LSTM:
        x = torch.randn(B, T, I)
        models: dict[str, nn.Module] = {
            "CTGRU": CTGRU(I, H, batch_first=True, kernel="numba"),
            "plain": CTGRU(I, H, batch_first=True, kernel="reference"),
            "LSTM": nn.LSTM(I, H, batch_first=True),
        }
        calls = {name: training_step(model, x) for name, model in models.items()}
        taken = in_turn(calls, rounds=9 if quick or B > 16 else 101, clock=time.thread_time)
        row = {name: median(values) for name, values in taken.items()}
        rows.append(row | {"B": B, "T": T, "I": I, "H": H})
        times = " | ".join(milliseconds(taken[name]) for name in models)
        ratios = f"{row['plain'] / row['CTGRU']:.1f} | {row['CTGRU'] / row['LSTM']:.2f}"
        print(f"| B {B}, T {T}, I {I}, H {H} | {times} | {ratios} |", flush=True)
    torch.set_num_threads(before)
    return rows


def peak_of_step(kind: str, B: int, T: int, I: int, H: int) -> int:
    """Called in a fresh process: the rise of a training step at full size, after a tiny one has loaded all code."""
    if kind == "ours":
        make: Callable[[], nn.Module] = lambda: ConductanceLTC(I, H, batch_first=True, kernel="numba")  # noqa: E731
    else:
        from ncps import torch as ncps

        make = lambda: ncps.LTC(I, H, batch_first=True)  # noqa: E731
    training_step(make(), torch.randn(2, 2, I))()
    step = training_step(make(), torch.randn(B, T, I))
    return rise(step)


def fresh_peak(kind: str, *size: int) -> int:
    return int(in_fresh_process(f"import kernels; print(kernels.peak_of_step({kind!r}, *{size}))").splitlines()[-1])


def memory(quick: bool) -> list[dict]:
    """Peak memory of a training step, ours and that of ncps."""
    rows = []
    print("\n| peak memory of a training step | ours (MB) | ncps (MB) | ncps/ours |\n| --- | --- | --- | --- |")
    for size in STEPS[: 1 if quick else None]:
        ours, theirs = fresh_peak("ours", *size), fresh_peak("ncps", *size)
        rows.append({"size": size, "ours": ours, "ncps": theirs})
        B, T, I, H = size
        print(
            f"| B {B}, T {T}, I {I}, H {H} | {ours / 1e6:.1f} | {theirs / 1e6:,.0f} | {theirs / ours:.0f} |", flush=True
        )
    return rows


@jit
def _limit(rounds, z, w, wE, N, D):
    for _ in range(rounds):
        for i in range(z.size):
            s = sigmoid2(z[i])
            N[i] += wE[i] * s
            D[i] += w[i] * s


def limit(quick: bool) -> dict:
    """Nanoseconds per synapse on one thread, against a loop of nothing but the sigmoid and two multiply-adds."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    z, w, wE, N, D = (rng.random(4096, dtype=np.float32) for _ in range(5))
    B, T, I, H = STEPS[1]
    rnn = ConductanceLTC(I, H)
    cell, head = rnn.cells[0], (torch.randn(T, B, I), torch.ones(T, B), torch.full((B,), T), torch.zeros(B, H))
    with torch.no_grad():
        leak_and_synapses = cell.dynamics.leak_and_synapses(cell.coefficients())
        kept = backend.conductance_forward(*head, *leak_and_synapses, "fused", 6, True)
        g = torch.randn(T, B, H)
        calls = {
            "limit": lambda: _limit(2000, z, w, wE, N, D),
            "forward": lambda: backend.conductance_forward(*head, *leak_and_synapses, "fused", 6, True),
            "backward": lambda: backend.conductance_backward(g, *head, *kept, *leak_and_synapses[2:], "fused", 6),
        }
        taken = in_turn(calls, rounds=7)
    torch.set_num_threads(before)
    synapses = {"limit": 2000 * 4096} | dict.fromkeys(("forward", "backward"), B * T * (6 * H + I) * H)
    found = {name: 1e9 * median(values) / synapses[name] for name, values in taken.items()}
    print("\nper synapse on one thread: " + ", ".join(f"{name} {value:.3f} ns" for name, value in found.items()))
    ratios = (f"{name} {found[name] / found['limit']:.2f} ×" for name in ("forward", "backward"))
    print(f"against the limit: {', '.join(ratios)}")
    return found


def stream(quick: bool) -> dict:
    """One sample at a time, batch 1, H = 32, I = 16."""
    from ncps import torch as ncps

    ours, theirs = ConductanceLTC(16, 32).stream(), ncps.LTC(16, 32, batch_first=True)
    x, state = torch.randn(16), torch.zeros(1, 32)
    with torch.no_grad():
        taken = in_turn({"ours": lambda: ours(x, 0.5), "ncps": lambda: theirs(x.view(1, 1, 16), state)}, 1000, warm=50)
    found = {name: 1e6 * median(values) for name, values in taken.items()}
    print(f"\nstream: {found['ours']:.1f} µs a sample; ncps {found['ncps']:,.0f} µs")
    return found


def growth(quick: bool) -> dict:
    """How time and memory of a training step grow."""

    def step(B: int, T: int, L: int) -> Callable[[], None]:
        from liquidtime import Fused

        rnn = ConductanceLTC(32, 32, batch_first=True, solver=Fused(L), kernel="numba")
        return training_step(rnn, torch.randn(B, T, 32))

    calls = {"base": step(16, 32, 6), "T × 10": step(16, 320, 6), "B × 10": step(160, 32, 6), "L × 4": step(16, 32, 24)}
    taken = in_turn(calls, rounds=9)
    ratios = {name: median(values) / median(taken["base"]) for name, values in taken.items()}
    print("\ntime grows " + ", ".join(f"{ratios[name]:.1f} × for {name}" for name in calls if name != "base"))
    sizes = [(16, 100, 16, 64), (16, 1000, 16, 64), (160, 100, 16, 64), (16, 1000, 16, 32), (16, 1000, 16, 128)]
    peaks = {size: fresh_peak("ours", *size) for size in sizes}
    print("\n| B, T, I, H | peak of a step (MB) | bytes per B · T · H |\n| --- | --- | --- |")
    for (B, T, I, H), peak in peaks.items():
        print(f"| {B}, {T}, {I}, {H} | {peak / 1e6:.1f} | {peak / (B * T * H):.0f} |")
    return {"time": ratios, "memory": {str(size): peak for size, peak in peaks.items()}}


_START = """
import time
start = time.perf_counter(); import torch
torch_there = time.perf_counter(); import liquidtime
there = time.perf_counter()
liquidtime.LTC(3, 8)(torch.zeros(2, 4, 3))[0].sum().backward()
print(torch_there - start, there - torch_there, time.perf_counter() - there)
"""


def start(quick: bool) -> dict:
    """Import, and the first call with kernels on the disk, in fresh processes."""
    in_fresh_process(_START)
    rows = np.array([[float(v) for v in in_fresh_process(_START).split()] for _ in range(3 if quick else 9)])
    found = dict(zip(("torch", "liquidtime", "first call"), np.median(rows, 0).tolist(), strict=True))
    print(f"\nimport torch {found['torch']:.2f} s, liquidtime on top of it {found['liquidtime']:.2f} s")
    print(f"first forward and backward with the kernels on the disk {found['first call']:.2f} s")
    return found


_RUN = """
import sys, tempfile, time
began = time.perf_counter()
import torch
from liquidtime.kernels.cpu import entry
spent = {"kernels": 0.0, "optimiser": 0.0}
def timed(name, function):
    def call(*arguments, **keywords):
        start = time.perf_counter()
        try:
            return function(*arguments, **keywords)
        finally:
            spent[name] += time.perf_counter() - start
    return call
entry.Entry.run = timed("kernels", entry.Entry.run)
torch.optim.AdamW.step = timed("optimiser", torch.optim.AdamW.step)
from liquidtime.cli import main
with tempfile.TemporaryDirectory() as folder:
    sys.argv = ["liquidtime", "train", "occupancy", "--model", MODEL, "--batch-size", "16", "--hidden-size", "32",
                "--out", folder + "/run", "--json"]
    try:
        main()
    except SystemExit:
        pass
print(time.perf_counter() - began, spent["kernels"], spent["optimiser"])
"""


def run(quick: bool) -> dict:
    """Where the time of a whole `liquidtime train occupancy` goes at B = 16, H = 32, start and report page included."""
    found = {}
    print("\n| train occupancy, B 16, H 32 | whole command (s) | kernels | optimiser | both |")
    print("| --- | --- | --- | --- | --- |")
    for model in ("ltc", "conductance-ltc"):
        line = in_fresh_process(_RUN.replace("MODEL", repr(model))).splitlines()[-1]
        wall, kernels, optimiser = (float(value) for value in line.split())
        found[model] = {"wall": wall, "kernels": kernels / wall, "optimiser": optimiser / wall}
        shares = [f"{100 * share:.0f} %" for share in (kernels / wall, optimiser / wall, (kernels + optimiser) / wall)]
        print(f"| {model} | {wall:.1f} | {' | '.join(shares)} |", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(SECTIONS))
    parser.add_argument("--quick", action="store_true", help="fewer rounds, the smallest size")
    arguments = parser.parse_args()
    check_equality()
    wanted = arguments.only.split(",")
    results = {name: globals()[name](arguments.quick) for name in SECTIONS if name in wanted}
    if not arguments.quick:
        write("kernels.json", results)


if __name__ == "__main__":
    main()
