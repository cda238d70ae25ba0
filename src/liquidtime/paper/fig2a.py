"""Figure 2 A: a hard-tanh network of three layers, layer by layer."""

from liquidtime.paper.parts.figure2 import Spot, figure

SPOTS = (
    Spot("layer 1", sigma_w=2.0, width=100, depth=3, layer=1, published={"node": 108.2, "ctrnn": 90.5, "ltc": 12481}),
    Spot("layer 2", sigma_w=2.0, width=100, depth=3, layer=2, published={"node": 5407, "ctrnn": 1211, "ltc": 15333}),
    Spot("layer 3", sigma_w=2.0, width=100, depth=3, layer=3, published={"node": 255299, "ctrnn": 15949, "ltc": 17707}),
)
ITEM = figure("fig2a", "Trajectory length per layer, hard tanh, 3 layers", "Fig. 2 A", SPOTS, "hard tanh")
