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


def numbered(**changes):
    """Five windows of three samples, each two rows after the one before, over 20 rows with two targets."""
    rows = torch.arange(20)
    defaults = {"inputs": rows.float().unsqueeze(1).expand(-1, 3), "labels": torch.stack([rows, -rows], 1).float()}
    defaults |= {"starts": torch.tensor([7, 0, 15, 7, 2]), "length": 3, "step": 2, "elapsed": rows / 10}
    return Windows(**{**defaults, **changes})


def test_samples_may_lie_apart_and_windows_in_any_order():
    windows = numbered()
    first = [7, 0, 15, 7, 2]
    assert windows.x[..., 1].tolist() == [[row, row + 2, row + 4] for row in first]
    assert windows.y[..., 1].tolist() == [[-row, -row - 2, -row - 4] for row in first]
    torch.testing.assert_close(windows.timespans, windows.x[..., 0] / 10)


@pytest.mark.parametrize("starts", [[7, 0, 15, 7, 2], [0, 4, 8], [3], [], [5, 5, 5], [9, 6, 3]], ids=str)
@pytest.mark.parametrize("last", [False, True])
def test_a_batch_is_those_windows(starts, last):
    windows = numbered(starts=torch.tensor(starts, dtype=torch.int64), last=last)
    index = torch.arange(len(starts)).flip(0)
    batch = windows[index]
    assert batch.last is last
    assert torch.equal(batch.x, windows.x[index])
    assert torch.equal(batch.y, windows.y[index])
    assert torch.equal(batch.timespans, windows.timespans[index])
    assert batch.y.shape == ((len(starts), 2) if last else (len(starts), 3, 2))


def test_where_only_the_last_label_counts_there_is_one_per_window():
    windows = cut(*series(12), length=4, stride=3, last=True)
    assert windows.y.tolist() == [3, 6, 9]
    assert windows[torch.tensor([2, 0])].y.tolist() == [9, 3]


def test_batches_are_all_windows_in_order():
    windows = numbered()
    batches = list(windows.batches(2))
    assert [len(batch.x) for batch in batches] == [2, 2, 1]
    assert torch.equal(torch.cat([batch.x for batch in batches]), windows.x)


@pytest.mark.parametrize("per_step", [True, False], ids=["every step", "last step"])
@pytest.mark.parametrize("regression", [True, False], ids=["numbers", "classes"])
def test_stacked_windows_come_back_as_they_were(per_step, regression):
    shape = (6, 4, 2) if regression else (6, 4)
    y = torch.arange(48).view(6, 4, 2)[..., : 2 if regression else 1].reshape(shape)
    y = y.float() if regression else y
    y = y if per_step else y[:, -1]
    x, spans = torch.randn(6, 4, 3), torch.rand(6, 4)
    windows = Windows.stacked(x, y, spans)
    assert torch.equal(windows.x, x)
    assert torch.equal(windows.y, y)
    assert torch.equal(windows.timespans, spans)
    assert windows.last is not per_step


def test_overlap_and_choice_cost_no_memory():
    x, y = torch.zeros(2_000_000, 6), torch.zeros(2_000_000, 1)
    windows = pick(cut(x, y, 32), torch.arange(1_000_000).flip(0))
    both = join([windows, pick(windows, torch.arange(10))])
    assert both.inputs is x
    assert both.labels is y
    assert len(both) == 1_000_010
    assert torch.equal(both[torch.arange(3)].x, torch.zeros(3, 32, 6))


def test_joined_windows_never_cross_a_seam():
    parts = [cut(*series(rows), length=4, timespans=torch.rand(rows)) for rows in (9, 4, 7)]
    together = join(parts)
    assert together.y.tolist() == [row for part in parts for row in part.y.tolist()]
    assert torch.equal(together.timespans, torch.cat([part.timespans for part in parts]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"length": 0}, "length=0"),
        ({"step": 0}, "step=0"),
        ({"starts": torch.tensor([16])}, r"starts holds 16 to 16, but windows of 5 rows must lie within 20"),
        ({"starts": torch.tensor([-1, 3])}, "starts holds -1 to 3"),
        ({"inputs": torch.zeros(20)}, r"inputs has shape \(20,\)"),
        ({"labels": torch.zeros(20)}, r"labels has shape \(20,\) and type torch.float32"),
        ({"labels": torch.zeros(20, 2, dtype=torch.int64)}, r"labels has shape \(20, 2\) and type torch.int64"),
        ({"labels": torch.arange(19)}, "x has 20 rows and y has 19"),
        ({"elapsed": torch.zeros(19)}, r"elapsed has shape \(19,\): pass \(20,\)"),
        ({"elapsed": torch.arange(20) - 1.0}, "elapsed is -1.0 in row 0: pass finite times"),
        ({"elapsed": torch.tensor([*[1.0] * 5, torch.nan, *[1.0] * 14])}, "elapsed is nan in row 5"),
    ],
    ids=["length", "step", "beyond", "before", "inputs", "targets", "classes", "rows", "times", "negative", "nan"],
)
def test_rows_that_do_not_belong_together_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        numbered(**changes)


