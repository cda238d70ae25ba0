"""Addresses of clusters, and what a comparison makes of workers that are lost or write elsewhere."""

import shutil
import sys

import pytest

from cluster_items import square
from grid_items import Follower
from liquidtime.comparison import cells, run_cells
from liquidtime.grid import ClusterError, each, pool
from liquidtime.grid.cluster import Cluster, LostError

GRID = cells(["occupancy"], ["gru", "lstm", "ltc"], 1, ["paper"], ["published"])


@pytest.mark.parametrize(
    "address",
    [
        *("", "head", "head:8786", "http://head:8786", "tcp:/head:8786", "ray://", "auto"),
        *("tcp://head", "tcp://head:x", "tls://head:8/x", "tcp://:8786", "tcp://auto"),
    ],
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(ValueError, match=f"cluster='{address}': pass tcp://HOST:8786 of a Dask scheduler, ray://"):
        list(each(square, [1], 1, address))


@pytest.mark.parametrize(
    ("address", "package"), [("tcp://head:8786", "distributed"), ("tls://head:1", "distributed"), ("ray://auto", "ray")]
)
def test_a_package_that_is_missing_is_named(address, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ClusterError, match=rf"the package {package} is missing: pip install 'liquidtime\[cluster\]'"):
        list(each(square, [1], 1, address))


def test_workers_are_positive_on_a_cluster_too():
    with pytest.raises(ValueError, match="workers=0: pass at least 1"):
        list(each(square, [1], 0, "tcp://head:8786"))


class Fake(Cluster):
    """Loses the worker of every lstm, and calls all other cells done."""

    begun = None

    def __init__(self, address, function):
        self.function, self.jobs = function, []

    def submit(self, item):
        self.jobs.append(item)

    def take(self):
        job = self.jobs.pop()
        self.begun.append(job.cell.model)
        if job.cell.model == "lstm":
            raise LostError
        return self.function(job)

    def close(self):
        assert self.jobs == []


@pytest.fixture
def address(monkeypatch):
    monkeypatch.setitem(pool.CLUSTERS, "tcp", Fake)
    monkeypatch.setattr(Fake, "begun", [])
    return "tcp://fake:1"


def test_a_cell_whose_worker_is_lost_twice_is_reported_and_takes_no_other_along(address, tmp_path):
    grid = cells(["occupancy"], ["gru", "lstm"], 1, ["paper"], ["tuned"], epochs=1)
    follower = Follower()
    done, failures = run_cells(grid, tmp_path, None, follower, address)
    assert [one.cell.model for one in done] == ["gru"]
    assert [cell.model for cell in failures] == ["lstm"]
    reason = f"a worker of {address} was lost, perhaps for want of memory: give each machine fewer workers"
    assert list(failures.values()) == [reason]
    assert sorted(Fake.begun) == ["gru", "lstm", "lstm"]
    assert follower.told[0] == (0, 2)
    assert [(cell.model, failure) for cell, failure in follower.told[1:]] == [("gru", None), ("lstm", reason)]


def test_a_worker_that_does_not_see_the_folder_says_so(address, tmp_path, monkeypatch):
    monkeypatch.setattr(Fake, "submit", lambda self, job: (shutil.rmtree(tmp_path / "cells"), self.jobs.append(job)))
    _, failures = run_cells(GRID[:1], tmp_path, None, Follower(), address)
    (reason,) = failures.values()
    assert reason.startswith(f"{tmp_path} is not there on ")
    assert reason.endswith("one folder that all of them see under one path (--out)")


def test_a_worker_that_writes_elsewhere_is_found_out(address, tmp_path, monkeypatch):
    class Elsewhere(Fake):
        def take(self):
            done = super().take()
            shutil.rmtree(tmp_path / "cells")
            return done

    monkeypatch.setitem(pool.CLUSTERS, "tcp", Elsewhere)
    grid = cells(["occupancy"], ["gru"], 1, ["paper"], ["tuned"], epochs=1)
    done, failures = run_cells(grid, tmp_path, None, Follower(), address)
    assert done == []
    assert list(failures) == grid
    assert failures[grid[0]].endswith(
        "lacks the score that counts: the machines of a cluster need one folder that all of "
        "them see under one path (--out)"
    )
