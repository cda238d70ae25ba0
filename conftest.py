"""The GPU kernels can be read only where Triton is."""

import importlib.util

collect_ignore_glob = [] if importlib.util.find_spec("triton") else ["src/liquidtime/kernels/gpu/*"]
