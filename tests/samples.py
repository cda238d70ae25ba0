"""Made-up files in the formats of the published data sets, for wherever the real ones are not at hand."""

import hashlib
import io
import os
from pathlib import Path

import numpy as np

GESTURE_ROWS = {"a1": 1743, "a2": 1260, "a3": 1830, "b1": 1069, "b3": 1420, "c1": 1107, "c3": 1444}


def gesture():
    """Seven files with as many rows as the published ones."""
    random = np.random.default_rng(3)
    header = ",".join([*map(str, range(1, 33)), "Phase"])
    files = {}
    for video, rows in GESTURE_ROWS.items():
        values = random.normal(0, 0.01, (rows, 32))
        phases = [phase for phase in random.choice(list("DPSHR"), rows // 10 + 1) for _ in range(10)]
        lines = [
            ",".join([*(f"{value:.8f}" for value in row), phase]) for row, phase in zip(values, phases, strict=False)
        ]
        files[f"{video}_va3.csv"] = "\r\n".join([header, *lines, ""]).encode()
    return files


def cheetah():
    """Twenty-five recordings."""
    random = np.random.default_rng(4)
    files = {}
    for number in range(25):
        content = io.BytesIO()
        np.save(content, random.normal(0, 3, (1000, 17)))
        files[f"trace_{number:04d}.npy"] = content.getvalue()
    return files


def provide(patch, folder, name, make, *tables):
    """Make a data set readable: the real files where they are, else made-up ones with their checksums in the tables.

    Args:
        patch: pytest's `monkeypatch`, or a context of it.
        folder: where made-up files go.
        name: of the data set.
        make: gives made-up files by name.
        tables: dictionaries from file to SHA-256, which are patched.

    Returns:
        Whether the files are the real ones.
    """
    real = os.environ.get("LIQUIDTIME_DATA")
    if real and Path(real, name).is_dir():
        return True
    files = make()
    (Path(folder) / name).mkdir(parents=True, exist_ok=True)
    patch.setenv("LIQUIDTIME_DATA", str(folder))
    for file, content in files.items():
        (Path(folder) / name / file).write_bytes(content)
        for table in tables:
            if file in table:
                patch.setitem(table, file, hashlib.sha256(content).hexdigest())
    return False
