"""From what the caller passes to what the loop walks, and back."""

from collections.abc import Sequence as SequenceOf
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from liquidtime.layers.checks import as_tensor, check_tensor

Lengths = Tensor | SequenceOf[int]
Timespans = Tensor | PackedSequence | float


@dataclass(frozen=True)
class Layout:
    """How the caller laid the batch out, so that results return the same way."""

    batched: bool
    batch_first: bool
    packed: PackedSequence | None

    def restore(self, tensor: Tensor) -> Tensor:
        """(…, T, B, ·) → the caller's layout, with any axes before T and after B kept."""
        if not self.batched:
            return tensor.squeeze(-2)
        return tensor.transpose(-3, -2) if self.batch_first else tensor

    def restore_output(self, output: Tensor, lengths: Tensor | None) -> Tensor | PackedSequence:
        """(T, B, ·) → the caller's layout, packed if the input was."""
        if self.packed is None:
            return self.restore(output)
        assert lengths is not None
        order = self.packed.sorted_indices
        if order is not None:
            output, lengths = output.index_select(1, order), lengths.index_select(0, order)
        data = pack_padded_sequence(output, lengths.cpu(), enforce_sorted=True).data
        return PackedSequence(data, self.packed.batch_sizes, order, self.packed.unsorted_indices)


