"""Whole sequences in one call: forward, backward, on the CPU (Numba) and the GPU (Triton), equal to plain PyTorch.

Importing this compiles nothing, and brings neither Numba nor Triton: they come with the first call that needs them.
"""

from liquidtime.kernels.choice import SETTINGS, check_setting, choose
from liquidtime.kernels.reference import loop
from liquidtime.kernels.sequences import SequenceKernel, Step, kernel_for

__all__ = ["SETTINGS", "SequenceKernel", "Step", "check_setting", "choose", "kernel_for", "loop"]