def test_parts_of_different_kinds_are_not_joined():
    with pytest.raises(
        ValueError, match=r"parts differ in \(length, step, last, without elapsed, without lengths\): \[\(3,.*\(4,"
    ):
        join([cut(*series(9), length=3), cut(*series(9), length=4)])
    with pytest.raises(ValueError, match="parts is empty"):
        join([])


def unequal(last=False, targets=False, **changes):
    """Series of 4, 1 and 3 rows, one after another."""
    x, y = series(8)
    labels = torch.stack([y, -y], 1).float() if targets else y
    told = {"starts": torch.tensor([0, 4, 5]), "length": 4, "lengths": torch.tensor([4, 1, 3]), **changes}
    return Windows(x, labels, last=last, elapsed=y.float(), **told)


def test_windows_of_unequal_length_are_padded_to_the_longest_of_a_batch():
    windows = unequal()
    assert windows.rows().tolist() == [[0, 1, 2, 3], [4, 4, 4, 4], [5, 6, 7, 7]]
    batch = windows[torch.tensor([2, 1])]
    assert batch.y.tolist() == [[5, 6, 7], [4, 4, 4]]
    assert batch.lengths.tolist() == [3, 1]
    assert torch.equal(batch.x[:, :, 0] / 3, batch.y.float())
    assert torch.equal(batch.timespans, batch.y.float())
    assert windows.y.tolist() == windows.rows().tolist()
    assert unequal(last=True)[torch.tensor([2, 1])].y.tolist() == [7, 4]
    assert unequal(last=True).y.tolist() == [3, 4, 7]


def test_unequal_lengths_survive_joining_and_picking():
    windows = unequal()
    assert pick(windows, torch.tensor([2, 0])).lengths.tolist() == [3, 4]
    same = join([pick(windows, torch.tensor([2])), pick(windows, torch.tensor([0]))])
    assert (same.starts.tolist(), same.lengths.tolist()) == ([5, 0], [3, 4])
    copied = join([windows, unequal()])
    assert copied.starts.tolist() == [0, 4, 5, 8, 12, 13]
    assert copied.lengths.tolist() == [4, 1, 3] * 2


@pytest.mark.parametrize(
    ("lengths", "message"),
    [([4, 1], r"shape \(2,\): pass \(3,\)"), ([4, 0, 3], "0 in window 1"), ([4, 1, 5], "5 in window 2: pass 1 to")],
    ids=["too few", "zero", "too long"],
)
def test_lengths_that_make_no_sense_are_refused(lengths, message):
    with pytest.raises(ValueError, match=message):
        unequal(lengths=torch.tensor(lengths))


def test_a_window_must_end_within_the_rows_whatever_its_length():
    with pytest.raises(ValueError, match="must lie within 8"):
        unequal(lengths=torch.tensor([4, 1, 4]))


@pytest.mark.parametrize("last", [False, True], ids=["every step", "last step"])
@pytest.mark.parametrize("targets", [False, True], ids=["classes", "targets"])
@pytest.mark.parametrize("lengths", [False, True], ids=["equal", "unequal"])
@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_labels_and_outputs_stay_together_in_pieces_of_a_batch(last, targets, lengths, k):
    """The output that is handed in names its row, so each label must meet its own."""
    windows = unequal(last, targets) if lengths else unequal(last, targets, starts=torch.tensor([0, 4]), lengths=None)
    batch = windows[torch.arange(len(windows))]
    output = windows.rows().unsqueeze(-1).expand(-1, -1, 5)
    shares, seen = [], []
    for start in range(0, 4, k):
        said, y, share = batch.labelled(output[:, start : start + k], start)
        shares.append(share)
        seen += said[..., 0].flatten().tolist()
        assert torch.equal(said[..., 0], y[..., 0] if targets else y)
    assert sum(shares) == pytest.approx(1)
    ends = ([3, 4, 7] if lengths else [3, 7]) if last else range(8)
    assert sorted(seen) == list(ends)
