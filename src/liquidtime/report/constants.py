"""Time constants that do not move: one dot per neuron."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from liquidtime.report.theme import BLUE, axis, figure


def constants(tau: NDArray[np.float32], order: NDArray[np.int64], unit: str) -> go.Figure:
    """Time constants (H,) in the given order of neurons."""
    names = [str(neuron) for neuron in order]
    dots = go.Scatter(
        x=names,
        y=tau[order],
        mode="markers",
        marker={"color": BLUE, "size": 8},
        hovertemplate=f"neuron %{{x}}: τ %{{y:.3g}} ({unit})<extra></extra>",
    )
    neurons = axis("neuron", type="category", categoryorder="array", categoryarray=names, tickfont={"size": 9})
    low, high = np.log10([float(tau.min()), float(tau.max())])
    span = [low - 0.1, high + 0.1]
    return figure([dots], 230, xaxis=neurons, yaxis=axis(f"τ ({unit})", type="log", range=span), showlegend=False)
