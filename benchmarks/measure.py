"""Timing in turn, memory in a fresh process, and the machine it happened on."""

import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import torch

RESULTS = Path(__file__).parent / "results"


def in_turn(
    calls: dict[str, Callable[[], object]], rounds: int, warm: int = 2, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Seconds of each call, all called once per round, so that a noisy machine is noisy for all."""
    for _ in range(warm):
        for call in calls.values():
            call()
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            start = clock()
            call()
            taken[name].append(clock() - start)
    return taken


def median(values: list[float]) -> float:
    return statistics.median(values)


def spread(values: list[float]) -> float:
    """Half the range from the first to the third quartile, relative to the median."""
    low, _, high = statistics.quantiles(values, n=4)
    return (high - low) / 2 / median(values)


def milliseconds(values: list[float]) -> str:
    return f"{1e3 * median(values):.3g} ± {100 * spread(values):.0f} %"


def training_step(model: torch.nn.Module, x: torch.Tensor) -> Callable[[], None]:
    """Forward, mean squared error, backward, Adam."""
    optimiser = torch.optim.Adam(model.parameters(), fused=True)
    target = torch.zeros((), device=x.device)

    def step() -> None:
        optimiser.zero_grad()
        (model(x)[0] - target).square().mean().backward()
        optimiser.step()

    return step


def resident(field: str) -> int:
    """A line of /proc/self/status in bytes: VmRSS now, VmHWM at its highest since it was reset."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return 1024 * int(line.split()[1])
    raise KeyError(field)


def rise(call: Callable[[], object]) -> int:
    """How far the resident memory rises above where it stands, in bytes."""
    gc.collect()
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    call()
    return resident("VmHWM") - before


def in_fresh_process(code: str) -> str:
    """What a program prints in an interpreter of its own."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parent)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


def machine() -> dict[str, object]:
    """Processor, memory, threads and versions."""
    cpu = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    flags = Path("/proc/cpuinfo").read_text()
    found: dict[str, object] = {
        "date": time.strftime("%Y-%m-%d"),
        "processor": cpu[0] if cpu else platform.processor(),
        "vector instructions": next((name for name in ("avx512f", "avx2", "sse4_2") if name in flags), "unknown"),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "system": platform.platform(),
        "versions": {name: version(name) for name in ("liquidtime", "torch", "numba", "numpy", "ncps")},
    }
    if torch.cuda.is_available():
        found["gpu"] = torch.cuda.get_device_name()
    return found


def write(name: str, results: dict[str, object]) -> None:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / name
    path.write_text(json.dumps({"machine": machine()} | results, indent=1) + "\n")
    print(f"\nwritten to {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")
