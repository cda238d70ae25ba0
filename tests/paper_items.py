"""Made-up items of the paper, with cases that take a moment, and an outcome with every kind of picture."""

import math
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from liquidtime.paper.engine import (
    Axis,
    Boxes,
    Case,
    Finding,
    Group,
    Item,
    Lines,
    Outcome,
    Panel,
    Planes,
    Series,
    Table,
    does_not_hold,
    either,
    holds,
    holds_if,
    unclear,
)


@dataclass(frozen=True)
class Square(Case):
    """A number times itself; `log` names a file that gets a line per run."""

    number: int
    log: str = ""

    def run(self):
        if self.log:
            with open(self.log, "a") as file:
                file.write(f"{self.number}\n")
        return {"square": self.number**2, "pair": (self.number, None)}


@dataclass(frozen=True)
class Bad(Case):
    """Gives nothing."""

    how: str = "refuses"

    def run(self):
        if self.how == "not finite":
            return {"value": math.nan}
        if self.how == "divides":
            return {"value": 1 // 0}
        if self.how == "is killed":
            os.kill(os.getpid(), signal.SIGKILL)
        raise ValueError("no data\nset here")


@dataclass(frozen=True)
class Alone(Case):
    """Notes when it ran."""

    log: str
    number: int
    alone = True

    def run(self):
        start = time.monotonic()
        time.sleep(0.05)
        return {"start": start, "end": time.monotonic(), "process": os.getpid()}


@dataclass(frozen=True)
class Slow(Case):
    """Takes a while, and says when it began and ended."""

    folder: str
    number: int

    def run(self):
        Path(self.folder, f"began-{self.number}").touch()
        time.sleep(0.1)
        with open(Path(self.folder, "ended"), "a") as file:
            file.write(f"{self.number}\n")
        return {"number": self.number}


def squares(name, numbers, log="", extra=(), need=()):
    """An item that adds squares up; it cannot do without the cases in `need`."""

    def judge(scale, results):
        for case in need:
            results[case]
        total = sum(results[Square(number, log)]["square"] for number in numbers)
        pairs = [results[Square(number, log)]["pair"] for number in numbers]
        return Outcome(
            f"sum {total}", either(total > 5), f"Added up {pairs}.", [Finding("the sum", "5", f"{total}", holds)]
        )

    def cases(scale):
        return [*(Square(number, log) for number in numbers), *extra, *need]

    return Item(name, f"The sum of {len(numbers)} squares", "Sec. 1", "5", cases, judge)


def slow(name, folder, number):
    """An item of slow cases that leave traces in a folder."""
    cases = [Slow(str(folder), index) for index in range(number)]

    def judge(scale, results):
        return Outcome(f"{sum(results[case]['number'] for case in cases)}", holds, "Slowly.", [])

    return Item(name, "Takes a while", "Sec. 2", "nothing", lambda scale: cases, judge)


def everything():
    """An outcome with each verdict and each kind of picture, with words that want to be HTML or Markdown."""
    generator = np.random.default_rng(0)
    steps = [1, 2, 4, 8, 16, 32, 64, 128]
    error = [2e-1 / step for step in steps]
    lines = Lines(
        "Error against work",
        "Four times the work gives a quarter of the error of the first method and a sixteenth of the other's.",
        Axis("right-hand sides per unit of time", log=True),
        Axis("largest error of the state (–)", log=True),
        [
            Series("explicit Euler", steps, [None, *error[1:]], [0.0, *(e / 2 for e in error[1:])], [1, *error[1:]]),
            Series("exponential midpoint", steps, [e**2 for e in error], dashed=True),
            Series("fused, without marks", steps, [0.7 * e for e in error], markers=False),
        ],
        {"rounding of float32": 1.2e-7, "rounding of float32, twice": 2.4e-7, "one per mille": 1e-3},
    )
    many = Lines(
        "Memory against length",
        "A picture with straight axes and more series than colours.",
        Axis("length of the sequence T (samples)"),
        Axis("peak memory (MiB)"),
        [Series(f"method {k} with a name", [100, 400, 1600], [k, 4 * k, 16 * k + 1]) for k in range(1, 11)],
        {},
    )
    models = ("neural ODE", "CT-RNN", "LTC")
    groups = [
        Group(
            f"{solver}, σ = {sigma}",
            {
                model: (10 ** (index + sigma / 4) * np.exp(generator.normal(size=40))).tolist()
                for index, model in enumerate(models)
            },
            {"LTC": 300.0 * sigma, "neural ODE": 2.0},
        )
        for solver in ("RK45", "RK23")
        for sigma in (1, 2, 4)
    ]
    boxes = Boxes(
        "Lengths of trajectories",
        "The published values stand inside our distributions.",
        Axis("solver and standard deviation of the weights"),
        Axis("length / RMS radius", log=True),
        groups,
    )
    t = np.linspace(0, 2 * np.pi, 1000)
    panels = [
        Panel(f"{model}, width {width}", (np.cos(t) * width).tolist(), (np.sin(k * t) * (width + 1)).tolist())
        for k, model in enumerate(models, 1)
        for width in (10, 200)
    ]
    planes = Planes(
        "Trajectories in the plane",
        "Each panel shows one network.",
        Axis("first principal component"),
        Axis("second principal component"),
        3,
        panels,
    )
    findings = [
        Finding("A < B & C", "2 | 3", "2.5 [2.4, 2.6]", holds, "Median and quartiles over 100 networks."),
        Finding(
            "The length grows with the standard deviation of the weights, for each of the three models",
            "76.9, 105.4, 227.3",
            "76.8, 105.3, 227.1 (5th to 95th percentile 70 to 240)",
            holds_if("the released activation is used (an identity)"),
            "The code released with the paper calls an undefined name, which its library reads as the identity.",
        ),
        Finding("No model is longer", "proof", "3 of 20,000 cases", does_not_hold),
        Finding("Lengths of the fifth layer", "52,441", "–", unclear, "The number of points is not stated."),
    ]
    table = Table(
        "Median lengths",
        ["model", "σ = 1", "σ = 2", "σ = 4", "published (σ = 1)", "quantile of the published value"],
        [[model, "76.9", "105.4", "227.3", "76.9", "0.51"] for model in models],
        "Over 100 networks each; in brackets nothing.",
    )
    return Outcome(
        "76.8 … 227.1",
        holds_if("the released activation is used"),
        "A hundred networks of 100 neurons were run. The released code does something else. It follows that <b>it "
        "depends</b>.",
        findings,
        [table],
        [lines, many, boxes, planes],
    )


RICH = Item(
    "rich",
    "Everything that can be shown",
    "Fig. 9 | A",
    "76.9 … 227.3",
    lambda scale: [],
    lambda scale, results: everything(),
)
