import numpy as np
import torch

from liquidtime.data import Scaling


def test_scaled_training_rows_have_mean_zero_and_deviation_one():
    rows = np.random.default_rng(5).normal(3, 7, (50, 4))
    scaled = Scaling.fit(rows)(rows)
    assert scaled.dtype == torch.float32
    torch.testing.assert_close(scaled.mean(0), torch.zeros(4), atol=1e-6, rtol=0)
    torch.testing.assert_close(scaled.std(0, correction=0), torch.ones(4))


def test_other_rows_are_scaled_by_the_training_rows():
    scaling = Scaling.fit(np.array([[0.0, 10.0], [4.0, 30.0]]))
    assert scaling == Scaling((2.0, 20.0), (2.0, 10.0))
    assert scaling(np.array([[6.0, 10.0]])).tolist() == [[2.0, -1.0]]


def test_a_constant_column_is_shifted_only():
    rows = np.full((30, 1), 0.1)
    scaling = Scaling.fit(rows)
    assert scaling.std == (1.0,)
    assert scaling(rows).abs().max() < 1e-9
