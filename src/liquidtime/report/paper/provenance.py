"""Who made the numbers: command, settings, versions, machine, time. Items that share them share a line."""

from collections.abc import Callable, Mapping

from liquidtime.paper.engine import Kept, Scale
from liquidtime.report.paper.wording import extent
from liquidtime.report.wording import duration, when

Line = tuple[str, str]
"""A value, and the items that it belongs to where there is more than one."""


def provenance(kept: Mapping[str, Kept]) -> dict[str, list[Line]]:
    """Everything that is needed to make the numbers again, by name.

    Args:
        kept: outcomes by the name of their item.
    """
    created = sorted(one.created for one in kept.values())
    span = sorted({when(created[0]), when(created[-1])}) if created else []
    seconds = duration(sum(one.seconds for one in kept.values()))
    return {
        "Command": _shared(kept, lambda one: one.command or "started from Python"),
        "Settings": _shared(kept, lambda one: f"{extent(one.quick)}: {_seeds(one.quick)}"),
        "Versions": _shared(kept, lambda one: ", ".join(f"{name} {version}" for name, version in one.versions.items())),
        "Machine": _shared(kept, lambda one: one.machine),
        "Judged": [(" to ".join(span), "")],
        "Computation": [(f"{seconds} of one core, summed over the items", "")],
    }


def _seeds(quick: bool) -> str:
    seeds = Scale(quick).networks
    return f"random networks with the seeds {seeds[0]} to {seeds[-1]}; all other seeds stand in cases/"


def _shared(kept: Mapping[str, Kept], ask: Callable[[Kept], str]) -> list[Line]:
    owners: dict[str, list[str]] = {}
    for name, one in kept.items():
        owners.setdefault(ask(one), []).append(name)
    return [(value, ", ".join(names) if len(owners) > 1 else "") for value, names in owners.items()]
