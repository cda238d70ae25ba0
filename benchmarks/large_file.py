"""A file of ten million rows: how long until training starts, and how much memory it takes to the end.

The file repeats the shipped room-occupancy recordings, each time later, with dates and quotes as in the original. The
command is the one a user types; its time and memory are those of the whole process, start-up and report included.

    python benchmarks/large_file.py [--rows 10000000] [--folder /tmp]
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from liquidtime.data.occupancy_files import HEADER, read
from measure import write

PROGRAM = "from liquidtime.cli import main; main()"


def make(path: Path, rows: int) -> None:
    """Write so many rows: a header of 7 names and 8 fields per row, as in the original."""
    table = read("datatraining.txt")
    period = table.time[-1] - table.time[0] + np.timedelta64(60, "s")
    numbers = [",".join(f"{value:.15g}" for value in inputs) for inputs in table.inputs]
    ends = [f"{inputs},{label}\n" for inputs, label in zip(numbers, table.labels, strict=True)]
    with path.open("w") as file:
        file.write(",".join(f'"{name}"' for name in HEADER) + "\n")
        for start in range(0, rows, len(ends)):
            dates = np.datetime_as_string(table.time + start // len(ends) * period)
            lines = zip(range(start + 1, rows + 1), dates, ends, strict=False)
            file.writelines(f'"{n}","{date.replace("T", " ")}",{end}' for n, date, end in lines)


def processor(pid: int) -> float:
    """Seconds that a process has computed so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(file: Path, folder: Path) -> dict[str, object]:
    """Train on the file in a process of its own."""
    words = [sys.executable, "-u", "-c", PROGRAM, "train", str(file), "--target", "Occupancy", "--time", "date"]
    begin = time.perf_counter()
    with subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines, started = [], (0.0, 0.0)
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip())
            if line.startswith("recipe"):
                started = time.perf_counter() - begin, processor(process.pid)
    if process.returncode:
        raise RuntimeError(f"the command ended with {process.returncode}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {
        "seconds until training starts": round(started[0], 1),
        "processor seconds until training starts": round(started[1], 1),
        "seconds in all": round(time.perf_counter() - begin, 1),
        "processor seconds in all": round(used.ru_utime + used.ru_stime, 1),
        "largest resident memory, GiB": round(used.ru_maxrss / 2**20, 2),
        "last line": lines[-1],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, help="where the file is made; a temporary one if left out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        file = Path(folder) / "large.csv"
        make(file, arguments.rows)
        size = file.stat().st_size
        print(f"{arguments.rows:,} rows, {size / 2**20:.0f} MiB")
        found = {"rows": arguments.rows, "file, MiB": round(size / 2**20)} | run(file, Path(folder))
    found["load of the machine meanwhile"] = [round(value, 1) for value in os.getloadavg()]
    write("large_file.json", {"results": found})


if __name__ == "__main__":
    main()
