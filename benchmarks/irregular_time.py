"""True elapsed times against equal steps: the same model on an irregular series, told the time or not.

    LIQUIDTIME_DATA=… python benchmarks/irregular_time.py [--workers 2] [--models conductance-ltc,ltc]

The nine velocities of the half-cheetah from its eight positions, of which every second is kept, at random; elapsed
times are in units of their mean. Ten recordings for training, five for validation, ten for test. Both sides have the
same windows, recipe and seeds, 0 to 4; the best validation epoch of each is tested; one is handed the elapsed times,
for the other every step is 1.

Results in benchmarks/results/irregular_time.jsonl, one line per run; finished lines are kept.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from liquidtime.comparison import MEASURES
from liquidtime.comparison.table import Score, paired
from liquidtime.data import Task, cheetah
from liquidtime.data.scaling import Scaling
from liquidtime.data.series import Series, cut_each, stacked
from liquidtime.training import Recipe, train
from resume import rows_of

RESULTS = Path(__file__).parent / "results" / "irregular_time.jsonl"
SEEDS = range(5)
POSITIONS, KEPT = 8, 0.5
RECIPES = {
    "conductance-ltc": Recipe("conductance-ltc", 32, 40, 16, 0.01, schedule="cosine", init="ncps"),
    "ltc": Recipe("ltc", 64, 80, 16, 0.005, schedule="cosine", tau=(0.5, 5.0)),
}


def velocities(told: bool) -> Task:
    random = np.random.RandomState(7)
    series = []
    for name, trace in sorted(cheetah.read().items()):
        kept = np.flatnonzero(random.rand(len(trace)) < KEPT)
        elapsed = np.diff(kept, prepend=-1) * KEPT
        series.append(Series(name, trace[kept, :POSITIONS], trace[kept, POSITIONS:], elapsed=elapsed if told else None))
    parts = series[15:25], series[:5], series[5:15]
    scaling = Scaling.fit(stacked(parts[0]))
    targets = Scaling.fit(np.concatenate([one.labels for one in parts[0]]))
    learned, held, tested = ([one.recording(scaling, targets) for one in part] for part in parts)
    return Task(
        name="velocities",
        features=cheetah.FEATURES[:POSITIONS],
        classes=(),
        train=cut_each(learned, 32, 4),
        valid=cut_each(held, 32, 32),
        test=cut_each(tested, 32, 32),
        recordings=tuple(tested),
        mean=scaling.mean,
        std=scaling.std,
        checksum=dict(cheetah.CHECKSUM),
        protocol="velocities from positions, one sample in two kept at random; windows of 32 samples",
        citation=cheetah.CITATION,
        licence=cheetah.LICENCE,
        targets=cheetah.FEATURES[POSITIONS:],
        target_mean=targets.mean,
        target_std=targets.std,
        metric="squared_error",
    )


def score(run: tuple[str, bool, int]) -> dict:
    model, told, seed = run
    with tempfile.TemporaryDirectory() as folder:
        results = train(velocities(told), RECIPES[model], seed, f"{folder}/run").results
    kept = {field: results[field] for field in ("test_squared_error", "best_epoch", "seconds")}
    return {"model": model, "told": told, "seed": seed, "recipe": RECIPES[model].to_dict(), **kept}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--models", default=",".join(RECIPES))
    arguments = parser.parse_args()
    models = arguments.models.split(",")
    runs = [(model, told, seed) for model in models for seed in SEEDS for told in (True, False)]
    rows = rows_of(RESULTS, score, runs, tuple, lambda row: (row["model"], row["told"], row["seed"]), arguments.workers)
    for model in models:
        mine = [row for row in rows if row["model"] == model]
        told, untold = (
            Score({row["seed"]: row["test_squared_error"] for row in mine if row["told"] == side})
            for side in (True, False)
        )
        test = paired(MEASURES["cheetah"], told, untold)
        print(
            f"{model}: told {told.mean:.4f} ± {told.std:.4f}, equal steps {untold.mean:.4f} ± {untold.std:.4f}; error "
            f"less by {test.advantage:.4f} (95 % interval {test.low:.4f} to {test.high:.4f}, p = {test.p:.2g}, "
            f"{test.seeds} seeds)"
        )


if __name__ == "__main__":
    main()
