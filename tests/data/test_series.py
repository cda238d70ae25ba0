import numpy as np
import pytest
import torch

from liquidtime.data import Scaling, Series
from liquidtime.data.series import cut_each, every, fill, published, windows


def made(rows, name="a"):
    inputs = np.arange(rows * 2, dtype=float).reshape(rows, 2)
    return Series(name, inputs, 10 * inputs[:, :1], np.arange(rows).astype("datetime64[s]"), np.full(rows, 0.5))


def test_a_recording_is_the_series_scaled():
    series = made(5)
    one = series.recording(Scaling((1.0, 2.0), (2.0, 4.0)), Scaling((10.0,), (5.0,)))
    np.testing.assert_allclose(one.x.numpy(), (series.inputs - [1, 2]) / [2, 4])
    np.testing.assert_allclose(one.y.numpy(), (series.labels - 10) / 5)
    assert one.raw is series.inputs
    assert one.timespans.tolist() == [0.5] * 5
    plain = series.recording(Scaling((0.0, 0.0), (1.0, 1.0)))
    np.testing.assert_array_equal(plain.y.numpy(), series.labels)
    assert plain.y.dtype == torch.float32


def test_a_part_is_those_rows_of_everything():
    part = made(6).part(np.array([False, True, True, False, False, True]), "b")
    assert part.name == "b"
    assert part.inputs[:, 0].tolist() == [2, 4, 10]
    assert part.labels[:, 0].tolist() == [20, 40, 100]
    assert part.time.astype(int).tolist() == [1, 2, 5]
    assert len(part.elapsed) == 3


@pytest.mark.parametrize(
    ("rows", "length", "stride"), [(12, 4, 4), (13, 4, 4), (4, 4, 1), (3, 4, 1), (0, 4, 2), (11, 3, 5)]
)
def test_every_window_that_fits_starts(rows, length, stride):
    assert list(every(rows, length, stride)) == [s for s in range(0, rows, stride) if s + length <= rows]
    assert list(published(rows, length, stride)) == [s for s in range(0, rows, stride) if s + length < rows]


def test_windows_never_cross_from_one_recording_into_another():
    scaling = Scaling((0.0, 0.0), (1.0, 1.0))
    recordings = [made(rows).recording(scaling) for rows in (9, 3, 8)]
    cut = cut_each(recordings, 4, 4)
    assert cut.x[..., 0].tolist() == [[0, 2, 4, 6], [8, 10, 12, 14], [0, 2, 4, 6], [8, 10, 12, 14]]
    one = windows(recordings[0], 4, [5, 1])
    assert one.x[:, 0, 0].tolist() == [10, 2]
    assert one.inputs is recordings[0].x


def test_missing_values_repeat_the_last_of_their_column():
    nan = np.nan
    values = np.array([[nan, 1.0], [2.0, nan], [nan, nan], [3.0, 4.0]])
    assert fill(values, np.array([7.0, 8.0])).tolist() == [[7, 1], [2, 1], [2, 1], [3, 4]]
    assert fill(values)[0, 0] == 0
