"""Items and cells on a Dask cluster of two workers: what processes here give, whatever befalls a worker."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from distributed import Client

from cluster_items import noted, slow_first, square
from cluster_promises import ClusterPromises
from liquidtime.grid import ClusterError, dask, each

TESTS = Path(__file__).resolve().parents[1]


@contextmanager
def started(folder, *options):
    """A Dask command in a process group of its own, which is ended with all that it started."""
    paths = os.pathsep.join([str(TESTS), *sys.path])
    once = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with open(folder / "log", "ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *options],
            stdout=log,
            stderr=log,
            env=os.environ | {"PYTHONPATH": paths} | once,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def scheduler(folder):
    address = f"tcp://127.0.0.1:{free_port()}"
    port = address.rpartition(":")[2]
    with started(folder, "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard") as process:
        yield address, process


def worker(folder, address, *options):
    return started(folder, "worker", address, "--host", "127.0.0.1", "--no-dashboard", *options)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dask")
    with scheduler(folder) as (place, _), worker(folder, place, "--nthreads", "1", "--nworkers", "2"):
        wait_for(place, 2)
        yield place


def wait_for(address, workers=0):
    with Client(address, timeout=60, set_as_default=False) as client:
        if workers:
            client.wait_for_workers(workers, timeout=60)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class TestDask(ClusterPromises):
    """On a scheduler with two worker processes."""


def test_no_more_items_are_there_than_workers_were_asked_for(address, tmp_path):
    files = [tmp_path / str(number) for number in range(6)]
    with closing(each(noted, files, 1, address)) as results:
        next(results)
        assert sum(file.exists() for file in files) <= 2


def test_a_worker_of_several_threads_is_refused(tmp_path):
    with scheduler(tmp_path) as (address, _), worker(tmp_path, address, "--nthreads", "2"):
        wait_for(address, 1)
        with pytest.raises(ClusterError, match="runs 2 threads: start it with --nthreads 1"):
            list(each(square, range(3), None, address))


def test_workers_that_are_missing_or_all_gone_are_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(dask, "PATIENCE", 0.5)
    with scheduler(tmp_path) as (address, _):
        wait_for(address)
        with pytest.raises(ClusterError, match="has no workers: start some"):
            list(each(square, range(3), None, address))
        with worker(tmp_path, address, "--nthreads", "1", "--no-nanny") as process:
            wait_for(address, 1)
            results = each(slow_first, [1, 0, 2], 1, address)
            assert next(results) == 1
            process.kill()
            with pytest.raises(ClusterError, match="has no workers: start some"):
                list(results)


def test_a_scheduler_that_is_killed_is_an_error(tmp_path):
    with scheduler(tmp_path) as (address, process), worker(tmp_path, address, "--nthreads", "1"):
        wait_for(address, 1)
        results = each(slow_first, [1, 0, 2], 2, address)
        assert next(results) == 1
        process.kill()
        with pytest.raises(ClusterError, match=f"cluster='{address}' was lost: start it, then give the command again"):
            list(results)


def test_an_address_where_nothing_listens_is_an_error():
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(ClusterError, match=f"^cluster='{address}' cannot be reached: start a scheduler there"):
        list(each(square, range(3), None, address))
