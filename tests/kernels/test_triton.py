"""The Triton kernels, in Triton's interpreter, are nothing but the CPU kernels: the same outputs and gradients."""

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
import torch
from torch import Tensor

from liquidtime.kernels.cpu import backend as cpu
from liquidtime.kernels.methods import STAGES

GPU = "liquidtime.kernels.gpu"
SIZES = {"small": (3, 4, 2, 5), "blocks": (2, 1, 3, 70)}
"""T, B, I, H. A layer of 70 neurons is read in blocks of rows, its last one not full."""

SUBSTEPS = 2
TOLERANCE = {torch.float64: 1e-12, torch.float32: 1e-5}
KINDS = [("conductance",), ("perceptron", "sigmoid", True), ("perceptron", "tanh", True), ("perceptron", "tanh", False)]
SETTINGS = [(*kind, method) for kind in KINDS for method in STAGES]
BOUNDED = [one for one in SETTINGS if one[-1] not in ("explicit_euler", "rk4") and one[1] != "sigmoid"]


@pytest.fixture(scope="module")
def gpu() -> Iterator[ModuleType]:
    """The backend with its kernels interpreted; afterwards, no trace of it."""
    pytest.importorskip("triton", reason="the kernels for GPUs are written in Triton")
    import triton.language as tl
    from triton.runtime.interpreter import InterpretedFunction

    parent = importlib.import_module("liquidtime.kernels")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRITON_INTERPRET", "1")
        patch.setattr(parent, "gpu", None, raising=False)
        # Triton's own functions are interpreted only if the variable is set when they are imported.
        if not isinstance(tl.sum, InterpretedFunction):
            patch.setattr(tl, "sum", InterpretedFunction(tl.sum.fn))
        for name in [name for name in sys.modules if name.startswith(GPU)]:
            patch.delitem(sys.modules, name)
        yield importlib.import_module(f"{GPU}.backend")
        for name in [name for name in sys.modules if name.startswith(GPU)]:
            del sys.modules[name]


def problem(kind: str, sizes: tuple[int, int, int, int], lengths: list[int], reach: float = 1.0) -> list[Tensor]:
    """The tensors of a forward pass in float64, and the gradient of the states last."""
    T, B, I, H = sizes
    draw = torch.Generator().manual_seed(T + B)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=draw, dtype=torch.float64)

    u, spans, start = normal(T, B, I), normal(T, B).abs() / 2, normal(B, H)
    u[0] *= reach
    spans[0, :1] = 0
    spans[-1] *= reach
    there = torch.arange(T)[:, None] < torch.tensor(lengths)
    if kind == "conductance":
        parameters = [normal(H), normal(H).abs() + 0.1]
        for J in (I, H):
            parameters += [3 * normal(J, H), normal(J, H), normal(J, H).abs() / J, normal(J, H) / J]
    else:
        parameters = [normal(H, I), normal(H, H) / H**0.5, normal(H), normal(H), normal(H).abs()]
    return [u * there[..., None], spans * there, torch.tensor(lengths), start, *parameters, normal(T, B, H)]


def of_type(tensors: list[Tensor], dtype: torch.dtype) -> list[Tensor]:
    return [one.to(dtype) if one.is_floating_point() else one for one in tensors]


def run(backend: ModuleType, tensors: list[Tensor], kind: str, *setting: object) -> list[Tensor]:
    """States, all that is kept of samples that are there, and the gradients."""
    *given, g_states = tensors
    lengths, parameters = given[2], given[4:]
    there = torch.arange(len(g_states))[:, None] < lengths
    states, *kept = getattr(backend, f"{kind}_forward")(*given, *setting, SUBSTEPS, True)
    held = parameters[2:] if kind == "conductance" else parameters
    saved = (*given[:4], states, *kept, *held)
    g_u, g_spans, *rest = getattr(backend, f"{kind}_backward")(g_states, *saved, *setting, SUBSTEPS)
    kept = [one.transpose(1, 2)[there] for one in kept]
    return [states, *kept, g_u, torch.where(there, g_spans, 0), *rest]


def error(ours: Tensor, theirs: Tensor) -> float:
    """max|a − b| / max|b|."""
    assert ours.shape == theirs.shape
    assert ours.isfinite().all()
    return float((ours.double() - theirs.double()).abs().max() / theirs.abs().max().clamp(min=1e-30))


