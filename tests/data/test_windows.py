import re

import pytest
import torch

from liquidtime.data import Windows, cut
from liquidtime.data.windows import join, pick


def series(rows, features=3):
    x = torch.arange(rows * features, dtype=torch.float32).view(rows, features)
    return x, torch.arange(rows)


@pytest.mark.parametrize(("rows", "length", "stride"), [(23, 4, 1), (23, 4, 3), (20, 4, 8), (5, 4, 1), (21, 5, 16)])
def test_windows_start_where_the_published_code_starts_them(rows, length, stride):
    x, y = series(rows)
    windows = cut(x, y, length, stride)
    starts = list(range(0, rows - length, stride))
    assert windows.y[:, 0].tolist() == starts
    for window, labels, start in zip(windows.x, windows.y, starts, strict=True):
        assert torch.equal(window, x[start : start + length])
        assert torch.equal(labels, y[start : start + length])


def test_a_window_that_ends_on_the_last_row_is_left_out():
    windows = cut(*series(12), length=4, stride=4)
    assert windows.y.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]


@pytest.mark.parametrize("rows", [0, 2, 4])
def test_too_short_a_series_gives_no_windows(rows):
    windows = cut(*series(rows), length=4)
    assert windows.x.shape == (0, 4, 3)
    assert windows.y.shape == (0, 4)


def test_windows_are_views():
    x, y = series(23)
    windows = cut(x, y, length=4, stride=3)
    assert windows.x.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()
    assert windows.y.untyped_storage().data_ptr() == y.untyped_storage().data_ptr()
    x[3, 1] = -7
    assert windows.x[1, 0, 1] == -7


def test_join_and_pick_keep_the_order():
    first, second = cut(*series(8), length=5), cut(*series(7), length=5)
    together = join([first, second])
    assert together.y[:, 0].tolist() == [0, 1, 2, 0, 1]
    assert pick(together, torch.tensor([4, 2])).y[:, 0].tolist() == [1, 2]


@pytest.mark.parametrize(("length", "stride", "name"), [(0, 1, "length=0"), (4, 0, "stride=0"), (4, -2, "stride=-2")])
def test_sizes_below_one_are_refused(length, stride, name):
    with pytest.raises(ValueError, match=name):
        cut(*series(9), length, stride)


def test_labels_of_another_length_are_refused():
    with pytest.raises(ValueError, match="9 rows and y has 8"):
        cut(series(9)[0], series(8)[1], 4)


@pytest.mark.parametrize(
    ("x", "y", "kind"),
    [
        ((6, 4, 3), (6, 5), torch.int64),
        ((6, 4, 3), (5,), torch.int64),
        ((6, 4, 3), (6, 4, 2), torch.int64),
        ((6, 4, 3), (6, 5, 2), torch.float32),
        ((6, 4, 3), (5, 2), torch.float32),
        ((6, 4, 3), (6,), torch.float32),
        ((24, 3), (24,), torch.int64),
    ],
    ids=str,
)
def test_windows_that_do_not_match_their_labels_are_refused(x, y, kind):
    with pytest.raises(ValueError, match=re.escape(f"{x} and y {y}")):
        Windows.stacked(torch.zeros(x), torch.zeros(y, dtype=kind))
