"""A trained run in another form: ONNX, C."""

from liquidtime.export.c_files import Source, c_source
from liquidtime.export.check import Check, Series, check_c, check_onnx, drawn
from liquidtime.export.files import FORMATS, Exported, export
from liquidtime.export.onnx_files import onnx_files

__all__ = [
    "FORMATS",
    "Check",
    "Exported",
    "Series",
    "Source",
    "c_source",
    "check_c",
    "check_onnx",
    "drawn",
    "export",
    "onnx_files",
]
