"""What every operator of the kernels needs to be a good citizen of PyTorch."""

import importlib
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.library import custom_op

BACKENDS = {"cpu": "liquidtime.kernels.cpu.backend", "cuda": "liquidtime.kernels.gpu.backend"}
"""Per device type, the module whose functions the operators call; imported at the first call."""


class Operator:
    """An operator `torch.ops.liquidtime.name`.

    That is what `torch.compile`, `torch.export` and everything else that records sees. A plain call goes straight to
    the backend: the dispatcher's way there costs as much as a small kernel.

    Args:
        fake: a function with the operator's name and types that returns empty tensors of the right shapes.
    """

    def __init__(self, fake: Callable[..., Any]) -> None:
        self.name = fake.__name__
        self.__doc__ = fake.__doc__
        self._backends: dict[str, Callable[..., Any]] = {}
        schema = torch.library.infer_schema(fake, mutates_args=())
        on_cpu = self._on("cpu")
        self.op = custom_op(f"liquidtime::{self.name}", on_cpu, mutates_args=(), device_types="cpu", schema=schema)
        self.op.register_kernel("cuda")(self._on("cuda"))
        self.op.register_fake(fake)
        self.op.register_vmap(self.one_by_one)
        self.function: type[torch.autograd.Function] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Run on the device of the first argument, a tensor; all others must be there too."""
        if torch.compiler.is_compiling() or is_recorded(arguments[0]):
            return self.op(*arguments)
        transformed = torch._C._are_functorch_transforms_active()
        if transformed or (
            torch.is_grad_enabled() and any(isinstance(a, Tensor) and a.requires_grad for a in arguments)
        ):
            assert self.function is not None
            return self.function.apply(*arguments)
        return self.plain(*arguments)

    def plain(self, *arguments: Any) -> Any:
        """Without any derivative."""
        return self.backend(arguments[0].device.type)(*arguments)

    def backend(self, device: str) -> Callable[..., Any]:
        """The function that does the work on a device.

        Raises:
            NotImplementedError: there is none, as where a program exported on the CPU moves to a GPU.
        """
        if device not in self._backends:
            function = getattr(importlib.import_module(BACKENDS[device]), self.name, None)
            if function is None:
                raise NotImplementedError(
                    f'{self.name} has no kernel for {device}: build the layer with kernel="reference"'
                )
            self._backends[device] = function
        return self._backends[device]

    def _on(self, device: str) -> Callable[..., Any]:
        return lambda *arguments: self.backend(device)(*arguments)

    def one_by_one(self, info: Any, in_dims: Sequence[int | None], *arguments: Any) -> tuple[Any, Any]:
        """The members of an ensemble one after another: each keeps the machine busy on its own."""

        def of(n: int) -> list[Any]:
            return [a if dim is None else a.select(dim, n) for a, dim in zip(arguments, in_dims, strict=True)]

        members = [self(*of(n)) for n in range(info.batch_size)]
        return tuple(torch.stack(outputs) for outputs in zip(*members, strict=True)), (0,) * len(members[0])


def is_recorded(tensor: Tensor) -> bool:
    """Whether somebody looks on who must see an operator: a fake tensor or another subclass, a mode that records."""
    return type(tensor) not in (Tensor, torch.nn.Parameter) or torch._C._len_torch_dispatch_stack() > 0


def like(tensor: Tensor) -> Tensor:
    """A contiguous tensor of the same shape, type and device."""
    return tensor.new_empty(tensor.shape)


def differentiable(
    forward: Operator,
    backward: Operator,
    save: Callable[[Any, tuple[Any, ...], Any], None],
    pull: Callable[..., Any],
) -> None:
    """Join an operator with the one that computes its gradient; a second derivative raises.

    Args:
        forward: the operator.
        backward: its gradient.
        save: keeps on `ctx` what `pull` needs, given inputs and output.
        pull: from `ctx` and the gradients of the outputs to those of the inputs.
    """

    def set_up(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.set_materialize_grads(False)
        save(ctx, inputs, output)

    def refuse(ctx: Any, *grads: Tensor) -> None:
        raise NotImplementedError(
            'a second derivative through a kernel: build the layer with kernel="reference", which has them all'
        )

    def pull_resolved(ctx: Any, *grads: Tensor | None) -> Any:
        if any(torch._C._functorch.is_legacy_batchedtensor(g) for g in grads if g is not None):
            raise NotImplementedError(
                'is_grads_batched=True through a kernel: use torch.func, or build the layer with kernel="reference"'
            )
        return pull(ctx, *(g if g is None else g.resolve_neg() for g in grads))

    forward.function = _function(forward, set_up, pull_resolved)
    backward.function = _function(backward, lambda ctx, inputs, output: None, refuse)
    forward.op.register_autograd(pull_resolved, setup_context=set_up)
    backward.op.register_autograd(refuse, setup_context=lambda ctx, inputs, output: None)


def _function(
    operator: Operator, set_up: Callable[[Any, tuple[Any, ...], Any], None], pull: Callable[..., Any]
) -> type[torch.autograd.Function]:
    """The operator as a function that autograd and the transforms of `torch.func` know how to differentiate."""

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(*arguments: Any) -> Any:
            return operator.plain(*arguments)

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
            set_up(ctx, inputs, output)

        @staticmethod
        def backward(ctx: Any, *grads: Tensor | None) -> Any:
            return pull(ctx, *grads)

        @staticmethod
        def vmap(info: Any, in_dims: Sequence[int | None], *arguments: Any) -> tuple[Any, Any]:
            return operator.one_by_one(info, in_dims, *arguments)

    return Function
