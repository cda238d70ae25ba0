"""Streams on the kernels."""

import copy
import pickle
import threading

import torch

from kernel_tools import over_kinds, pair
from liquidtime import LTC, ConductanceLTC


@over_kinds
def test_a_stream_can_be_copied_pickled_and_shared(kind):
    rnn = pair(kind, 3, 9)[0]
    stream, x = rnn.stream(), torch.randn(5, 3)
    stream(x[0], 0.5)
    for other in (copy.deepcopy(stream), pickle.loads(pickle.dumps(stream))):
        assert torch.equal(other.state, stream.state)
        assert torch.equal(other(x[1]), rnn(x[:2], timespans=torch.tensor([0.5, 1.0]))[0][1])
    assert torch.equal(stream(x[1]), rnn(x[:2], timespans=torch.tensor([0.5, 1.0]))[0][1])


def test_a_stream_takes_any_batch_and_mode():
    rnn, x = LTC(3, 5), torch.randn(4, 3)
    stream = rnn.stream()
    with torch.inference_mode():
        first = stream(x)
    assert torch.equal(stream(x, torch.full((4,), 0.3)), rnn.step(x, first[None].clone(), 0.3)[0])
    assert rnn.stream()(torch.zeros(0, 3)).shape == (0, 5)


def test_a_stream_in_many_threads_gives_no_other_numbers_than_its_own():
    stream, bad = ConductanceLTC(3, 128).stream(), []

    def work() -> None:
        outputs = [stream(torch.randn(8, 3)) for _ in range(40)]
        bad.extend(output for output in outputs if not (output.abs() < 2).all())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bad == []
