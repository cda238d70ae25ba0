import numpy as np
import torch

from liquidtime.data import cut, shuffled


def test_windows_are_dealt_out_in_the_order_of_the_permutation():
    windows = cut(torch.zeros(50, 3), torch.arange(50), 4)
    parts = shuffled(windows, 5, valid=0.2, test=0.3)
    order = np.random.RandomState(5).permutation(46)
    assert parts.valid.y[:, 0].tolist() == order[:9].tolist()
    assert parts.test.y[:, 0].tolist() == order[9:22].tolist()
    assert parts.train.y[:, 0].tolist() == order[22:].tolist()


def test_shares_are_rounded_down_and_may_be_nothing():
    windows = cut(torch.zeros(23, 3), torch.arange(23), 4)
    assert [len(part) for part in shuffled(windows, 5)] == [19 - 1 - 2, 1, 2]
    assert len(shuffled(windows, 5, test=0).test) == 0
