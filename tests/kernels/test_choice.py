"""Which kernel runs, and life where none can."""

from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from kernel_tools import KINDS, X, python
from liquidtime import CTGRU, LTC, Adaptive, Adjoint
from liquidtime.kernels.cpu import entry


def test_a_layer_says_what_runs():
    class Own(torch.nn.Module):
        def forward(self, x: Tensor, u: Tensor) -> Tensor:
            return torch.sigmoid(x)

    assert [KINDS[kind](3, 5).kernel for kind in KINDS] == ["numba"] * len(KINDS)
    assert LTC(3, 5, kernel="reference").kernel == "reference"
    assert LTC(3, 5, solver=Adaptive()).kernel == "reference"
    assert LTC(3, 5, f=Own()).kernel == "reference"
    assert LTC(3, 5).to(torch.bfloat16).kernel == "reference"
    assert LTC(3, 5).to("meta").kernel == "reference"
    assert CTGRU(3, 5, kernel="reference").kernel == "reference"
    assert CTGRU(3, 5).to(torch.bfloat16).kernel == "reference"
    assert repr(LTC(3, 5, kernel="numba")) == "LTC(3, 5, solver=Fused(substeps=6), kernel='numba')"
    assert repr(CTGRU(3, 5, kernel="numba")) == "CTGRU(3, 5, kernel='numba')"


def test_a_ct_gru_runs_on_the_reference_where_there_is_a_gpu():
    with FakeTensorMode():
        state = torch.empty(4, 40, device="cuda")
    kernels = [CTGRU(3, 5, kernel=setting).cells[0].kernel for setting in ("auto", "triton")]
    assert kernels[0](state) == "reference"
    with pytest.raises(ValueError, match=r'kernel="triton": there is none for CTGRU but on the CPU; kernel="auto"'):
        kernels[1](state)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: LTC(3, 5, kernel="fast"), r"kernel='fast': choose one of 'auto', 'reference', 'numba', 'triton'"),
        (lambda: LTC(3, 5, kernel=None), r"kernel=None: choose one of"),
        (lambda: CTGRU(3, 5, kernel="fast"), r"kernel='fast': choose one of"),
        (lambda: CTGRU(3, 5, kernel="numba").to(torch.float16)(X.half()), r"there is none for torch.float16"),
        (lambda: LTC(3, 5, kernel="numba", solver=Adaptive())(X), r"numba.*there is none for LTCDynamics .*Adaptive"),
        (lambda: LTC(3, 5, kernel="numba").to(torch.float16)(X.half()), r"there is none for torch.float16"),
        (lambda: LTC(3, 5, kernel="numba", solver=Adaptive(), gradient=Adjoint())(X), r"gradient=Adjoint\(\)"),
        (lambda: LTC(3, 5, kernel="triton")(X), r'kernel="triton": the tensors are on cpu; kernel="auto" takes the'),
    ],
)
def test_a_kernel_that_cannot_serve_is_refused_by_name(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_a_machine_without_numba_runs_on_the_reference_with_one_warning():
    code = """
import sys, warnings
sys.modules["numba"] = None
import torch, liquidtime
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    rnn = liquidtime.LTC(3, 5)
    output = rnn(torch.zeros(2, 4, 3))[0]
    output.sum().backward()
    liquidtime.ConductanceLTC(3, 5).stream()(torch.zeros(3))
print(rnn.kernel, len(caught), "kernel=\\"numba\\" cannot be compiled here" in str(caught[0].message))
"""
    done = python(code)
    assert done.stdout.split() == ["reference", "1", "True"], done.stderr


def test_compiled_kernels_are_announced_once_and_kept(tmp_path):
    code = "import torch, liquidtime; liquidtime.LTC(3, 5)(torch.zeros(2, 4, 3))"
    first, second = (python(code, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2))
    assert "compiling the perceptron kernel for this machine" in first.stderr
    assert second.stderr == ""
    assert list(tmp_path.rglob("*.nbc"))


@pytest.mark.parametrize("kind", ["ConductanceLTC", "LTC", "CTGRU"])
def test_a_process_that_compiles_and_one_that_loads_compute_the_same_bits(kind, tmp_path):
    code = f"""
import hashlib, torch, liquidtime
digest = hashlib.sha256()
for B, T, I, H in ((16, 32, 32, 32), (5, 7, 3, 19), (3, 40, 1, 64)):
    torch.manual_seed(0)
    rnn, x = liquidtime.{kind}(I, H, batch_first=True), torch.randn(B, T, I, requires_grad=True)
    output = rnn(x, timespans=torch.rand(B, T))[0]
    output.square().sum().backward()
    for tensor in (output.detach(), x.grad, *(parameter.grad for parameter in rnn.parameters())):
        digest.update(tensor.numpy().tobytes())
print(digest.hexdigest())
"""
    cold, warm = (python(code, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2))
    assert "compiling" in cold.stderr
    assert warm.stderr == ""
    assert cold.stdout == warm.stdout != ""


def test_a_kernel_cut_off_on_the_disk_is_made_again(tmp_path):
    code = "import torch, liquidtime; l = liquidtime.LTC(3, 5); l(torch.zeros(2, 4, 3)); print(l.kernel)"
    python(code, NUMBA_CACHE_DIR=str(tmp_path))
    for file in tmp_path.rglob("*.nbc"):
        file.write_bytes(file.read_bytes()[:100])
    done = python(code, NUMBA_CACHE_DIR=str(tmp_path))
    assert done.stdout.split() == ["numba"], done.stderr


@pytest.mark.parametrize("trouble", ["a full disk", "no folder"])
def test_kernels_that_cannot_be_kept_still_run(tmp_path, trouble):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0));" if trouble == "a full disk" else ""
    (tmp_path / "file").write_text("no folder")
    folder = tmp_path / "kernels" if trouble == "a full disk" else tmp_path / "file" / "kernels"
    code = f"import torch, liquidtime;{limit} l = liquidtime.LTC(3, 5); l(torch.zeros(2, 4, 3)); print(l.kernel)"
    done = python(code, NUMBA_CACHE_DIR=str(folder))
    assert done.stdout.split() == ["numba"], done.stderr
    assert not list(tmp_path.rglob("*.nbc"))


def test_a_forked_child_can_use_kernels():
    code = """
import os, torch, liquidtime
from liquidtime.kernels.cpu import entry
entry.WORTH_A_THREAD = 1
rnn, x = liquidtime.LTC(3, 5), torch.randn(4, 40, 3)
expected = rnn(x)[0]
child = os.fork()
if child == 0:
    os._exit(0 if torch.equal(rnn(x)[0], expected) else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    done = python(code)
    assert done.stdout.split() == ["0"], done.stderr


def test_importing_the_kernels_brings_no_compiler():
    done = python(
        "import sys, liquidtime.kernels; print([n for n in ('numba', 'llvmlite', 'triton') if n in sys.modules])"
    )
    assert done.stdout.strip() == "[]", done.stderr
    assert Path(entry.__file__).exists()
