"""What untrained networks make of a trajectory: its length, its principal components, and the networks themselves."""

from liquidtime.expressivity.compiled import integrate_networks, right_hand_side
from liquidtime.expressivity.feedforward import feedforward_trajectories, unit_circle
from liquidtime.expressivity.heuristics import length_growth
from liquidtime.expressivity.length import rms_radius, trajectory_length
from liquidtime.expressivity.projection import Projection, principal_components
from liquidtime.expressivity.random_networks import (
    ACTIVATIONS,
    Networks,
    Weights,
    draw_as_published,
    draw_as_stated,
    hard_tanh,
    released_hard_tanh,
)
from liquidtime.expressivity.runge_kutta import BOGACKI_SHAMPINE, DORMAND_PRINCE, Solution, System, Tableau, integrate

__all__ = [
    "ACTIVATIONS",
    "BOGACKI_SHAMPINE",
    "DORMAND_PRINCE",
    "Networks",
    "Projection",
    "Solution",
    "System",
    "Tableau",
    "Weights",
    "draw_as_published",
    "draw_as_stated",
    "feedforward_trajectories",
    "hard_tanh",
    "integrate",
    "integrate_networks",
    "length_growth",
    "principal_components",
    "released_hard_tanh",
    "right_hand_side",
    "rms_radius",
    "trajectory_length",
    "unit_circle",
]
