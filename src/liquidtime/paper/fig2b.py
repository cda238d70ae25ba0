"""Figure 2 B: hard-tanh networks of one layer, by the variance of their weights."""

from liquidtime.paper.parts.figure2 import Spot, figure

SPOTS = (
    Spot("σ = 1", sigma_w=1.0, width=100, depth=1, layer=1, published={"node": 76.9, "ctrnn": 28.8, "ltc": 3052}),
    Spot("σ = 2", sigma_w=2.0, width=100, depth=1, layer=1, published={"node": 105.4, "ctrnn": 84.4, "ltc": 16889}),
    Spot("σ = 4", sigma_w=4.0, width=100, depth=1, layer=1, published={"node": 227.3, "ctrnn": 208.1, "ltc": 276980}),
)
ITEM = figure("fig2b", "Trajectory length, hard tanh, σ = 1, 2, 4", "Fig. 2 B", SPOTS, "hard tanh")
