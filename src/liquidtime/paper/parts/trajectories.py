"""Random networks on the unit circle: the computation behind figures 2 and 3 and table 2."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from scipy.integrate import solve_ivp
from torch import Tensor

from liquidtime.expressivity import (
    ACTIVATIONS,
    BOGACKI_SHAMPINE,
    DORMAND_PRINCE,
    Networks,
    Weights,
    draw_as_published,
    draw_as_stated,
    integrate_networks,
    principal_components,
    right_hand_side,
    trajectory_length,
)
from liquidtime.paper.engine import Case, Value

Setting = Literal["published", "stated"]
SETTINGS: tuple[Setting, ...] = ("published", "stated")
MODELS = {"node": "N-ODE", "ctrnn": "CT-RNN", "ltc": "LTC"}
TOLERANCE = {"published": 1e-2, "stated": 1e-4}
END = 2 * np.pi
PLANE_POINTS, EVEN, GROUP = 1200, 4001, 10
EMBEDDED = {"ode45": DORMAND_PRINCE, "ode23": BOGACKI_SHAMPINE}


@dataclass(frozen=True)
class Trajectories(Case):
    """Lengths of the first two principal components of each layer's trajectory, one network per seed.

    As published the lengths are those of the solver's output points at its loose tolerances (1e-2 relative, 1e-4
    absolute); as stated they are taken at even times and the tolerances are 1e-4 and 1e-6, so that what is measured is
    the trajectory and not the solver. `rtol` sets another tolerance, a hundred times the absolute one,
    `sigma_tau` another deviation of τ under the published weights.
    """

    setting: Setting
    model: str
    activation: str
    sigma_w: float
    width: int
    depth: int
    networks: int
    solver: str = "ode45"
    rtol: float | None = None
    sigma_tau: float | None = None

    @property
    def label(self) -> str:
        """In a few words."""
        size = f"σ {self.sigma_w:g}, {self.depth} × {self.width}"
        return f"{MODELS[self.model]} {self.activation}, {size}, as {self.setting}, {self.solver}"

    def run(self) -> Value:
        """`lengths` and `rms` (networks, layers), `points` (networks), `plane` (layers, 2, points) of seed 0."""
        lengths, rms, counts, plane = [], [], [], list[list[list[float]]]()
        for points, times in self._solve():
            line = points.double() if self.setting == "published" else _evenly(points.double(), times)
            layers = line.view(len(line), self.depth, self.width).transpose(0, 1)
            flat = principal_components(layers).points
            lengths.append(trajectory_length(flat).tolist())
            rms.append(trajectory_length(flat, normalize="rms").tolist())
            counts.append(len(points))
            if not plane:
                plane = flat[:, _thin(len(line))].mT.tolist()
        return {"lengths": lengths, "rms": rms, "points": counts, "plane": _rounded(plane)}

    def _solve(self) -> Iterator[tuple[Tensor, Tensor]]:
        rtol = TOLERANCE[self.setting] if self.rtol is None else self.rtol
        atol = rtol / 100
        for first in range(0, self.networks, GROUP):
            seeds = range(first, min(first + GROUP, self.networks))
            weights = self._draw(seeds)
            networks = Networks(self.model, ACTIVATIONS[self.activation], weights, self.setting == "published")
            if self.solver in EMBEDDED:
                yield from integrate_networks(networks, END, method=EMBEDDED[self.solver], rtol=rtol, atol=atol)
            else:
                for n in range(len(seeds)):
                    yield _by_scipy(networks, n, self.solver, rtol, atol)

    def _draw(self, seeds: range) -> Weights:
        sizes = (seeds, self.width, self.depth, self.sigma_w)
        if self.setting == "stated":
            return draw_as_stated(*sizes)
        return draw_as_published(*sizes, sigma_tau=self.sigma_tau)


def _by_scipy(networks: Networks, n: int, method: str, rtol: float, atol: float) -> tuple[Tensor, Tensor]:
    start = networks.start()[n].numpy()
    derivative = right_hand_side(networks, n)
    found = solve_ivp(derivative, (0, END), start, method, rtol=rtol, atol=atol, max_step=END / 10)
    if not found.success:
        raise ArithmeticError(f"{method}: {found.message}")
    return torch.from_numpy(np.ascontiguousarray(found.y.T)), torch.from_numpy(found.t)


def _evenly(points: Tensor, times: Tensor) -> Tensor:
    """The line through the points, at even times, so that a solver's dense stretches weigh no more than others."""
    grid = torch.linspace(0, float(times[-1]), EVEN, dtype=times.dtype)
    right = torch.searchsorted(times, grid).clamp(1, len(times) - 1)
    share = (grid - times[right - 1]) / (times[right] - times[right - 1])
    return torch.lerp(points[right - 1], points[right], share[:, None])


def _thin(count: int) -> Tensor:
    return torch.linspace(0, count - 1, min(count, PLANE_POINTS)).round().long()


def _rounded(nested: list[list[list[float]]]) -> list[list[list[float]]]:
    return [[[float(f"{value:.5g}") for value in axis] for axis in layer] for layer in nested]
