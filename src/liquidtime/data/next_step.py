"""Tasks whose target is the observation one step later."""

from collections.abc import Mapping

from liquidtime.data.scaling import Scaling
from liquidtime.data.split import Parts
from liquidtime.data.task import Recording, Task


def next_step(
    name: str,
    features: tuple[str, ...],
    checksum: Mapping[str, str],
    citation: str,
    licence: str,
    parts: Parts,
    scaling: Scaling,
    targets: Scaling | None,
    *,
    recordings: list[Recording],
    protocol: str,
    protocol_name: str,
) -> Task:
    """The task of foretelling every feature, scored by the squared error; `targets` is None where they are unscaled."""
    return Task(
        name=name,
        features=features,
        classes=(),
        train=parts.train,
        valid=parts.valid,
        test=parts.test,
        recordings=tuple(recordings),
        mean=scaling.mean,
        std=scaling.std,
        checksum=dict(checksum),
        protocol=protocol,
        citation=citation,
        licence=licence,
        targets=tuple(f"next {feature}" for feature in features),
        target_mean=() if targets is None else targets.mean,
        target_std=() if targets is None else targets.std,
        metric="squared_error",
        protocol_name=protocol_name,
    )
