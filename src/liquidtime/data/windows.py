"""Windows: stretches of series, cut only when a batch is asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import Tensor


class Batch(NamedTuple):
    """Some windows, cut out.

    Args:
        x: scaled inputs (B, T, I), float32.
        y: class labels, int64, or targets, float32: (B, T) or (B, T, O) where every step has one, (B,) or (B, O)
            where only the last step counts.
        timespans: elapsed time before each sample (B, T), float32; None where every step counts as 1.
        last: whether only the last step counts.
        lengths: samples of each window (B,), int64, the largest of them T; None where all have T. What follows a
            length is padding: it has no meaning and no label.
    """

    x: Tensor
    y: Tensor
    timespans: Tensor | None = None
    last: bool = False
    lengths: Tensor | None = None

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        timespans = None if self.timespans is None else self.timespans.to(device)
        lengths = None if self.lengths is None else self.lengths.to(device)
        return Batch(self.x.to(device), self.y.to(device), timespans, self.last, lengths)

    def labelled(self, output: Tensor, start: int = 0) -> tuple[Tensor, Tensor, float]:
        """The outputs that have a label, these labels, and their share of all labels of the batch.

        Args:
            output: what a model says of the samples from `start` on (B, k, O).
            start: the first of them.

        Returns:
            Outputs and labels, (B, k, O) and (B, k), or (B, O) and (B,) of the last sample, where there are no
            lengths; else (K, O) and (K,), window after window. Targets have one more axis O. Without labels they are
            empty and the share is 0.
        """
        T, stop = self.x.shape[1], start + output.shape[1]
        if self.lengths is None and self.last:
            here = slice(None) if stop == T else slice(0)
            return output[here, -1], self.y[here], float(stop == T)
        if self.lengths is None:
            return output, self.y[:, start:stop], (stop - start) / T
        t, ends = torch.arange(start, stop, device=self.x.device), self.lengths.unsqueeze(1)
        chosen = t == ends - 1 if self.last else t < ends
        y = self.y[chosen.any(1)] if self.last else self.y[:, start:stop][chosen]
        return output[chosen], y, len(y) / (len(ends) if self.last else int(ends.sum()))


@dataclass(frozen=True, eq=False)
class Windows:
    """N windows of T samples, or of up to T. The rows are kept once, however much the windows overlap.

        window n, sample t  =  row starts_n + step · t

    Args:
        inputs: rows (R, I), float32, of one series or of several, one after another.
        labels: class labels (R,), int64, or targets (R, O), float32, of the same rows.
        starts: first row of each window (N,), int64.
        length: T, samples per window, or of the longest where `lengths` says of each how many.
        step: rows from one sample of a window to the next.
        last: whether only the label of the last sample counts.
        elapsed: time before each row (R,), float32, not negative; None where every sample counts as 1.
        lengths: samples of each window (N,), int64, from 1 to T; None where all have T. Past its length a window
            repeats its last sample, so that padding needs no rows.

    Raises:
        ValueError: the tensors do not belong together, or a window ends beyond the rows.

    Example:
        >>> import torch
        >>> windows = Windows(torch.zeros(10, 3), torch.arange(10), torch.tensor([5, 0]), length=4)
        >>> windows.x.shape, windows.y.tolist()
        (torch.Size([2, 4, 3]), [[5, 6, 7, 8], [0, 1, 2, 3]])
        >>> windows[torch.tensor([1])].y.tolist()
        [[0, 1, 2, 3]]
    """

    inputs: Tensor
    labels: Tensor
    starts: Tensor
    length: int
    step: int = 1
    last: bool = False
    elapsed: Tensor | None = None
    lengths: Tensor | None = None

    def __post_init__(self) -> None:
        for name in ("length", "step"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}: pass a whole number of rows, at least 1")
        rows = len(self.inputs)
        if self.inputs.dim() != 2:
            raise ValueError(f"inputs has shape {tuple(self.inputs.shape)}: pass (R, I)")
        if self.labels.dim() != (2 if self.labels.is_floating_point() else 1):
            raise ValueError(
                f"labels has shape {tuple(self.labels.shape)} and type {self.labels.dtype}: pass classes (R,), int64, "
                "or targets (R, O), float32"
            )
        if len(self.labels) != rows:
            raise ValueError(f"x has {rows} rows and y has {len(self.labels)}: pass one label per row")
        _check_elapsed(self.elapsed, rows)
        self._check_lengths()
        ends = self.starts + (self.span if self.lengths is None else (self.lengths - 1) * self.step + 1)
        if len(self) and not (self.starts.min() >= 0 and ends.max() <= rows):
            raise ValueError(
                f"starts holds {int(self.starts.min())} to {int(self.starts.max())}, but windows of {self.span} rows "
                f"must lie within {rows}"
            )

    @classmethod
    def stacked(cls, x: Tensor, y: Tensor, timespans: Tensor | None = None) -> "Windows":
        """Windows that are cut already.

        Args:
            x: inputs (N, T, I), float32.
            y: classes, int64, (N, T) or (N,), or targets, float32, (N, T, O) or (N, O). Without T they are those of
                the last sample.
            timespans: elapsed time before each sample (N, T), or None.

        Raises:
            ValueError: the shapes do not belong together.
        """
        regression = y.is_floating_point()
        shape = tuple(x.shape[:2])
        per_step = y.dim() == (3 if regression else 2)
        fits = tuple(y.shape[:2]) == shape if per_step else y.dim() == 1 + regression and len(y) == len(x)
        if x.dim() != 3 or not fits or (timespans is not None and tuple(timespans.shape) != shape):
            raise ValueError(
                f"x has shape {tuple(x.shape)} and y {tuple(y.shape)}: pass (N, T, I) and classes (N, T) or (N,), "
                "or targets (N, T, O) or (N, O), with timespans (N, T) or none"
            )
        N, T, I = x.shape
        return cls(
            inputs=x.reshape(N * T, I),
            labels=y.reshape(N * T, *y.shape[2:]) if per_step else y.repeat_interleave(T, 0),
            starts=T * torch.arange(N),
            length=T,
            last=not per_step,
            elapsed=None if timespans is None else timespans.reshape(N * T),
        )

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def span(self) -> int:
        """Rows from the first sample of a window to its last, both included."""
        return (self.length - 1) * self.step + 1

    @property
    def x(self) -> Tensor:
        """All inputs (N, T, I): a view onto the rows where the windows are evenly spaced, else a copy."""
        return self._all(self.inputs)

    @property
    def y(self) -> Tensor:
        """All labels, as in `Batch`."""
        labels = self._all(self.labels)
        return labels[:, -1] if self.last else labels

    @property
    def timespans(self) -> Tensor | None:
        """All elapsed times (N, T)."""
        return None if self.elapsed is None else self._all(self.elapsed)

    def rows(self, index: Tensor | None = None) -> Tensor:
        """The rows of some windows, or of all, (B, T)."""
        starts = self.starts if index is None else self.starts[index]
        samples = torch.arange(self.length)
        if self.lengths is not None:
            lengths = self.lengths if index is None else self.lengths[index]
            samples = torch.minimum(samples, lengths.unsqueeze(1) - 1)
        return starts.unsqueeze(1) + self.step * samples

    def __getitem__(self, index: Tensor) -> Batch:
        """The windows of these numbers (B,), in this order (a copy), padded to the longest of them."""
        rows = self.rows(index)
        lengths = None if self.lengths is None else self.lengths[index]
        if lengths is not None and len(lengths):
            rows = rows[:, : int(lengths.max())]
        labels = self.labels[rows[:, -1] if self.last else rows]
        elapsed = None if self.elapsed is None else self.elapsed[rows]
        return Batch(self.inputs[rows], labels, elapsed, self.last, lengths)

    def labelled(self, index: Tensor) -> int:
        """How many labels the windows of these numbers (B,) have."""
        if self.last:
            return len(index)
        return len(index) * self.length if self.lengths is None else int(self.lengths[index].sum())

    def batches(self, size: int) -> Iterator[Batch]:
        """All windows in order, `size` at a time."""
        return (self[index] for index in torch.arange(len(self)).split(size))

    def _check_lengths(self) -> None:
        lengths = self.lengths
        if lengths is None:
            return
        if lengths.shape != self.starts.shape:
            raise ValueError(f"lengths has shape {tuple(lengths.shape)}: pass ({len(self)},), one per window")
        wrong = ((lengths < 1) | (lengths > self.length)).nonzero()
        if len(wrong):
            window = int(wrong[0])
            raise ValueError(f"lengths is {int(lengths[window])} in window {window}: pass 1 to length={self.length}")

    def _all(self, rows: Tensor) -> Tensor:
        gaps = self.starts.diff()
        gap = int(gaps[0]) if len(gaps) else 0
        if len(self) == 0:
            return rows.new_empty(0, self.length, *rows.shape[1:])
        if gap < 0 or self.lengths is not None or bool((gaps != gap).any()):
            return rows[self.rows()]
        first = rows[int(self.starts[0]) :]
        inner = rows.stride()
        shape, strides = (len(self), self.length, *rows.shape[1:]), (gap * inner[0], self.step * inner[0], *inner[1:])
        return first.as_strided(shape, strides)


def cut(
    x: Tensor, y: Tensor, length: int, stride: int = 1, *, last: bool = False, timespans: Tensor | None = None
) -> Windows:
    """All windows of one series.

        for s in range(0, R − T, stride): rows s … s + T − 1

    This is the cut of the LTC paper's code: a window that would end exactly on the last row is left out.

    Args:
        x: inputs (R, I).
        y: labels (R,), or targets (R, O).
        length: T, rows per window.
        stride: rows from the start of one window to the start of the next.
        last: whether only the last label of a window counts.
        timespans: elapsed time before each row (R,), or None.

    Returns:
        ⌈(R − T) / stride⌉ windows, none if R ≤ T.

    Raises:
        ValueError: `length` or `stride` is not positive, or x and y have different lengths.

    Example:
        >>> import torch
        >>> windows = cut(torch.zeros(10, 3), torch.zeros(10, dtype=torch.int64), length=4, stride=2)
        >>> windows.x.shape
        torch.Size([3, 4, 3])
    """
    if stride < 1:
        raise ValueError(f"stride={stride}: pass a whole number of rows, at least 1")
    starts = torch.arange(0, max(len(x) - length, 0), stride)
    return Windows(x, y, starts, length, last=last, elapsed=timespans)


def join(parts: Sequence[Windows]) -> Windows:
    """The windows of several series one after another; the rows are copied once.

    Raises:
        ValueError: there are none, or they differ in length, step, in what counts, or in whether time is told.
    """
    if not parts:
        raise ValueError("parts is empty: pass at least one set of windows")
    first = parts[0]
    kinds = {(part.length, part.step, part.last, part.elapsed is None, part.lengths is None) for part in parts}
    if len(kinds) > 1:
        raise ValueError(f"parts differ in (length, step, last, without elapsed, without lengths): {sorted(kinds)}")
    told = [part.lengths for part in parts if part.lengths is not None]
    lengths = torch.cat(told) if told else None
    if all(part.inputs is first.inputs and part.labels is first.labels for part in parts):
        return replace(first, starts=torch.cat([part.starts for part in parts]), lengths=lengths)
    begins = torch.tensor([0, *(len(part.inputs) for part in parts)]).cumsum(0).tolist()
    elapsed = [part.elapsed for part in parts if part.elapsed is not None]
    return replace(
        first,
        inputs=torch.cat([part.inputs for part in parts]),
        labels=torch.cat([part.labels for part in parts]),
        starts=torch.cat([part.starts + begin for part, begin in zip(parts, begins, strict=False)]),
        elapsed=torch.cat(elapsed) if elapsed else None,
        lengths=lengths,
    )


def pick(windows: Windows, index: Tensor) -> Windows:
    """Some of the windows, in the order of `index`, on the same rows."""
    lengths = None if windows.lengths is None else windows.lengths[index]
    return replace(windows, starts=windows.starts[index], lengths=lengths)


def _check_elapsed(elapsed: Tensor | None, rows: int) -> None:
    if elapsed is None:
        return
    if tuple(elapsed.shape) != (rows,):
        raise ValueError(f"elapsed has shape {tuple(elapsed.shape)}: pass ({rows},), one time per row")
    wrong = (~elapsed.isfinite() | (elapsed < 0)).nonzero()
    if len(wrong):
        row = int(wrong[0])
        raise ValueError(f"elapsed is {float(elapsed[row])} in row {row}: pass finite times, at least 0")
