"""From one row of a stream to inputs, without a frame."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from liquidtime.data.names import lookup
from liquidtime.data.table.kinds import MISSING, TRUTHS
from liquidtime.data.table.places import shown
from liquidtime.data.table.schema import FARTHEST, Column, Memory, Schema


def encode_row(
    schema: Schema, row: Mapping[str, Any], time: Any, memory: Memory | None
) -> tuple[Tensor, float | None, Memory]:
    """One row; see `Schema.encode_row`."""
    clock = schema.clock
    counted = 0.0 if memory is None else memory.time + 1.0
    now = counted if clock is None else clock.seconds(time)
    begins = memory is None
    memory = Memory(now, now, {}) if memory is None else memory
    seen = dict(memory.seen)
    values: list[float] = []
    for column in schema.columns:
        value = _value(column, lookup("column", column.name, dict(row)))
        if value is None and not column.gaps:
            raise ValueError(f"column {column.name}: no value, and in training none was missing: give it one")
        if column.kind == "category":
            values += [float(value == category) for category in column.categories]
            continue
        number = None if value is None else float(value)
        if number is not None and abs(number - column.mean) > FARTHEST * column.std:
            raise ValueError(f"column {column.name}: {number:g} is too far from the values in training")
        if not column.gaps:
            values.append(((number or 0.0) - column.mean) / column.std)
            continue
        if number is not None:
            seen[column.name] = number, now
        last, when = seen.get(column.name, (column.mean, memory.begun))
        age = math.log1p((now - when) / schema.span)
        values += [(last - column.mean) / column.std, float(number is not None), age]
    features = torch.from_numpy(np.array(values).astype(np.float32))
    elapsed = now - memory.time
    if elapsed < 0:
        raise ValueError(f"time={time!r} is earlier than that of the row before: pass rows in time order")
    span = None if clock is None else 1.0 if begins else elapsed / schema.span
    return features, span, Memory(now, memory.begun, seen)


def _value(column: Column, value: Any) -> float | str | None:
    """A value as `rows.READERS` would read it."""
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return None
    if column.kind == "category":
        whole = isinstance(value, float) and value.is_integer() and abs(value) < 2**53
        return str(int(value)) if whole else str(value).lower() if isinstance(value, bool) else str(value)
    if column.kind == "boolean":
        word = str(value).lower()
        if word not in TRUTHS:
            raise ValueError(f"column {column.name}: {shown(value)} is neither true nor false")
        return float(word == "true")
    if value in MISSING:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"column {column.name}: {shown(value)} is not a number") from error
    if not math.isfinite(number):
        raise ValueError(f"column {column.name}: {shown(value)} is not a finite number")
    return number
