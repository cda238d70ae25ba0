"""Files of one's own: CSV and Parquet, irregular, with gaps."""

from liquidtime.data.table.encode import inputs, timespans
from liquidtime.data.table.known import Known, known_task, recognise
from liquidtime.data.table.opening import Source, opened
from liquidtime.data.table.options import Options
from liquidtime.data.table.places import cut
from liquidtime.data.table.schema import Column, Memory, Schema
from liquidtime.data.table.understood import Understood, load
from liquidtime.data.table.words import table_name
from liquidtime.data.table.writing import check_output, write_beside

__all__ = [
    "Column",
    "Known",
    "Memory",
    "Options",
    "Schema",
    "Source",
    "Understood",
    "check_output",
    "cut",
    "inputs",
    "known_task",
    "load",
    "opened",
    "recognise",
    "table_name",
    "timespans",
    "write_beside",
]
