"""Figure 2 C: ReLU networks of one layer, by width."""

from liquidtime.paper.parts.figure2 import Spot, figure

SPOTS = (
    Spot("width 100", sigma_w=2.0, width=100, depth=1, layer=1, published={"node": 81.1, "ctrnn": 39.9, "ltc": 266.3}),
    Spot("width 200", sigma_w=2.0, width=200, depth=1, layer=1, published={"node": 110.9, "ctrnn": 54.5, "ltc": 527.1}),
)
ITEM = figure("fig2c", "Trajectory length, ReLU, width 100, 200", "Fig. 2 C", SPOTS, "ReLU")
