"""Recurrent layers with the signature, shapes and defaults of `torch.nn.GRU`, over irregular time."""

from liquidtime.layers.conductance_ltc import ConductanceLTC
from liquidtime.layers.ctgru import CTGRU
from liquidtime.layers.ctrnn import CTRNN
from liquidtime.layers.ltc import LTC
from liquidtime.layers.neural_ode import NeuralODE
from liquidtime.layers.recurrent import Recurrent
from liquidtime.layers.stream import Stream

__all__ = ["CTGRU", "CTRNN", "LTC", "ConductanceLTC", "NeuralODE", "Recurrent", "Stream"]
