"""Items and cells on a Ray cluster of two workers. Ray is large, so these tests run by a command of their own."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from cluster_items import dies_at_three, fails_at_three, last_of_all, noted, scores, square, threads
from grid_items import Follower
from liquidtime.comparison import cells, run_cells
from liquidtime.grid import ClusterError, KilledError, each

pytestmark = [pytest.mark.ray, pytest.mark.filterwarnings("default")]
TESTS = Path(__file__).resolve().parents[1]
HEAD = "--head --port 6399 --num-cpus 2 --include-dashboard false --node-ip-address 127.0.0.1"


def ray(*options):
    """A Ray command of the environment that runs the tests."""
    paths = os.pathsep.join([str(TESTS), *sys.path])
    command = [sys.executable, "-c", "from ray.scripts.scripts import main; main()", *options]
    environment = os.environ | {"PYTHONPATH": paths, "RAY_USAGE_STATS_ENABLED": "0"}
    subprocess.run(command, env=environment, capture_output=True, check=True)


@pytest.fixture(scope="module", autouse=True)
def head():
    ray("start", *HEAD.split())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "token")
        yield
    ray("stop", "--force")


@pytest.fixture
def address():
    return "ray://auto"


def test_every_item_is_computed_once_however_many_are_there_at_a_time(address):
    numbers = [*range(9), 4]
    for workers in (None, 1):
        assert sorted(each(square, numbers, workers, address)) == sorted(map(square, numbers))


def test_results_come_as_they_are_done_each_from_one_thread(address, tmp_path):
    assert list(each(last_of_all, [tmp_path / str(number) for number in range(5)], None, address))[-1] == "0"
    assert list(each(threads, range(4), None, address)) == [1] * 4


def test_closing_ends_what_is_computed_and_what_waits(address, tmp_path):
    files = [tmp_path / str(number) for number in range(30)]
    with closing(each(noted, files, None, address)) as results:
        next(results)
    assert sorted(each(square, range(3), None, address)) == [0, 1, 4]
    assert sum(file.exists() for file in files) < 10


def test_an_error_of_an_item_is_raised_as_it_was(address):
    with pytest.raises(ValueError, match=r"^no data set three$"):
        list(each(fails_at_three, range(5), None, address))


def test_a_worker_that_dies_takes_no_other_item_along(address):
    found = []
    with pytest.raises(KilledError, match=f"^a worker of {address} was lost, perhaps for want of memory: give each"):
        found.extend(each(dies_at_three, range(6), 2, address))
    assert sorted(found) == [0, 1, 2, 4, 5]


def test_a_cluster_that_is_not_there_is_an_error():
    with pytest.raises(ClusterError, match=r"^cluster='ray://127.0.0.1:1' cannot be reached: start it"):
        list(each(square, range(3), None, "ray://127.0.0.1:1"))


@pytest.mark.parametrize("address", ["ray://auto", "ray://127.0.0.1:10001"])
def test_cells_on_a_cluster_have_the_scores_of_cells_here(address, tmp_path):
    grid = cells(["occupancy"], ["lstm", "gru"], 1, ["paper"], ["tuned"], epochs=1)
    here, failures = run_cells(grid, tmp_path / "here", 1, Follower())
    there, further = run_cells(grid, tmp_path / "there", None, Follower(), address)
    assert failures == further == {}
    assert len(there) == 2
    assert scores(there) == scores(here)
