"""Numbers, moments and models in words."""

from datetime import datetime

import numpy as np

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


def moment(time: np.datetime64) -> str:
    """A date and time to the minute."""
    stamp = time.astype("datetime64[s]").astype(datetime)
    return f"{stamp:%Y-%m-%d %H:%M}"


def model_title(name: str) -> str:
    """A model as people call it."""
    return TITLES.get(name, name)


def model_line(recipe: Recipe, model: SequenceModel, parameters: int) -> str:
    """A model, its size and how it crosses time, in one line."""
    size = count(recipe.hidden_size, "neuron")
    line = f"{model_title(recipe.model)}, {size}, {count(parameters, 'parameter')}"
    solver = getattr(model.rnn, "solver", None)
    return line if solver is None else f"{line} · solver {solver}"
