"""Section 3: the liquid part. How fast each neuron is at each moment, and what its state is."""

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray

from liquidtime.layers import CTGRU
from liquidtime.layers.ode import ODELayer
from liquidtime.report.constants import constants
from liquidtime.report.drawing import RECORDINGS, picture, recordings
from liquidtime.report.markup import Html, join, section, tag
from liquidtime.report.neurons import Panel, Values, neuron_maps, thin
from liquidtime.report.replay import Replay
from liquidtime.report.wording import count
from liquidtime.theory import certify, state_bounds, time_constant_bounds
from liquidtime.training import SequenceModel

NEURONS = 64
"""How many neurons are drawn."""
CELLS = 180_000
"""How many values each kind of map may hold, all recordings together; more would make the page slow and large."""
TAU = Html("τ<sub>sys</sub>")
TITLE = "3 · Time constants and states"


def liquid(replays: Sequence[Replay], model: SequenceModel) -> Html:
    """The section, in the form that fits the model."""
    layer = model.rnn
    if not isinstance(layer, ODELayer):
        return _without_equation(replays, model)
    theorem = time_constant_bounds(layer)
    bounds = _last(theorem.lower / model.timespan), _last(theorem.upper / model.timespan)
    box = _last(state_bounds(layer).lower), _last(state_bounds(layer).upper)
    if np.isinf(bounds[0]).all():
        sentence = (
            "A neural ODE has no decay: the time constant of every neuron is infinite, and no box bounds its state. "
            "So there is no map of time constants here; the map shows the states, and the bars their range."
        )
        return section(
            "liquid", TITLE, sentence, *_maps(replays, [_state_panel(replays, None)], np.arange(len(box[0])))
        )
    kept = tag("p", _certificate(replays, layer, model.timespan, box))
    unit = "samples" if replays[0].elapsed is None else "elapsed time"
    states = _state_panel(replays, box)
    if np.array_equal(*bounds):
        order = _slowest_first(bounds[0])
        sentence = (
            "A CT-RNN's time constants are learned and then stay: each neuron keeps its own, whatever the input. The "
            "first picture shows them, the slowest on the left. The map shows the states in the same order; the grey "
            "bars beside it are the box of Theorem 2, the blue lines what happened in this recording."
        )
        fixed = picture("figure-constants", constants(bounds[0], order, unit))
        return section("liquid", TITLE, sentence, kept, fixed, *_maps(replays, [states], order))
    values = _joined(replays)
    time_constants = Panel("tau", f"τ<sub>sys</sub> ({unit})", values, *_extent(values), bounds)
    sentence = join(
        (
            "Each row is a neuron, the slowest on top. The upper map shows its time constant ",
            TAU,
            f", the {'time' if unit == 'elapsed time' else 'number of samples'} over which it forgets: yellow is "
            "slow, dark blue is fast. A row that changes colour is a neuron that changes its speed with what it sees. "
            "Beside it, grey is what Theorem 1 allows whatever the input, blue what happened in this recording, the "
            "dot its median. The lower map shows the states, beside it their box of Theorem 2.",
        )
    )
    moves = tag("p", _liquidity(replays, values))
    order = slowest_first(replays)
    return section("liquid", TITLE, sentence, moves, kept, *_maps(replays, [time_constants, states], order))


def slowest_first(replays: Sequence[Replay]) -> NDArray[np.int64]:
    """Neurons by the median of their time constants; as they are where there are none."""
    if replays[0].tau is None:
        return np.arange(replays[0].state.shape[1])
    return _slowest_first(np.median(_joined(replays), 0))


def _without_equation(replays: Sequence[Replay], model: SequenceModel) -> Html:
    if isinstance(model.rnn, CTGRU):
        grid = ", ".join(f"{tau:.3g}" for tau in (model.rnn.time_constants() / model.timespan).tolist())
        unit = "samples" if replays[0].elapsed is None else "units of the elapsed time"
        sentence = (
            f"A CT-GRU's time constants are a fixed grid, the same for every neuron and input: {grid} {unit}. Each "
            "neuron keeps a trace per time constant, and gates choose where it reads and writes. The map shows the "
            "sum of a neuron's traces, which is what it puts out, and the bars its range."
        )
    else:
        sentence = (
            f"{type(model.rnn).__name__} is no differential equation: it has no time constants, and no theorem bounds "
            "them. The map shows what its neurons put out, and the bars their range."
        )
    panel = _state_panel(replays, None)
    return section("liquid", TITLE, sentence, *_maps(replays, [panel], np.arange(panel.values.shape[1])))


