"""Figure 2 E: hard-tanh networks of one layer, by width."""

from liquidtime.paper.parts.figure2 import Spot, figure

SPOTS = (
    Spot("width 100", sigma_w=2.0, width=100, depth=1, layer=1, published={"node": 104.6, "ctrnn": 87.9, "ltc": 18340}),
    Spot(
        "width 200", sigma_w=2.0, width=200, depth=1, layer=1, published={"node": 138.4, "ctrnn": 120.6, "ltc": 53859}
    ),
)
ITEM = figure("fig2e", "Trajectory length, hard tanh, width 100, 200", "Fig. 2 E", SPOTS, "hard tanh")
