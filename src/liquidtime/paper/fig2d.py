"""Figure 2 D: a tanh network of five layers, layer by layer."""

from liquidtime.paper.parts.figure2 import Spot, figure

SPOTS = (
    Spot("layer 1", sigma_w=2.0, width=100, depth=5, layer=1, published={"node": 37.1, "ctrnn": 29.4, "ltc": 438.7}),
    Spot("layer 2", sigma_w=2.0, width=100, depth=5, layer=2, published={"node": 55.8, "ctrnn": 24.5, "ltc": 366.6}),
    Spot("layer 3", sigma_w=2.0, width=100, depth=5, layer=3, published={"node": 56.9, "ctrnn": 25.1, "ltc": 406.2}),
    Spot("layer 4", sigma_w=2.0, width=100, depth=5, layer=4, published={"node": 57.0, "ctrnn": 21.3, "ltc": 358.0}),
    Spot("layer 5", sigma_w=2.0, width=100, depth=5, layer=5, published={"node": 57.6, "ctrnn": 21.8, "ltc": 329.4}),
)
ITEM = figure("fig2d", "Trajectory length per layer, tanh, 5 layers", "Fig. 2 D", SPOTS, "tanh")
