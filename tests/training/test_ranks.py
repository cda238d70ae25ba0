"""Processes that share a run: each batch has the windows, and to rounding the gradient, that one process gives it."""

import copy
import threading
from dataclasses import replace

import pytest
import torch

from liquidtime.data import Windows
from liquidtime.training import CrossEntropy, Devices, Loop, Recipe, SquaredError, epoch
from liquidtime.training.epoch import backward
from liquidtime.training.ranks import OneRank, Ranks

N, T, I, OUTPUTS = 23, 8, 3, 2
RECIPE = Recipe("ltc", hidden_size=5, epochs=3, batch_size=7, learning_rate=0.01, clip=0.05, schedule="cosine")
WEIGHTED = CrossEntropy((1.0, 4.0))


class Threads(Ranks):
    """Ranks that are threads of one process; what they exchange lies in a list."""

    def __init__(self, rank, count, barrier, table):
        super().__init__(rank, count, torch.device("cpu"))
        self.barrier, self.table = barrier, table

    def exchange(self, value):
        self.table[self.rank] = value
        self.barrier.wait(60)
        found = list(self.table)
        self.barrier.wait(60)
        return found

    def average(self, model, loss):
        found = self.exchange((loss, [parameter.grad.clone() for parameter in model.parameters()]))
        losses, gradients = zip(*found, strict=True)
        for parameter, *parts in zip(model.parameters(), *gradients, strict=True):
            parameter.grad = torch.stack(parts).mean(0)
        return sum(losses) / self.count

    def broadcast(self, value):
        return copy.deepcopy(self.exchange(value)[0])


def loop_of(*arguments):
    """In double precision, where nothing but rounding is smaller than 1e-9."""
    loop = Loop(*arguments)
    loop.model.double()
    return loop


def windows(targets=False, last=False, lengths=False, seed=5):
    generator = torch.Generator().manual_seed(seed)
    rows = N * T
    x, spans = torch.randn(rows, I, generator=generator).double(), torch.rand(rows, generator=generator).double() + 0.2
    y = torch.randn(rows, OUTPUTS, generator=generator).double() if targets else (x[:, 0] > 0).long()
    told = torch.randint(1, T + 1, (N,), generator=generator) if lengths else None
    return Windows(x, y, T * torch.arange(N), T, last=last, elapsed=spans, lengths=told)


def measured(records):
    return [replace(record, seconds=0.0) for record in records]


