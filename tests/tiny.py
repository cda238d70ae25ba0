"""A small made-up task, so that a training run takes a moment."""

import numpy as np
import torch

from liquidtime.data import Recording, Task
from liquidtime.data.windows import cut, join, pick
from liquidtime.training import Recipe

ROWS, T, FEATURES = 50, 7, ("warmth", "light", "noise")


def make_task():
    """Do the last two values of the second feature sum to more than zero? 31, 6 and 6 windows of 7 steps."""
    generator = torch.Generator().manual_seed(11)
    x = torch.randn(ROWS, len(FEATURES), generator=generator)
    y = (x[:, 1] + x[:, 1].roll(1) > 0).long()
    windows = cut(x, y, T)
    order = torch.randperm(len(windows), generator=generator)
    time = np.datetime64("2020-01-01T00:00:00") + np.arange(ROWS).astype("timedelta64[s]")
    return Task(
        name="tiny",
        features=FEATURES,
        classes=("low", "high"),
        train=pick(windows, order[:31]),
        valid=pick(windows, order[31:37]),
        test=pick(windows, order[37:]),
        recordings=(Recording("tiny.txt", time, x, x.double().numpy(), y),),
        mean=(0.0, 1.0, 2.0),
        std=(1.0, 2.0, 3.0),
        checksum={"tiny.txt": "00ff"},
        protocol="made up",
        citation="none",
        licence="none",
    )


RECIPE = Recipe("lstm", hidden_size=5, epochs=3, batch_size=4, learning_rate=0.01)


def make_regression():
    """Two sums of neighbouring values, from irregular rows of two series: 46, 8 and 8 windows of 7 steps."""
    generator = torch.Generator().manual_seed(12)
    series = []
    for rows in (ROWS, 33):
        x = torch.randn(rows, len(FEATURES), generator=generator)
        y = torch.stack([x[:, 0] + x[:, 1].roll(1), 2 * x[:, 2] - x[:, 0].roll(2)], 1)
        spans = torch.rand(rows, generator=generator) + 0.5
        series.append((x, y, spans))
    windows = join([cut(x, y, T, timespans=spans) for x, y, spans in series])
    order = torch.randperm(len(windows), generator=generator)
    return Task(
        name="sums",
        features=FEATURES,
        classes=(),
        train=pick(windows, order[: len(order) - 16]),
        valid=pick(windows, order[-16:-8]),
        test=pick(windows, order[-8:]),
        recordings=tuple(
            Recording(f"series {number}", None, x, x.double().numpy(), y, spans)
            for number, (x, y, spans) in enumerate(series, 1)
        ),
        mean=(0.0, 1.0, 2.0),
        std=(1.0, 2.0, 3.0),
        checksum={"sums.npy": "11ee"},
        protocol="made up",
        citation="none",
        licence="none",
        targets=("first sum", "second sum"),
        target_mean=(1.0, -1.0),
        target_std=(2.0, 5.0),
        metric="squared_error",
        seen=True,
    )
