"""Items and cells on a Ray cluster of two workers. Ray is large, so these tests run by a command of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cluster_items import scores, square
from cluster_promises import ClusterPromises
from grid_items import Follower
from liquidtime.comparison import cells, run_cells
from liquidtime.grid import ClusterError, each

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


class TestRay(ClusterPromises):
    """On a head of two CPUs, from its own machine."""

    @pytest.fixture
    def address(self):
        return "ray://auto"


def test_a_cluster_that_is_not_there_is_an_error():
    with pytest.raises(ClusterError, match=r"^cluster='ray://127.0.0.1:1' cannot be reached: start it"):
        list(each(square, range(3), None, "ray://127.0.0.1:1"))


def test_cells_sent_from_elsewhere_have_the_scores_of_cells_here(tmp_path):
    grid = cells(["occupancy"], ["lstm", "gru"], 1, ["paper"], ["tuned"], epochs=1)
    here, failures = run_cells(grid, tmp_path / "here", 1, Follower())
    there, further = run_cells(grid, tmp_path / "there", None, Follower(), "ray://127.0.0.1:10001")
    assert failures == further == {}
    assert len(there) == 2
    assert scores(there) == scores(here)
