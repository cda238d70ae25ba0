"""Theorems 1 and 2 of the LTC paper: bounds from a layer's parameters, and a check of a trajectory against them."""

from liquidtime.theory.bounds import Bounds, state_bounds, time_constant_bounds
from liquidtime.theory.certificate import Certificate, certify

__all__ = ["Bounds", "Certificate", "certify", "state_bounds", "time_constant_bounds"]
