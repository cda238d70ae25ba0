"""What every engine of a cluster of two workers promises; a test file names the engine by its fixture `address`."""

from contextlib import closing

import pytest

from cluster_items import dies_at_three, fails_at_three, last_of_all, noted, scores, square, threads
from grid_items import Follower
from liquidtime.comparison import cells, kept_cells, run_cells
from liquidtime.grid import KilledError, each


class ClusterPromises:
    """Items and cells give what they give in processes here, whatever befalls a worker."""

    @pytest.mark.parametrize("workers", [None, 1, 2, 50])
    def test_every_item_is_computed_once_however_many_are_there_at_a_time(self, address, workers):
        numbers = [*range(9), 4]
        assert sorted(each(square, numbers, workers, address)) == sorted(map(square, numbers))
        assert list(each(square, [], workers, address)) == []

    def test_results_come_as_they_are_done(self, address, tmp_path):
        order = list(each(last_of_all, [tmp_path / str(number) for number in range(5)], None, address))
        assert sorted(order) == list("01234")
        assert order[0] != "0"

    def test_each_item_has_one_thread(self, address):
        assert list(each(threads, range(4), None, address)) == [1] * 4

    def test_closing_ends_what_is_computed_and_what_waits(self, address, tmp_path):
        files = [tmp_path / str(number) for number in range(30)]
        with closing(each(noted, files, None, address)) as results:
            next(results)
        assert sorted(each(square, range(3), None, address)) == [0, 1, 4]
        assert sum(file.exists() for file in files) < 10

    def test_an_error_of_an_item_is_raised_as_it_was(self, address):
        with pytest.raises(ValueError, match=r"^no data set three$"):
            list(each(fails_at_three, range(5), None, address))

    def test_a_worker_that_dies_takes_no_other_item_along(self, address):
        found = []
        with pytest.raises(
            KilledError, match=f"^a worker of {address} was lost, perhaps for want of memory: give each"
        ):
            found.extend(each(dies_at_three, range(6), 2, address))
        assert sorted(found) == [0, 1, 2, 4, 5]

    def test_cells_have_the_scores_of_cells_here(self, address, tmp_path, monkeypatch):
        grid = cells(["occupancy"], ["lstm", "gru"], 1, ["paper"], ["tuned"], epochs=1)
        here, failures = run_cells(grid, tmp_path / "here", 1, Follower())
        assert failures == {}
        monkeypatch.chdir(tmp_path)
        there, failures = run_cells(grid, "there", None, Follower(), address)
        assert failures == {}
        assert len(there) == 2
        assert scores(there) == scores(here) == scores(kept_cells(tmp_path / "there"))
        follower = Follower()
        run_cells(grid, "there", None, follower, address)
        assert follower.told == [(2, 2)]

    def test_a_cell_that_fails_stops_no_other(self, address, tmp_path, monkeypatch):
        monkeypatch.delenv("LIQUIDTIME_DATA", raising=False)
        grid = cells(["person", "occupancy"], ["gru"], 1, ["paper"], ["published"], epochs=1)
        done, failures = run_cells(grid, tmp_path, None, Follower(), address)
        assert [one.cell.data for one in done] == ["occupancy"]
        assert [cell.data for cell in failures] == ["person"]