@dataclass(frozen=True)
class Series:
    """A batch in the loop's own layout.

    Args:
        u: inputs (T, B, I), zero past each length.
        spans: elapsed times (T, B, 1) or (T, 1, 1), zero past each length.
        lengths: (B,) or None for all T.
    """

    u: Tensor
    spans: Tensor
    lengths: Tensor | None

    @property
    def mask(self) -> Tensor | None:
        """(T, B, 1): whether a sample is there."""
        if self.lengths is None:
            return None
        return _mask(self.lengths, self.u.shape[0])

    def with_input(self, u: Tensor) -> "Series":
        """The same times with other inputs."""
        return Series(u, self.spans, self.lengths)

    def part(self, start: int, stop: int) -> "Series":
        """The samples `start` … `stop` − 1."""
        lengths = None if self.lengths is None else (self.lengths - start).clamp(0, stop - start)
        return Series(self.u[start:stop], self.spans[start:stop], lengths)

    def for_kernel(self, dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
        """Inputs (T, B, I), spans (T, B) and lengths (B,), as kernels take them."""
        T, B, _ = self.u.shape
        spans = self.spans.expand(T, B, 1).squeeze(-1).to(dtype)
        lengths = torch.full((B,), T, device=self.u.device) if self.lengths is None else self.lengths
        return self.u.to(dtype).resolve_neg(), spans.resolve_neg(), lengths

    def reversed(self) -> "Series":
        """u_{n−1} … u_0 with the spans Δt_0, Δt_{n−1}, …, Δt_1."""
        u = self.backwards(self.u)
        if self.lengths is None:
            spans = torch.cat([self.spans[:1], self.spans[1:].flip(0)])
        else:
            t = torch.arange(self.u.shape[0], device=u.device).unsqueeze(-1)
            source = torch.where((t > 0) & (t < self.lengths), self.lengths - t, t)
            spans = self.spans.expand(-1, len(self.lengths), -1).gather(0, source.unsqueeze(-1))
        return Series(u, spans, self.lengths)

    def backwards(self, values: Tensor) -> Tensor:
        """Values (T, B, …) of each series in reverse order, what lies past its length left in place."""
        if self.lengths is None:
            return values.flip(0)
        T = values.shape[0]
        t = torch.arange(T, device=values.device).unsqueeze(-1)
        index = torch.where(t < self.lengths, self.lengths - 1 - t, t)
        index = index.view(*index.shape, *[1] * (values.dim() - 2)).expand_as(values)
        return values.gather(0, index)


def normalise(
    x: Tensor | PackedSequence,
    timespans: Timespans,
    lengths: Lengths | None,
    *,
    input_size: int,
    batch_first: bool,
    dtype: torch.dtype | None,
    validate: bool,
) -> tuple[Series, Layout]:
    """Check what the caller passed and bring it into the loop's layout.

    Raises:
        ValueError: a shape, a type, a span or a length that makes no sense; the message names it and the way out.
    """
    packed = x if isinstance(x, PackedSequence) else None
    if isinstance(x, PackedSequence):
        if lengths is not None:
            raise ValueError("lengths beside a packed input: the packing holds the lengths already, leave lengths out")
        if x.data.dim() != 2:
            raise ValueError(f"packed input has {x.data.dim()} axes: pack series of shape (T, I)")
        u, lengths = pad_packed_sequence(x)
        spans: Tensor | float = _unpack_spans(timespans, lengths)
        layout = Layout(True, batch_first, packed)
    else:
        check_tensor("input", x)
        if isinstance(timespans, PackedSequence):
            raise ValueError("timespans are packed but the input is not: pack both or neither")
        if x.dim() not in (2, 3):
            raise ValueError(f"input has {x.dim()} axes: pass (T, B, I), (B, T, I) with batch_first, or (T, I)")
        layout = Layout(x.dim() == 3, batch_first, None)
        if x.dim() == 2:
            u = x.unsqueeze(1)
            if lengths is not None:
                raise ValueError("lengths with an unbatched input: pass x[:length] instead")
        else:
            u = x.transpose(0, 1) if batch_first else x
        spans = timespans
    dtype = u.dtype if dtype is None else dtype
    _check_input(u, input_size, dtype)
    T, B, _ = u.shape
    spans = _spans(spans, T, B, layout, dtype, u.device)
    lengths = None if lengths is None else _lengths(lengths, T, B, u.device, validate)
    if lengths is not None:
        mask = _mask(lengths, T)
        u = torch.where(mask, u, 0)
        spans = torch.where(mask, spans, 0)
    if isinstance(timespans, int | float):
        check_number("timespans", timespans, dtype)
    elif may_read_values(spans, validate):
        _check_spans(spans, layout)
    return Series(u, spans, lengths), layout


def may_read_values(tensor: Tensor, validate: bool) -> bool:
    """Whether looking at values costs nothing or was asked for: eagerly on the CPU, else only with `validate`."""
    if torch.compiler.is_compiling():
        return validate
    if tensor.is_meta or torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        return False
    return validate or tensor.device.type == "cpu"


def _unpack_spans(timespans: Timespans, lengths: Tensor) -> Tensor | float:
    if isinstance(timespans, PackedSequence):
        if timespans.data.dim() != 1:
            raise ValueError(f"packed timespans have {timespans.data.dim()} axes: pack one number per sample")
        padded, its_lengths = pad_packed_sequence(PackedSequence(timespans.data.unsqueeze(-1), *timespans[1:]))
        if its_lengths.tolist() != lengths.tolist():
            raise ValueError(
                f"timespans are packed with lengths {its_lengths.tolist()} but the input with {lengths.tolist()}: "
                "pack both the same way"
            )
        return padded.squeeze(-1)
    if isinstance(timespans, Tensor) and timespans.dim() > 0:
        raise ValueError("timespans beside a packed input: pack them the same way, or pass one number")
    return timespans


def _check_input(u: Tensor, input_size: int, dtype: torch.dtype) -> None:
    if u.shape[-1] != input_size:
        raise ValueError(
            f"input has {u.shape[-1]} features but input_size={input_size}: the last axis holds the features"
        )
    if u.shape[0] == 0:
        raise ValueError("input has no time steps: pass at least one")
    if u.dtype != dtype and not (u.is_floating_point() and torch.is_autocast_enabled(u.device.type)):
        raise ValueError(f"input is {u.dtype} but the layer's parameters are {dtype}: pass input.to({dtype})")


def _spans(
    timespans: Tensor | float, T: int, B: int, layout: Layout, dtype: torch.dtype, device: torch.device
) -> Tensor:
    spans = _real("timespans", timespans, dtype, device)
    if spans.dim() == 0:
        return spans.expand(T, 1, 1)
    if spans.dim() == 1:
        if spans.shape[0] != T:
            raise ValueError(f"timespans have shape ({spans.shape[0]},) but the input has T={T} time steps")
        return spans.view(T, 1, 1)
    if layout.batched and spans.dim() == 2:
        if layout.packed is not None:
            return spans.unsqueeze(-1)
        expected = (B, T) if layout.batch_first else (T, B)
        if tuple(spans.shape) == expected:
            return (spans.transpose(0, 1) if layout.batch_first else spans).unsqueeze(-1)
        axes = "(B, T)" if layout.batch_first else "(T, B)"
        raise ValueError(f"timespans have shape {tuple(spans.shape)} but the input asks for {axes}={expected}")
    raise ValueError(
        f"timespans have shape {tuple(spans.shape)}: pass one number, (T,), or one span per sample and step"
    )


def _real(name: str, value: Tensor | float, dtype: torch.dtype, device: torch.device) -> Tensor:
    spans = as_tensor(name, value, dtype, device)
    if not (spans.is_floating_point() or spans.dtype in (torch.int32, torch.int64)):
        raise ValueError(f"{name} are {spans.dtype}: pass real numbers")
    return spans.to(dtype)


def _check_spans(spans: Tensor, layout: Layout) -> None:
    bad = ~(spans >= 0) | (spans == torch.inf)
    if bad.any():
        t, b, _ = (int(i) for i in bad.nonzero()[0])
        place = f"time step {t}" if spans.shape[1] == 1 else f"sample {b}, time step {t}"
        raise ValueError(
            f"timespans: {float(spans[t, b, 0])} at {place}: spans are elapsed times, finite and not negative"
        )


def check_number(name: str, span: float, dtype: torch.dtype) -> None:
    """Refuse a number that is no elapsed time.

    Raises:
        ValueError: it is negative or not finite.
    """
    if not 0 <= span <= torch.finfo(dtype).max:
        raise ValueError(f"{name}: {float(span)}: spans are elapsed times, finite and not negative")


def _lengths(lengths: Lengths, T: int, B: int, device: torch.device, validate: bool) -> Tensor:
    lengths = as_tensor("lengths", lengths, None, device)
    if lengths.dtype not in (torch.int32, torch.int64):
        raise ValueError(f"lengths are {lengths.dtype}: pass whole numbers")
    if tuple(lengths.shape) != (B,):
        raise ValueError(f"lengths have shape {tuple(lengths.shape)} but the batch asks for (B,)=({B},)")
    lengths = lengths.to(torch.int64)
    if may_read_values(lengths, validate):
        bad = (lengths < 0) | (lengths > T)
        if bad.any():
            b = int(bad.nonzero()[0])
            raise ValueError(f"lengths: {int(lengths[b])} for sample {b} but the input has T={T} time steps")
    return lengths


def _mask(lengths: Tensor, T: int) -> Tensor:
    return (torch.arange(T, device=lengths.device).unsqueeze(-1) < lengths).unsqueeze(-1)


def check_span(timespan: Tensor | float, u: Tensor) -> Tensor:
    """One span for a batch of single samples u (B, I), as (B, 1) or (1, 1).

    Raises:
        ValueError: its shape or value makes no sense.
    """
    span = _real("timespan", timespan, u.dtype, u.device)
    if span.dim() > 1 or (span.dim() == 1 and span.shape[0] != len(u)):
        raise ValueError(f"timespan has shape {tuple(span.shape)}: pass one number or (B,)=({len(u)},)")
    if may_read_values(span, validate=False) and not bool(((span >= 0) & (span < torch.inf)).all()):
        raise ValueError(f"timespan={timespan}: elapsed times are finite and not negative")
    return span.view(-1, 1)
