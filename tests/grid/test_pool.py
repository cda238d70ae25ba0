"""One function over many items: as they are done, one thread each, and nothing left behind."""

import os
import time
from contextlib import closing

import pytest
import torch

from grid_items import die, fail, slow, square, threads, wait_for_the_second
from liquidtime.grid import KilledError, each


@pytest.mark.parametrize("workers", [1, 2])
def test_every_item_is_done_once_whatever_the_number_of_workers(workers):
    assert sorted(each(square, [3, 1, 2], workers)) == [1, 4, 9]
    assert list(each(square, [], workers)) == []


def test_results_come_as_they_are_done(tmp_path):
    items = [str(tmp_path / name) for name in ("first", "second")]
    assert list(each(wait_for_the_second, items, 2)) == ["second", "first"]
    (tmp_path / "second").touch()
    assert list(each(wait_for_the_second, items, 1)) == ["first", "second"]


@pytest.mark.parametrize("workers", [1, 2])
def test_each_item_has_one_thread_and_the_caller_keeps_its_own(workers):
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        found = list(each(threads, [1, 2, 3], workers))
        assert {count for count, _ in found} == {1}
        assert ({process for _, process in found} == {os.getpid()}) == (workers == 1)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_the_function_arrives(workers):
    with pytest.raises(KeyError, match="number 2"):
        list(each(fail, [1, 2, 3, 4], workers))


@pytest.mark.parametrize("items", [[1, 2, 3, 4], [3]], ids=["among others", "alone"])
def test_a_killed_process_is_an_error_and_takes_nobody_along(items):
    with pytest.raises(KilledError, match="pass fewer workers"):
        list(each(die, items, 2))
    assert sorted(each(square, [1, 2], 2)) == [1, 4]


@pytest.mark.parametrize("workers", [1, 2])
def test_closing_ends_the_work(tmp_path, workers):
    items = [str(tmp_path / str(number)) for number in range(30)]
    with closing(each(slow, items, workers)) as results:
        next(results)
    begun = len(list(tmp_path.iterdir()))
    assert begun < 30
    time.sleep(0.5)
    assert len(list(tmp_path.iterdir())) == begun


@pytest.mark.parametrize("workers", [0, -1])
def test_less_than_one_worker_is_refused(workers):
    with pytest.raises(ValueError, match=f"workers={workers}: pass at least 1"):
        list(each(square, [1], workers))
