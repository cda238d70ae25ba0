"""How fast the paper expects lengths to grow: its Theorems 4 and 5, as rules of thumb."""

import math


def length_growth(model: str, sigma_w: float, sigma_b: float, width: int) -> float:
    """The base r of the paper's lower bounds on trajectory length (Hasani et al. 2021, Theorems 4 and 5).

        N-ODE   l ≥ O(r^(depth · L)) l(u),  r = σ_w √k / √(σ_w² + σ_b² + k √(σ_w² + σ_b²))
        CT-RNN  the same with (σ_w − σ_b) √k in the numerator
        LTC     l ≥ O(r^(depth · L) (σ_w + ‖z‖ / min(δt, L))) l(u),  r that of the N-ODE

    L counts the solver's steps. A heuristic and no proof: the constants in O(·) are not given, copies of the paper set
    the LTC's last factor in different ways, and the networks that the paper draws have weights without the factor
    1/width that the theorems assume.

    Args:
        model: "node", "ctrnn" or "ltc".
        sigma_w: σ_w of the weights.
        sigma_b: σ_b of the biases.
        width: k.

    Raises:
        ValueError: there is no such model.

    Example:
        >>> round(length_growth("node", 2.0, 1.0, 100), 3), round(length_growth("ctrnn", 2.0, 1.0, 100), 3)
        (1.323, 0.661)
    """
    if model not in ("node", "ctrnn", "ltc"):
        raise ValueError(f"model={model!r}: pass node, ctrnn or ltc")
    spread = sigma_w**2 + sigma_b**2
    numerator = sigma_w - sigma_b if model == "ctrnn" else sigma_w
    return numerator * math.sqrt(width) / math.sqrt(spread + width * math.sqrt(spread))
