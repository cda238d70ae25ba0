"""The solvers that trained models are compared with."""

FUSED = "fused, 6 steps"
MIDPOINT = "midpoint, 3 steps"
SETTINGS: dict[str, tuple[str, int, int]] = {
    FUSED: ("fused", 6, 6),
    MIDPOINT: ("exponential-midpoint", 3, 6),
    "midpoint, 2 steps": ("exponential-midpoint", 2, 4),
    "midpoint, 1 step": ("exponential-midpoint", 1, 2),
    "fused, 3 steps": ("fused", 3, 3),
}
"""Name in a recipe, steps, evaluations per sample. The midpoint step takes two, so half of six is not to be had."""
INITS = {"published": 0.5 / 6, "ncps": 0.5}
"""Names of initial values, and their capacitance."""