def shared(count, *arguments):
    """The loops of so many ranks, each at its end."""
    barrier, table = threading.Barrier(count), [None] * count
    loops = [loop_of(*arguments, Threads(rank, count, barrier, table)) for rank in range(count)]
    threads = [threading.Thread(target=list, args=(loop.run(),)) for loop in loops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return loops


@pytest.mark.parametrize("truncate", [None, 3])
@pytest.mark.parametrize(
    "kind",
    [{}, {"targets": True}, {"last": True}, {"lengths": True}, {"lengths": True, "last": True}],
    ids=["classes", "numbers", "last", "lengths", "lengths, last"],
)
@pytest.mark.parametrize("count", [2, 3])
def test_ranks_together_learn_what_one_learns(count, kind, truncate):
    recipe, data = replace(RECIPE, truncate=truncate), windows(**kind)
    objective, metric = (SquaredError(), "squared_error") if kind.get("targets") else (WEIGHTED, "accuracy")
    arguments = (recipe, 3, data, windows(**kind, seed=6), objective, metric, OUTPUTS)
    one = loop_of(*arguments)
    list(one.run())
    loops = shared(count, *arguments)
    assert len({id(loop.model) for loop in loops}) == count
    for loop in loops:
        torch.testing.assert_close(loop.model.state_dict(), one.model.state_dict(), rtol=1e-9, atol=1e-9)
        for mine, its in zip(one.records, loop.records, strict=True):
            assert its.train_loss == pytest.approx(mine.train_loss, rel=1e-9)
            assert its.valid_loss == pytest.approx(mine.valid_loss, rel=1e-9)
    for loop in loops[1:]:
        torch.testing.assert_close(loop.model.state_dict(), loops[0].model.state_dict(), rtol=0, atol=0)
        assert measured(loop.records) == measured(loops[0].records)


def test_each_rank_reads_its_own_part_of_a_batch_alone(monkeypatch):
    seen = []

    def spy(model, batch, *arguments):
        seen.append(len(batch.x))
        return backward(model, batch, *arguments)

    monkeypatch.setattr(epoch, "backward", spy)
    data = windows()
    shared(2, replace(RECIPE, epochs=1), 3, data, windows(seed=6), WEIGHTED, "accuracy", OUTPUTS)
    assert sorted(seen) == [3, 3, 3, 4, 4, 4]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("size", [7, 8, 20])
def test_shares_are_disjoint_complete_and_even(count, size):
    index = torch.randperm(size, generator=torch.Generator().manual_seed(1))
    parts = [Threads(rank, count, None, None).share(index) for rank in range(count)]
    assert torch.equal(torch.cat(parts), index)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_follower_starts_where_the_first_one_stands():
    data = windows()
    arguments = (RECIPE, 3, data, windows(seed=6), WEIGHTED, "accuracy", OUTPUTS)
    whole = loop_of(*arguments)
    list(whole.run())
    barrier, table = threading.Barrier(2), [None, None]
    loops = [loop_of(*arguments, Threads(rank, 2, barrier, table)) for rank in range(2)]
    ahead = loop_of(*arguments)
    next(ahead.run())
    loops[0].model, loops[0].optimizer = ahead.model, ahead.optimizer
    loops[0].records, loops[0].best = ahead.records, ahead.best
    threads = [threading.Thread(target=list, args=(loop.run(),)) for loop in loops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [record.epoch for record in loops[1].records] == [1, 2, 3]
    torch.testing.assert_close(loops[1].model.state_dict(), loops[0].model.state_dict(), rtol=0, atol=0)
    torch.testing.assert_close(loops[1].model.state_dict(), whole.model.state_dict(), rtol=1e-9, atol=1e-9)


def test_a_batch_has_a_window_for_every_device():
    data = windows()
    with pytest.raises(ValueError, match="batch_size=7 on 8 devices: pass at least one window per device"):
        Loop(RECIPE, 3, data, data, WEIGHTED, "accuracy", OUTPUTS, Threads(0, 8, None, None))


def test_one_rank_has_everything():
    index, one = torch.arange(5), OneRank()
    assert torch.equal(one.share(index), index)
    assert one.average(torch.nn.Linear(1, 1), 0.25) == 0.25
    assert one.broadcast("x") == "x"
    assert one.first


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"devices": 0}, "devices=0: pass a whole number, at least 1"),
        ({"devices": True}, "devices=True: pass a whole number, at least 1"),
        ({"nodes": 1.5}, r"nodes=1\.5: pass a whole number, at least 1"),
        ({"accelerator": "gpu"}, "no accelerator named 'gpu'"),
    ],
    ids=["none", "truth value", "half", "unknown"],
)
def test_devices_that_make_no_sense_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Devices(**settings)


def test_several_machines_need_an_environment(monkeypatch):
    two = Devices(nodes=2)
    for name in ("NODE_RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    for wrong in ("", "2", "-1"):
        monkeypatch.setenv("NODE_RANK", wrong)
        with pytest.raises(
            ValueError, match=f"nodes=2 with NODE_RANK='{wrong}': on each machine set NODE_RANK, from 0"
        ):
            _ = two.node
    with pytest.raises(ValueError, match="MASTER_ADDR='' and MASTER_PORT='': on each machine set both"):
        _ = two.meeting
    for name, value in {"NODE_RANK": "1", "MASTER_ADDR": "head", "MASTER_PORT": "29500"}.items():
        monkeypatch.setenv(name, value)
    assert (two.node, two.meeting) == (1, ("head", 29500))
    assert Devices().node == 0
    assert Devices().meeting[0] == "127.0.0.1"
