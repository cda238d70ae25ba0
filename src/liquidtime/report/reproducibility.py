"""Section 6: what is needed to make the run again."""

from typing import Any

from liquidtime.data import Task
from liquidtime.report.markup import Html, facts, join, section, table, tag
from liquidtime.report.wording import count
from liquidtime.training import Run


def reproducibility(run: Run, task: Task) -> Html:
    """The section."""
    config, results = run.config, run.results
    sentence = (
        "What made this run. On a CPU, the same data, settings, seed, versions and number of threads give the same "
        "weights bit for bit."
    )
    versions = ", ".join(f"{name} {version}" for name, version in config["versions"].items())
    made = facts(
        [
            ("Command", command(run)),
            ("Begun", config["created"]),
            ("Seed", config["seed"]),
            ("Versions", f"{versions}, {count(config['threads'], 'thread')}"),
            ("Parameters", count(config["parameters"])),
            ("Time", f"{results['seconds']:.0f} s for {count(results['epochs'], 'epoch')}"),
            ("Data", config["data"]),
            (
                "Files",
                join(tag("div", name, " ", tag("code", f"sha256 {sum_}")) for name, sum_ in config["checksum"].items()),
            ),
            ("Split", f"{config['protocol']}: {windows(task)}"),
            *([("Cite", task.citation), ("Licence", task.licence)] if task.citation else []),
        ]
    )
    settings = table(["setting", "value"], [(name, _setting(value)) for name, value in config["recipe"].items()])
    scaled = zip(config["features"], config["mean"], config["std"], strict=True)
    scaling = table(["input", "mean", "deviation"], [(name, f"{mean:.6g}", f"{std:.6g}") for name, mean, std in scaled])
    left = tag("div", tag("h3", "Settings"), settings)
    right = tag("div", tag("h3", "Scaling of the inputs"), scaling)
    return section("reproducibility", "6 · Reproducibility", sentence, made, tag("div", left, right, class_="matrices"))


def command(run: Run) -> Html:
    """What the user typed."""
    typed = run.config["command"]
    return tag("code", typed) if typed else tag("span", "started from Python")


def windows(task: Task) -> str:
    """How many windows of how many rows there are in each part."""
    parts = {"training": task.train, "validation": task.valid, "test": task.test}
    sizes = ", ".join(f"{len(part):,} {name}" for name, part in parts.items())
    return f"{sizes} windows of {task.train.length} rows"


def _setting(value: Any) -> str:
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
