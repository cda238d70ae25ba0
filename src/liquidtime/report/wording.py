"""Numbers, moments and models in words."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from liquidtime.data import METRICS as HIGHER
from liquidtime.training import Recipe, SequenceModel

TITLES = {
    "ltc": "LTC",
    "conductance-ltc": "Conductance LTC",
    "ctrnn": "CT-RNN",
    "node": "Neural ODE",
    "ctgru": "CT-GRU",
    "lstm": "LSTM",
    "gru": "GRU",
}


METRICS = {"accuracy": "accuracy", "f1": "F1", "squared_error": "squared error", "absolute_error": "absolute error"}


def extreme(metric: str) -> str:
    """What the best value of a score is."""
    return "highest" if HIGHER[metric] else "lowest"


def percent(share: float, digits: int = 1) -> str:
    """A share in per cent.

    Example:
        >>> percent(0.9463, 2)
        '94.63 %'
    """
    return f"{100 * share:.{digits}f} %"


def count(number: int, one: str = "", many: str = "") -> str:
    """A number with its noun.

    Example:
        >>> count(12417, "row"), count(1, "row"), count(2, "class", "classes")
        ('12,417 rows', '1 row', '2 classes')
    """
    noun = one if number == 1 else many or f"{one}s" if one else ""
    return f"{number:,} {noun}".strip()


def moment(time: np.datetime64, seconds: bool = False) -> str:
    """A date and time to the minute, or to the second."""
    stamp = time.astype("datetime64[s]").astype(datetime)
    return f"{stamp:%Y-%m-%d %H:%M:%S}" if seconds else f"{stamp:%Y-%m-%d %H:%M}"


def when(created: str) -> str:
    """A moment to the minute.

    Example:
        >>> when("2026-03-01T12:34:56+00:00")
        '2026-03-01 12:34 UTC'
    """
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return created
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def duration(seconds: float) -> str:
    """A span of time as people say it.

    Example:
        >>> duration(0.21), duration(75), duration(7384)
        ('0.2 s', '1 min 15 s', '2 h 3 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def score(metric: str, value: float, digits: int = 1) -> str:
    """A score as people write it.

    Example:
        >>> score("accuracy", 0.6955), score("f1", 0.3021), score("squared_error", 2.30812)
        ('69.5 %', '0.302', '2.308')
    """
    if metric == "accuracy":
        return percent(value, digits)
    return f"{value:.3f}" if metric == "f1" else f"{value:.4g}"


def model_title(name: str) -> str:
    """A model as people call it."""
    return TITLES.get(name, name)


def model_line(recipe: Recipe, model: SequenceModel, parameters: int) -> str:
    """A model, its size and how it crosses time, in one line."""
    size = count(recipe.hidden_size, "neuron")
    line = f"{model_title(recipe.model)}, {size}, {count(parameters, 'parameter')}"
    solver = getattr(model.rnn, "solver", None)
    return line if solver is None else f"{line} · solver {solver}"


def listed(names: Sequence[str], most: int = 8) -> str:
    """Names one after another, those beyond `most` counted.

    Example:
        >>> listed(["warmth", "light", "noise"], 2)
        'warmth, light and 1 more'
    """
    more = len(names) - most
    return f"{', '.join(names[:most])} and {more} more" if more > 0 else ", ".join(names)


def recordings_of(seen: bool) -> str:
    """What the page shows: recordings that are all new to the model, or not."""
    return "the recordings, on parts of which it was trained," if seen else "the test recordings"
