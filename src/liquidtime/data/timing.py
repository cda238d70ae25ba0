"""Elapsed times as one more input, for models that know no time."""

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from liquidtime.data.task import Recording, Task
from liquidtime.data.windows import Windows

FEATURE = "log elapsed time"
LEAST = 1e-2
"""Shorter times count as this, in units of the data's time."""


def with_log_timespans(task: Task) -> Task:
    """The task with log Δt as its last input; models that know time still get Δt itself.

    Raises:
        ValueError: the task tells no elapsed times, or has this input already.

    Example:
        >>> from liquidtime.data import load
        >>> task = with_log_timespans(load("walker", "clean"))  # doctest: +SKIP
        >>> task.features[-1]  # doctest: +SKIP
        'log elapsed time'
    """
    if task.train.elapsed is None:
        raise ValueError(f"{task.name} by protocol {task.protocol_name!r} tells no elapsed times: leave log Δt out")
    if task.log_timespans:
        raise ValueError(f"{task.name} has the input {FEATURE!r} already")
    done: dict[int, Tensor] = {}
    return replace(
        task,
        features=(*task.features, FEATURE),
        train=_windows(task.train, done),
        valid=_windows(task.valid, done),
        test=_windows(task.test, done),
        recordings=tuple(map(_recording, task.recordings)),
        mean=(*task.mean, 0.0),
        std=(*task.std, 1.0),
        protocol=f"{task.protocol}; log Δt is one more input",
        log_timespans=True,
    )


def log_timespans(elapsed: Tensor) -> Tensor:
    """Log Δt (…, 1) of elapsed times (…,), those below 0.01 as 0.01."""
    return elapsed.clamp_min(LEAST).log().unsqueeze(-1)


def _windows(windows: Windows, done: dict[int, Tensor]) -> Windows:
    """Windows on rows with one more column; parts on the same rows stay on the same rows."""
    assert windows.elapsed is not None
    if id(windows.inputs) not in done:
        done[id(windows.inputs)] = torch.cat([windows.inputs, log_timespans(windows.elapsed)], 1)
    return replace(windows, inputs=done[id(windows.inputs)])


def _recording(recording: Recording) -> Recording:
    assert recording.timespans is not None
    added = log_timespans(recording.timespans)
    raw = np.concatenate([recording.raw, added.double().numpy()], 1)
    return replace(recording, x=torch.cat([recording.x, added], 1), raw=raw)
