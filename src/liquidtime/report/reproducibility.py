"""Section 6: reproducibility."""

import html

from liquidtime.data import Task
from liquidtime.training import Run


def reproducibility_table(run: Run, task: Task) -> str:
    """Seed, versions, checksums, split and settings."""
    config = run.config
    settings = {name: value for name, value in config["recipe"].items() if value is not None}
    rows = {
        "seed": str(config["seed"]),
        "recipe": ", ".join(f"{name} {value}" for name, value in settings.items()),
        "split": config["protocol"],
        "inputs": ", ".join(
            f"{name} (mean {mean:.4g}, deviation {std:.4g})"
            for name, mean, std in zip(config["features"], config["mean"], config["std"], strict=True)
        ),
        "versions": ", ".join(f"{name} {version}" for name, version in config["versions"].items()),
        "threads": str(config["threads"]),
        "time": f"{run.results['seconds']:.1f} s of training and validation, started {config['created']}",
        **{f"SHA-256 of {name}": value for name, value in config["checksum"].items()},
        "data": f"{task.citation} {task.licence}",
    }
    body = "".join(f"<tr><th>{html.escape(name)}</th><td>{html.escape(text)}</td></tr>" for name, text in rows.items())
    return f"<table>{body}</table>"