def largest_error(gpu: ModuleType, setting: tuple, tensors: list[Tensor], dtype: torch.dtype) -> float:
    """Of outputs and gradients, against the CPU kernel in float64 on the very same numbers."""
    rounded = of_type(tensors, dtype)
    ours, theirs = run(gpu, rounded, *setting), run(cpu, of_type(rounded, torch.float64), *setting)
    assert all(one.dtype == dtype for one in ours)
    return max(error(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_forward_and_gradients_equal_the_cpu_kernel(gpu, setting, dtype):
    tensors = problem(setting[0], SIZES["small"], [3, 2, 0, 1])
    assert largest_error(gpu, setting, tensors, dtype) < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("setting", [("conductance", "rk4"), ("perceptron", "tanh", True, "rk4")], ids=str)
def test_layers_read_in_blocks_equal_the_cpu_kernel(gpu, setting, dtype):
    tensors = problem(setting[0], SIZES["blocks"], [2])
    assert largest_error(gpu, setting, tensors, dtype) < TOLERANCE[dtype]


@pytest.mark.parametrize("setting", BOUNDED, ids=str)
def test_saturation_and_long_spans_equal_the_cpu_kernel(gpu, setting):
    tensors = problem(setting[0], SIZES["small"], [3, 3, 1, 2], reach=1e6)
    assert largest_error(gpu, setting, tensors, torch.float32) < TOLERANCE[torch.float32]


@pytest.mark.parametrize("kind", ["conductance", "perceptron"])
def test_bfloat16_equals_the_cpu_kernel_to_its_precision(gpu, kind):
    setting = (kind, "fused") if kind == "conductance" else (kind, "sigmoid", True, "fused")
    tensors = problem(kind, SIZES["small"], [3, 2, 0, 1])
    assert largest_error(gpu, setting, tensors, torch.bfloat16) < 0.05


@pytest.mark.parametrize("kind", ["conductance", "perceptron"])
def test_rows_that_share_a_program_equal_the_cpu_kernel(gpu, kind, monkeypatch):
    monkeypatch.setattr(gpu, "PROGRAMS", 3)
    setting = (kind, "fused") if kind == "conductance" else (kind, "tanh", True, "fused")
    tensors = problem(kind, (2, 7, 3, 5), [2, 1, 2, 0, 2, 2, 1])
    assert largest_error(gpu, setting, tensors, torch.float64) < TOLERANCE[torch.float64]


@pytest.mark.parametrize("setting", SETTINGS[:10], ids=str)
def test_no_time_leaves_the_state_exactly_as_it_is_whatever_the_input(gpu, setting):
    kind, *rest = setting
    u, spans, lengths, start, *parameters, _ = of_type(problem(kind, SIZES["small"], [3, 3, 1, 0]), torch.float32)
    spans[1], u[1] = 0, torch.nan
    forward = getattr(gpu, f"{kind}_forward")
    states = forward(u, spans, lengths, start, *parameters, *rest, SUBSTEPS, False)[0]
    assert torch.equal(states[1], states[0])
    assert torch.equal(states[2, 2], states[1, 2])
    assert torch.equal(states[:, 3], start[3].expand(3, -1))
    assert not torch.equal(states[2, :2], states[1, :2])


@pytest.mark.parametrize("kind", ["conductance", "perceptron"])
def test_nothing_is_kept_unless_asked_for(gpu, kind):
    *given, _ = problem(kind, SIZES["small"], [3, 2, 0, 1])
    setting = ("fused", 1) if kind == "conductance" else ("tanh", False, "fused", 1)
    forward = getattr(gpu, f"{kind}_forward")
    states, *kept = forward(*given, *setting, True)
    bare, *nothing = forward(*given, *setting, False)
    assert torch.equal(states, bare)
    assert [one.shape for one in kept] == [(3, 1, 4, 8)] * len(kept)
    assert [one.shape for one in nothing] == [(0, 1, 4, 8)] * len(kept)


@pytest.mark.parametrize("kind", ["conductance", "perceptron"])
def test_outputs_are_contiguous_and_share_no_memory(gpu, kind):
    setting = (kind, "fused") if kind == "conductance" else (kind, "sigmoid", True, "fused")
    tensors = problem(kind, SIZES["small"], [3, 2, 3, 3])
    *given, g_states = tensors
    states, *kept = getattr(gpu, f"{kind}_forward")(*given, *setting[1:], SUBSTEPS, True)
    held = given[6:] if kind == "conductance" else given[4:]
    saved = (*given[:4], states, *kept, *held)
    outputs = [states, *kept]
    outputs += getattr(gpu, f"{kind}_backward")(g_states, *saved, *setting[1:], SUBSTEPS)
    assert all(one.is_contiguous() for one in outputs)
    memory = [one.untyped_storage().data_ptr() for one in (*tensors, *outputs)]
    assert len(set(memory)) == len(memory)


@pytest.mark.parametrize("kind", ["conductance", "perceptron"])
def test_an_empty_batch_has_zero_gradients(gpu, kind):
    setting = (kind, "rk4") if kind == "conductance" else (kind, "sigmoid", True, "rk4")
    states, *rest = run(gpu, problem(kind, (3, 0, 2, 5), []), *setting)
    assert states.shape == (3, 0, 5)
    assert all((one == 0).all() for one in rest)
