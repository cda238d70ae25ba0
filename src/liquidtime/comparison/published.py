"""What the LTC paper (Hasani et al. 2021) published, and how its scores are told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """A published score of five seeds.

    Args:
        mean: of the seeds.
        std: of the seeds.
    """

    mean: float
    std: float


@dataclass(frozen=True)
class Measure:
    """How the score of a data set is told.

    Args:
        metric: the name of the score in the results of a run.
        title: for people.
        factor: from the score to the published unit.
        more: whether more is better.
        digits: after the point.
    """

    metric: str
    title: str
    factor: float
    more: bool
    digits: int

    def better(self, a: float, b: float) -> bool:
        """Whether a is better than b."""
        return a > b if self.more else a < b


_ACCURACY = Measure("accuracy", "accuracy (%)", 100, True, 2)
_ERROR = Measure("squared_error", "squared error", 1, False, 3)

MEASURES: dict[str, Measure] = {
    "gesture": _ACCURACY,
    "occupancy": _ACCURACY,
    "har": _ACCURACY,
    "mnist": _ACCURACY,
    "traffic": _ERROR,
    "power": _ERROR,
    "ozone": Measure("f1", "F1", 1, True, 3),
    "person": _ACCURACY,
    "cheetah": _ERROR,
    "walker": _ERROR,
}
"""By data set, in the order of the paper's table; walker is from a companion paper."""

_COLUMNS = ("lstm", "ctrnn", "node", "ctgru", "conductance-ltc")
_ROWS = {
    "gesture": ((64.57, 0.59), (59.01, 1.22), (46.97, 3.03), (68.31, 1.78), (69.55, 1.13)),
    "occupancy": ((93.18, 1.66), (94.54, 0.54), (90.15, 1.71), (91.44, 1.67), (94.63, 0.17)),
    "har": ((95.85, 0.29), (95.73, 0.47), (97.26, 0.10), (96.16, 0.39), (95.67, 0.575)),
    "mnist": ((98.41, 0.12), (96.73, 0.19), (97.61, 0.14), (98.27, 0.14), (97.57, 0.18)),
    "traffic": ((0.169, 0.004), (0.224, 0.008), (1.512, 0.179), (0.389, 0.076), (0.099, 0.0095)),
    "power": ((0.628, 0.003), (0.742, 0.005), (1.254, 0.149), (0.586, 0.003), (0.642, 0.021)),
    "ozone": ((0.284, 0.025), (0.236, 0.011), (0.168, 0.006), (0.260, 0.024), (0.302, 0.0155)),
    "person": ((83.59, 0.40), (81.54, 0.33), (76.48, 0.56), (85.27, 0.39), (85.48, 0.40)),
    "cheetah": ((2.500, 0.140), (2.838, 0.112), (3.805, 0.313), (3.014, 0.134), (2.308, 0.015)),
}

PUBLISHED: dict[tuple[str, str], Published] = {
    (data, model): Published(mean, std)
    for data, row in _ROWS.items()
    for model, (mean, std) in zip(_COLUMNS, row, strict=True)
}
"""Tables 3, 4 and 6, by data set and model. The paper's LTC is the conductance form; it has no `gru` and no `ltc`."""
