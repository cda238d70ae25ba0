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

    Under `torch.compile`, `torch.export` and the transforms of `torch.func` it is what they see. A plain call goes
    straight to the backend: the dispatcher's way there costs as much as a small kernel.

    Args:
        fake: a function with the operator's name and types that returns empty tensors of the right shapes.
    """

    def __init__(self, fake: Callable[..., Any]) -> None:
        self.name = fake.__name__
        self.__doc__ = fake.__doc__
        self._backends: dict[str, Callable[..., Any]] = {}
        schema = torch.library.infer_schema(fake, mutates_args=())
        self.op = custom_op(
            f"liquidtime::{self.name}", self._on("cpu"), mutates_args=(), device_types="cpu", schema=schema
        )
        self.op.register_kernel("cuda")(self._on("cuda"))
        self.op.register_fake(fake)
        self.op.register_vmap(self._one_by_one)
        self.function: type[torch.autograd.Function] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """Run on the device of the first argument, a tensor."""
        if torch.compiler.is_compiling() or not is_plain(arguments[0]):
            return self.op(*arguments)
        if torch.is_grad_enabled() and any(isinstance(a, Tensor) and a.requires_grad for a in arguments):
            return self.op(*arguments) if self.function is None else self.function.apply(*arguments)
        return self.backend(arguments[0].device.type)(*arguments)

    def backend(self, device: str) -> Callable[..., Any]:
        """The function that does the work on a device."""
        if device not in self._backends:
            self._backends[device] = getattr(importlib.import_module(BACKENDS[device]), self.name)
        return self._backends[device]

    def _on(self, device: str) -> Callable[..., Any]:
        return lambda *arguments: self.backend(device)(*arguments)

    def _one_by_one(self, info: Any, in_dims: Sequence[int | None], *arguments: Any) -> tuple[Any, Any]:
        """The members of an ensemble one after another: each keeps the machine busy on its own."""

        def of(n: int) -> list[Any]:
            return [a if dim is None else a.select(dim, n) for a, dim in zip(arguments, in_dims, strict=True)]

        members = [self.op(*of(n)) for n in range(info.batch_size)]
        return tuple(torch.stack(outputs) for outputs in zip(*members, strict=True)), (0,) * len(members[0])


def is_plain(tensor: Tensor) -> bool:
    """Whether a tensor holds numbers on a device that has a backend, outside the transforms of `torch.func`."""
    return type(tensor) in (Tensor, torch.nn.Parameter) and not torch._C._are_functorch_transforms_active()


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

    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *arguments: Any) -> Any:
            output = forward.backend(arguments[0].device.type)(*arguments)
            set_up(ctx, arguments, output)
            return output

        @staticmethod
        def backward(ctx: Any, *grads: Tensor | None) -> Any:
            return pull(ctx, *grads)

    forward.function = Function
    forward.op.register_autograd(pull, setup_context=set_up)
    backward.op.register_autograd(refuse, setup_context=lambda ctx, inputs, output: None)
