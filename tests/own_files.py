"""Files as a user may have them."""

import gzip
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch

from liquidtime.data.table import Options, load


def occupancy(folder, name="datatest.txt"):
    """A real file, in its original text: 7 names in the header, 8 fields in each row."""
    path = Path(folder) / name
    packed = files("liquidtime.data") / "files" / "occupancy" / f"{name}.gz"
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    return str(path)


def write(folder, name, header, rows, between=","):
    """A text file of rows."""
    path = Path(folder) / name
    lines = [between.join(map(str, row)) for row in [header, *rows]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


HEADER = ("time", "warmth", "light", "sort", "on")


def rows_of(count=120, seed=0, start=1_500_000_000):
    """Irregular rows whose class is that of the warmth of the row before: time, warmth, light, sort, on."""
    random = np.random.default_rng(seed)
    time = start + np.cumsum(random.integers(50, 70, count))
    warmth = random.normal(20, 3, count).round(3)
    light = random.integers(0, 500, count)
    sort = random.choice(["a", "b", "c"], count)
    on = np.roll(warmth, 1) > 20
    return [list(row) for row in zip(time, warmth, light, sort, on.astype(int), strict=True)]


def sensors(folder, name="sensors.csv", **made):
    """A small file of such rows."""
    return write(folder, name, HEADER, rows_of(**made))


def understood(path, **options):
    """What is made of files of such rows."""
    files = path if isinstance(path, list) else [str(path)]
    return load(files, Options(**{"target": "on", "time": "time", **options}))


def same(one, other):
    """Whether two tasks hold the same numbers."""
    for part in ("train", "valid", "test"):
        mine, theirs = getattr(one, part), getattr(other, part)
        assert torch.equal(mine.inputs, theirs.inputs)
        assert torch.equal(mine.labels, theirs.labels)
        assert torch.equal(mine.starts, theirs.starts)
        assert (mine.elapsed is None) == (theirs.elapsed is None)
        assert mine.elapsed is None or torch.equal(mine.elapsed, theirs.elapsed)
