"""Whole sequences in one call: forward, backward, on the CPU (Numba) and the GPU (Triton), equal to plain PyTorch.

Importing this compiles nothing, and brings neither Numba nor Triton: they come with the first call that needs them.
"""

from liquidtime.kernels.choice import SETTINGS, check_setting, choose
from liquidtime.kernels.methods import TRACES
from liquidtime.kernels.reference import loop
from liquidtime.kernels.sequences import SequenceKernel, Step, ctgru_states, ctgru_step, kernel_for

__all__ = [
    "SETTINGS",
    "TRACES",
    "SequenceKernel",
    "Step",
    "check_setting",
    "choose",
    "ctgru_states",
    "ctgru_step",
    "kernel_for",
    "loop",
]
