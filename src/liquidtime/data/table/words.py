"""What was understood of files of one's own, in words."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from liquidtime.data.table.goal import Goal
from liquidtime.data.table.opening import Source
from liquidtime.data.table.options import TASKS, Options
from liquidtime.data.table.parts import NAMES, SHARES, Parts
from liquidtime.data.table.places import cut
from liquidtime.data.table.rows import Rows
from liquidtime.data.table.schema import Schema

LOPSIDED = 0.9
"""If a larger share of the labels is of one class, F1 chooses the epoch."""
RARE = 10
"""A class of fewer rows is pointed out."""
GAP = 5.0
"""A longer time between two rows, in medians, is a gap."""
MANY_ROWS, MOST_ROWS = 100_000, 1_000_000
UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))


def understood(
    sources: Sequence[Source],
    options: Options,
    schema: Schema,
    rows: Rows,
    wanted: Goal,
    found: Parts,
    left: Mapping[str, str],
    untold: int,
) -> dict[str, str]:
    """Lines by name: file, time, target, inputs, what is left out, what to look at."""
    files = sources[0].name if len(sources) == 1 else table_name(sources)
    lines = {"data": " · ".join([files, *_size(sources, rows), *sources[0].notes])}
    if schema.clock is not None:
        lines["time"] = _time(schema, rows, options.time or "")
    lines["target"] = _target(schema, wanted, rows)
    lines["inputs"] = _inputs(schema, rows)
    if left:
        lines["left out"] = "; ".join(f"{cut(column)} ({why})" for column, why in left.items())
    notes = [f"{count(untold)} without {options.target}, left out"] if untold else []
    notes += _classes_to_note(schema, wanted, rows, found) if schema.classes else []
    if schema.classes and options.class_weights == "none" and _imbalance(wanted) > LOPSIDED / (1 - LOPSIDED):
        notes.append("classes are far from balanced: --class-weights balanced makes each count alike")
    if notes:
        lines["note"] = "; ".join(notes)
    return lines


def table_name(sources: Sequence[Source]) -> str:
    """What a task is called: the first file without its endings, or the folder of several."""
    path = sources[0].path.absolute()
    if len(sources) > 1 and path.parent.name:
        return cut(path.parent.name)
    stem = path.name.split(".")[0]
    return cut(stem or path.name)


def split(by: str, found: Parts) -> str:
    """How rows were split."""
    rows = [sum(map(len, part)) for part in found]
    if by == "time":
        shares = ", ".join(f"{100 * share:.0f} %" for share in SHARES)
        return f"by time within each series, {shares} ({_each(rows, 'rows')})"
    names = (f"{len(part)} to {what}{_named(part)}" for part, what in zip(found, NAMES, strict=True))
    return f"by whole series: {', '.join(names)}"


def windows(T: int, step: int, last: bool) -> str:
    """How series become windows."""
    if last:
        return f"each series is one window, of its last {T} rows at most"
    return f"windows of {T} rows, at every {ordinal(step)} to train on and next to each other elsewhere"


def stride(T: int, rows: int) -> int:
    """How far apart training windows start: the more rows there are, the less they overlap.

    Example:
        >>> stride(32, 5_700), stride(32, 300_000), stride(64, 7_000_000)
        (8, 16, 64)
    """
    return max(1, T // 4 if rows < MANY_ROWS else T // 2 if rows < MOST_ROWS else T)


def ordinal(number: int) -> str:
    """A number in a row.

    Example:
        >>> ordinal(1), ordinal(2), ordinal(8), ordinal(16)
        ('row', '2nd', '8th', '16th')
    """
    return "row" if number == 1 else f"{number}{ {2: 'nd', 3: 'rd'}.get(number, 'th') }"


def lopsided(counts: NDArray[np.int64] | None) -> bool:
    """Whether nearly all labels are of one class."""
    return counts is not None and float(counts.max()) > LOPSIDED * float(counts.sum())


def duration(seconds: float) -> str:
    """A time in words.

    Example:
        >>> duration(60.0), duration(3720.0), duration(0.033), duration(26_596_800.0)
        ('60 s', '1 h 02 min', '0.033 s', '307 d 20 h')
    """
    if seconds < 120:
        return f"{seconds:.3g} s"
    for (large, unit), (small, less) in pairwise(UNITS):
        if seconds >= large:
            whole, rest = divmod(round(seconds / small), round(large / small))
            return f"{whole} {unit} {rest:02d} {less}" if rest else f"{whole} {unit}"
    return f"{seconds:.3g} s"


def count(rows: int) -> str:
    """So many rows."""
    return f"{rows:,} row{'' if rows == 1 else 's'}"


def to_beat(schema: Schema, wanted: Goal, found: Parts) -> str:
    """What the simplest guess reaches on the part to test."""
    if wanted.classes:
        codes = wanted.values.astype(np.int64)
        ends = slice(None, 1) if wanted.last else slice(None)
        trained, tested = (
            np.concatenate([codes[one.start : one.stop][ends] for one in part]) for part in (found.train, found.test)
        )
        commonest = int(np.bincount(trained).argmax())
        share = 100 * float((tested == commonest).mean())
        return f"on the part to test, always {cut(wanted.classes[commonest])} is right in {share:.1f} %"
    off = []
    for one in found.test:
        for ahead in range(1, schema.horizon + 1) or (0,):
            truth = wanted.values[one.start + ahead : one.stop + ahead]
            guess = wanted.values[one.start : one.stop] if schema.horizon else schema.target_mean
            off.append((truth - guess) / schema.target_std)
    squared = float(np.square(np.concatenate(off)).mean())
    what = "the last value" if schema.horizon else "the mean"
    return f"on the part to test, always {what} has squared error {squared:.4g}"


def _each(numbers: Sequence[int], what: str) -> str:
    return " / ".join(f"{number:,}" for number in numbers) + f" {what}"


def _named(part: Sequence[object]) -> str:
    names = [getattr(one, "name", "") for one in part]
    return f" ({', '.join(names)})" if len(names) <= 2 else ""


def _size(sources: Sequence[Source], rows: Rows) -> list[str]:
    total = sum(source.rows for source in sources)
    files = [f"{len(sources)} files"] if len(sources) > 1 else []
    series = "one series" if len(rows.series) == 1 else f"{len(rows.series):,} series"
    said = [*files, count(total), series]
    if len(rows.series) > 1:
        sizes = sorted(map(len, rows.series))
        said[-1] += f" of {sizes[0]:,}{f' to {sizes[-1]:,}' if sizes[-1] > sizes[0] else ''} rows"
    return said


def _time(schema: Schema, rows: Rows, column: str) -> str:
    assert schema.clock is not None
    assert rows.time is not None
    spans = rows.elapsed()
    spans = spans[np.isfinite(spans)]
    shown = schema.clock.moments(np.array([rows.time.min(), rows.time.max()]))
    if shown is None:
        first, last = f"{rows.time.min():g}", f"{rows.time.max():g}"
    else:
        first, last = (str(one.astype("datetime64[s]")).replace("T", " ")[:16] for one in shown)
    written = f"{column}: {first} → {last}"
    if schema.clock.epoch:
        written += f" (numbers: {schema.clock.epoch} since 1970)"
    median, longest = (_span(schema, value) for value in (schema.span, float(spans.max())))
    gaps = int((spans > GAP * schema.span).sum())
    said = [written, f"median step {median}, longest {longest}", f"{gaps:,} gaps of more than {GAP:g} steps"]
    if gaps == 0:
        said.pop()
    if rows.repeats:
        said.append(f"{count(rows.repeats)} with the time of the row before, left out")
    return " · ".join(said)


def _span(schema: Schema, value: float) -> str:
    return duration(value) if schema.clock is not None and schema.clock.unit else f"{value:g}"


def _target(schema: Schema, wanted: Goal, rows: Rows) -> str:
    target = cut(schema.target)
    if wanted.classes:
        counted = wanted.values[[one.start for one in rows.series]] if wanted.last else wanted.values
        counts = np.bincount(counted.astype(np.int64), minlength=len(wanted.classes))
        order = range(len(counts)) if len(counts) <= 8 else np.argsort(-counts, kind="stable")[:8].tolist()
        shares = [f"{cut(wanted.classes[k])} {100 * counts[k] / counts.sum():.3g} %" for k in order]
        more = [f"{len(counts) - 8} more"] if len(counts) > 8 else []
        return f"{target}: {len(counts)} classes ({', '.join(shares + more)}), {TASKS[wanted.task]}"
    low, high = float(wanted.values.min()), float(wanted.values.max())
    ahead = f", forecast 1 to {schema.horizon} rows ahead" if schema.horizon else f", {TASKS[wanted.task]}"
    return f"{target}: numbers from {low:g} to {high:g}, mean {schema.target_mean:.4g}{ahead}"


def _inputs(schema: Schema, rows: Rows) -> str:
    said = []
    for kind, what in (("number", ""), ("boolean", " (true or false)"), ("category", "")):
        names = []
        for column in schema.columns:
            if column.kind != kind:
                continue
            known = f" ({len(column.categories)} categories)" if kind == "category" else ""
            if column.gaps:
                share = 100 * rows.frame[column.name].null_count() / len(rows)
                known += f" ({share:.2g} % missing)"
            names.append(f"{cut(column.name)}{known}")
        if names:
            said.append(", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "") + what)
    gaps = any(column.gaps and column.kind != "category" for column in schema.columns)
    told = ["missing values are told to the model: last value, whether known, time since"] if gaps else []
    return " · ".join([*said, *told, f"{len(schema.features)} inputs in all"])


def _imbalance(wanted: Goal) -> float:
    """How many times the commonest class is more frequent than the rarest; slips of the pen do not count."""
    counts = np.bincount(wanted.values.astype(np.int64))
    return float(counts.max() / counts[counts >= min(RARE, counts.max())].min())


def _classes_to_note(schema: Schema, wanted: Goal, rows: Rows, found: Parts) -> list[str]:
    codes = wanted.values.astype(np.int64)
    counts = np.bincount(codes, minlength=len(schema.classes))
    trained = np.zeros(len(schema.classes), bool)
    for one in found.train:
        trained[codes[one.start : one.stop]] = True
    notes = []
    for code, label in enumerate(schema.classes):
        if counts[code] < RARE:
            first = rows.place(int((codes == code).argmax()), schema.target)
            notes.append(f"class {cut(label)} has {count(int(counts[code]))} only ({first})")
        if not trained[code]:
            notes.append(f"class {cut(label)} is not in the part to train on, so it is never predicted")
    return notes
