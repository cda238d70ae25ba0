"""What a trained model says about the rows of a new file."""

import numpy as np
import polars as pl
import torch
from numpy.typing import NDArray

from liquidtime.data.table import Known, Schema, Source, inputs, recognise, timespans
from liquidtime.data.timing import log_timespans
from liquidtime.training.folder.files import RunFolderError
from liquidtime.training.folder.run_folder import Run, load_model
from liquidtime.training.inference.intervals import read_intervals
from liquidtime.training.inference.walk import walk


def schema_of(run: Run) -> Schema:
    """How a run's rows become inputs.

    Raises:
        RunFolderError: the run was trained on a published data set, whose rows stand in no file of one's own.
    """
    table = run.config["table"]
    if table is None:
        raise RunFolderError(
            f"{run.path} was trained on the published set {run.config['data']}, not on a file: train on a file of your "
            "own (liquidtime train FILE --target COLUMN)"
        )
    return Schema.from_dict(table["schema"])


def predict(run: Run, source: Source) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Walk a model through every series of a file from a zero state, and say what it predicts at each row.

    Args:
        run: trained on files of one's own.
        source: a file with the same columns; the target may be absent, if it is no forecast.

    Returns:
        One row per row of the file, in its order. `predicted TARGET` and, for classes, `probability of CLASS` each,
        for numbers `predicted TARGET low` and `… high`, the ends of an interval; for a forecast these for each row
        ahead, `TARGET +1` and so on. Rows that repeat a time share what is said of the first; a forecast says nothing
        of a row without a target. And notes: what is unlike the rows that were trained on.

    Raises:
        RunFolderError: the run is damaged, or was trained on a published data set.
        ValueError: the file lacks a column, or holds something else in it.
    """
    schema = schema_of(run)
    known = recognise(schema, [source], labelled=False)
    said = _said(run, schema, known)
    columns = _classes(schema, said) if schema.classes else _numbers(run, schema, said)
    places = pl.Series(np.where(known.stands < 0, len(said), known.stands))
    # One more row stands for those that nothing is said of.
    frame = pl.DataFrame({name: values.extend_constant(None, 1) for name, values in columns.items()})
    return frame[places], known.notes


def _said(run: Run, schema: Schema, known: Known) -> NDArray[np.float64]:
    """Logits, or scaled numbers, of each row (R, outputs)."""
    model = load_model(run)
    x = inputs(schema, known.rows)
    spans = None if schema.clock is None else timespans(schema, known.rows.elapsed())
    if run.config["log_timespans"] and spans is not None:
        x = torch.cat([x, log_timespans(spans)], 1)
    parts = [slice(one.start, one.stop) for one in known.rows.series]
    said = [walk(model, x[part], None if spans is None else spans[part]) for part in parts]
    return torch.cat(said).double().numpy()


def _classes(schema: Schema, said: NDArray[np.float64]) -> dict[str, pl.Series]:
    shares = torch.from_numpy(said).softmax(-1).numpy()
    likeliest = pl.Series(np.array(schema.classes, dtype=object)[said.argmax(1)].tolist(), dtype=pl.String)
    named = {f"probability of {name}": pl.Series(shares[:, k]) for k, name in enumerate(schema.classes)}
    return {f"predicted {schema.target}": likeliest, **named}


def _numbers(run: Run, schema: Schema, said: NDArray[np.float64]) -> dict[str, pl.Series]:
    _, offsets = read_intervals(run.path, schema.outputs)
    columns = {}
    for output, name in enumerate(schema.outputs):
        values = said[:, output] * schema.target_std + schema.target_mean
        columns[f"predicted {name}"] = pl.Series(values)
        for end, word in enumerate(("low", "high")):
            columns[f"predicted {name} {word}"] = pl.Series(values + offsets[output, end])
    return columns