def _maps(replays: Sequence[Replay], panels: Sequence[Panel], order: NDArray[np.int64]) -> list[Html]:
    """The maps of each recording, and what was left out of them."""
    shown = order[np.linspace(0, len(order) - 1, min(len(order), NEURONS)).round().astype(int)]
    drawn, notes = [], []
    thinned: dict[int, list[str]] = {}
    if len(shown) < len(order):
        notes.append(f"{len(shown)} of {len(order)} neurons are drawn, evenly from slow to fast.")
    room = CELLS // (len(shown) * min(len(replays), RECORDINGS))
    clock = replays[0].clock
    if clock.elapsed is None:
        usual = f", whatever the clock says; usually it is {clock.sample}" if clock.dated else ""
        notes.append(f"One sample counts as one unit of time{usual}.")
    for index, one in enumerate(replays[:RECORDINGS]):
        every = -(-len(one) // room)
        thinned.setdefault(every, []).append(one.name)
        here = [
            Panel(panel.name, panel.title, _values(one, panel.name), panel.low, panel.high, panel.bounds)
            for panel in panels
        ]
        arrays = {panel.name: thin(panel.values, shown, every) for panel in here}
        figure = neuron_maps(one, here, shown, every)
        drawn.append(picture(f"figure-neurons-{index}", figure, timed=True, arrays=arrays))
    for every, names in thinned.items():
        if every > 1:
            notes.append(f"The maps of {', '.join(names)} show one row in {every}; ranges and bands know all of them.")
    return [recordings(replays, drawn), tag("p", " ".join(notes), class_="note")]


def _state_panel(replays: Sequence[Replay], box: tuple[Values, Values] | None) -> Panel:
    values = np.concatenate([one.state for one in replays])
    edge = float(np.abs(values).max()) or 1.0
    return Panel("state", "state", values, -edge, edge, box)


def _values(replay: Replay, name: str) -> Values:
    return cast(Values, replay.tau if name == "tau" else replay.state)


def _joined(replays: Sequence[Replay]) -> Values:
    return np.concatenate([_values(one, "tau") for one in replays])


def _extent(values: Values) -> tuple[float, float]:
    """From a little below the least value to a little above the greatest."""
    return float(values.min()) * 0.99, float(values.max()) * 1.01


def _slowest_first(tau: Values) -> NDArray[np.int64]:
    return np.argsort(-tau, kind="stable").astype(np.int64)


def _last(bound: torch.Tensor) -> Values:
    return cast(Values, bound[-1].numpy())


def _liquidity(replays: Sequence[Replay], values: Values) -> str:
    factors = values.max(0) / values.min(0)
    most = int(factors.argmax())
    return (
        f"Over {count(sum(map(len, replays)), 'row')} the time constant of the median neuron moves by a factor of "
        f"{np.median(factors):.3g}, that of the most liquid one, neuron {most}, by a factor of {factors[most]:.3g}."
    )


def _certificate(replays: Sequence[Replay], layer: ODELayer, timespan: float, box: tuple[Values, Values]) -> str:
    """What a check of every value against both theorems said."""
    certificates = [
        certify(
            layer,
            torch.from_numpy(one.state).unsqueeze(0),
            torch.from_numpy(cast(Values, one.tau) * np.float32(timespan)).unsqueeze(0),
        )
        for one in replays
    ]
    values = count(sum(one.state.size for one in replays))
    widened = bool((box[0] > 0).any() or (box[1] < 0).any())
    start = " (widened to hold the zero state that the walk starts from)" if widened else ""
    if all(certificate.holds for certificate in certificates):
        return f"Checked: all {values} time constants are inside their bounds, all {values} states in their box{start}."
    state = max(certificate.state_excess for certificate in certificates)
    tau = max(certificate.time_constant_excess for certificate in certificates)
    return (
        f"Checked, and not kept: of {values} states the worst is {state:.3g} outside its box{start}, and of as many "
        f"rates 1/τ the worst misses its bounds by a share of {tau:.3g}. Solver {layer.solver} does not guarantee "
        "the box at every step size."
    )
