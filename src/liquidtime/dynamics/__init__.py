"""Right-hand sides: what dx/dt is, as drive and decay. They know nothing of solvers.

Shapes, here and everywhere: B batch, T time steps, I input features, H neurons, L substeps.
"""

from liquidtime.dynamics.base import Dynamics, Field
from liquidtime.dynamics.conductance import ConductanceDynamics
from liquidtime.dynamics.ctrnn import CTRNNDynamics
from liquidtime.dynamics.ltc import LTCDynamics
from liquidtime.dynamics.network import NetworkDynamics
from liquidtime.dynamics.neural_ode import NeuralODEDynamics
from liquidtime.dynamics.perceptron import Perceptron

__all__ = [
    "CTRNNDynamics",
    "ConductanceDynamics",
    "Dynamics",
    "Field",
    "LTCDynamics",
    "NetworkDynamics",
    "NeuralODEDynamics",
    "Perceptron",
]
