import numpy as np
import pytest

SETTINGS = {"hidden_size": 6, "epochs": 3, "batch_size": 4, "random_state": 0}
LENGTHS = (7, 3, 5, 4, 7, 6, 3, 8, 5, 4, 6, 7)


class Made:
    """Twelve irregular series of two channels and unequal length, with labels of each and of its samples."""

    def __init__(self, lengths=LENGTHS):
        random = np.random.default_rng(5)
        self.X = [random.normal(size=(length, 2)) for length in lengths]
        self.spans = [random.uniform(20, 100, size=length) for length in lengths]
        self.y = np.array(["high" if one[:, 0].sum() > 0 else "low" for one in self.X])
        self.means = np.array([one[:, 0].mean() for one in self.X])
        self.signs = [np.where(one[:, 1] > 0, 1, -1) for one in self.X]
        self.sums = [one.sum(1) for one in self.X]


@pytest.fixture(scope="session")
def made():
    return Made()


@pytest.fixture(scope="session")
def equal():
    """The same with five samples each, as arrays."""
    one = Made((5,) * 12)
    for name in ("X", "spans", "signs", "sums"):
        setattr(one, name, np.stack(getattr(one, name)))
    return one


@pytest.fixture(scope="session")
def settings():
    return SETTINGS
