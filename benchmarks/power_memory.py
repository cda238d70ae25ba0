"""Peak memory of training on a file as long as the whole household-power file.

    LIQUIDTIME_DATA=… python benchmarks/power_memory.py

The file of 2,075,259 minutes is made by repeating the first part, which must be there (`power/` of the data folder),
with the dates going on. A process of its own reads it, cuts it by either protocol and trains one epoch of the LTC;
result in benchmarks/results/power_memory.json.
"""

import gzip
import json
import os
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from liquidtime.data import data_folder
from liquidtime.data.power_files import FILE, HEAD

ROWS = 2_075_259
RESULT = Path(__file__).parent / "results" / "power_memory.json"
CHILD = """
import json, os, resource, sys, time
from dataclasses import replace
from pathlib import Path
start = time.perf_counter()
import torch
from liquidtime.data import load, power_files
from liquidtime.training import published_recipe, train
torch.set_num_threads(1)
protocol, folder = sys.argv[1:]
power_files.SIZE = (Path(os.environ["LIQUIDTIME_DATA"]) / "power" / power_files.FILE).stat().st_size
task = load("power", protocol)
read = time.perf_counter() - start
run = train(task, replace(published_recipe("power", "ltc"), epochs=1), 0, f"{folder}/{protocol}")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
windows = [len(part) for part in (task.train, task.valid, task.test)]
print(json.dumps({"protocol": protocol, "windows": windows, "start_s": round(read, 1), "peak_gib": round(peak, 2),
                  "epoch_s": round(run.results["seconds"], 1)}))
"""


def write_file(path: Path) -> None:
    header, *rows = gzip.decompress((data_folder() / "power" / HEAD).read_bytes()).decode().splitlines()
    tails = [row.split(";", 2)[2] for row in rows]
    moment = datetime.strptime(";".join(rows[0].split(";")[:2]), "%d/%m/%Y;%H:%M:%S")
    with path.open("w") as file:
        file.write(f"{header}\n")
        for row in range(ROWS):
            file.write(f"{moment:%d/%m/%Y;%H:%M:%S};{tails[row % len(tails)]}\n")
            moment += timedelta(minutes=1)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "power").mkdir()
        path = Path(folder) / "power" / FILE
        write_file(path)
        rows = []
        for protocol in ("paper", "clean"):
            done = subprocess.run(
                [sys.executable, "-c", CHILD, protocol, folder],
                capture_output=True,
                text=True,
                check=True,
                env=os.environ | {"LIQUIDTIME_DATA": folder, "OMP_NUM_THREADS": "1"},
            )
            rows.append(json.loads(done.stdout))
            print(rows[-1])
        RESULT.write_text(json.dumps({"rows": ROWS, "bytes": path.stat().st_size, "runs": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
