"""Sections 2 and 3: predictions, time constants and states on one time axis."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from liquidtime.report.style import GREY, INK, PALETTE
from liquidtime.report.walk import Array, Walk
from liquidtime.theory import Bounds


def series_figure(walk: Walk, classes: list[str], interval: Bounds | None, box: Bounds | None, order: Array) -> Any:
    """Truth and prediction, probabilities, time constants, states; neurons in the given order.

    Args:
        walk: what to show.
        classes: their names.
        interval: Theorem 1's bounds of each neuron's time constant, or None.
        box: Theorem 2's bounds of each neuron's state, or None.
        order: neurons from slow to fast.
    """
    rows = 3 if walk.tau is None else 4
    key = " ".join(f'<span style="color:{PALETTE[k % len(PALETTE)]}">■</span> {name}' for k, name in enumerate(classes))
    titles = [f"Class: {key}", "Probability"]
    if walk.tau is not None:
        titles += ["Liquid time constant τ (samples)", "τ in its bounds"]
    titles += ["State x", "x in its box"]
    figure = make_subplots(
        rows,
        2,
        column_widths=[0.78, 0.22],
        row_heights=[0.09, 0.17, *[0.37] * (rows - 2)],
        vertical_spacing=0.09 if rows == 4 else 0.1,
        horizontal_spacing=0.03,
        subplot_titles=titles,
        specs=[[{}, None], [{}, None], *[[{}, {}]] * (rows - 2)],
    )
    _classes(figure, walk, classes)
    names = [f"{neuron}" for neuron in order]
    states = walk.states[:, order]
    if walk.tau is not None:
        _tau(figure, walk, order, names, interval)
    _states(figure, walk.time, states, names, box, order, rows)
    for row in range(1, rows + 1):
        figure.update_xaxes(matches="x", showticklabels=row == rows, row=row, col=1)
    figure.update_xaxes(title_text="time", row=rows, col=1)
    figure.update_layout(height=330 + 310 * (rows - 2), showlegend=len(classes) > 2, hovermode="closest")
    figure.update_annotations(font_size=14)
    return figure


def _classes(figure: Any, walk: Walk, classes: list[str]) -> None:
    count = len(classes)
    steps = [(k / count, PALETTE[k % len(PALETTE)]) for k in range(count)]
    steps += [((k + 1) / count, PALETTE[k % len(PALETTE)]) for k in range(count)]
    bands = go.Heatmap(
        x=walk.time,
        y=["predicted", "true"],
        z=np.stack([walk.predicted, walk.truth]).astype(np.int8),
        zmin=-0.5,
        zmax=count - 0.5,
        colorscale=sorted(steps),
        showscale=False,
        hovertemplate="%{x}<br>%{y}: class %{z}<extra></extra>",
    )
    figure.add_trace(bands, 1, 1)
    shown = range(1, 2) if count == 2 else range(count)
    for k in shown:
        line = go.Scatter(
            x=walk.time,
            y=walk.probability[:, k].astype(np.float32),
            name=classes[k],
            line={"width": 1, "color": PALETTE[k % len(PALETTE)]},
            hovertemplate="%{x}<br>probability %{y:.3f}<extra>" + classes[k] + "</extra>",
        )
        figure.add_trace(line, 2, 1)
    title = f"P({classes[1]})" if count == 2 else "P(class)"
    figure.update_yaxes(range=[-0.03, 1.03], title_text=title, row=2, col=1)


def _tau(figure: Any, walk: Walk, order: Array, names: list[str], interval: Bounds | None) -> None:
    assert walk.tau is not None
    tau = walk.tau[:, order].T
    shown = np.stack([tau, walk.states[:, order].T], -1).astype(np.float32)
    log = np.log10(tau).astype(np.float32)
    figure.add_trace(
        go.Heatmap(
            x=walk.time,
            y=names,
            z=log,
            customdata=shown,
            colorscale="Viridis",
            colorbar=_bar(figure, 3, "τ", *_decades(float(log.min()), float(log.max()))),
            hovertemplate="neuron %{y}<br>%{x}<br>τ %{customdata[0]:.3g} samples<br>state %{customdata[1]:.3f}"
            "<extra></extra>",
        ),
        3,
        1,
    )
    figure.update_yaxes(title_text="neuron, slow to fast", showticklabels=False, autorange="reversed", row=3, col=1)
    _ranges(figure, 3, names, tau, interval, order)
    figure.update_xaxes(type="log", title_text="τ (samples)", dtick=1, row=3, col=2)


def _states(
    figure: Any, time: Array, states: Array, names: list[str], box: Bounds | None, order: Array, row: int
) -> None:
    span = float(np.abs(states).max())
    figure.add_trace(
        go.Heatmap(
            x=time,
            y=names,
            z=states.T.astype(np.float32),
            zmin=-span,
            zmax=span,
            colorscale="PuOr",
            colorbar=_bar(figure, row, "x", None, None),
            hovertemplate="neuron %{y}<br>%{x}<br>state %{z:.3f}<extra></extra>",
        ),
        row,
        1,
    )
    figure.update_yaxes(title_text="neuron, same order", showticklabels=False, autorange="reversed", row=row, col=1)
    _ranges(figure, row, names, states.T, box, order)
    figure.update_xaxes(title_text="x", row=row, col=2)


def _ranges(figure: Any, row: int, names: list[str], values: Array, bounds: Bounds | None, order: Array) -> None:
    """Per neuron the interval that the theorem allows in grey, the one that was visited in colour."""
    if bounds is not None:
        low, high = (bound[0].numpy()[order] for bound in (bounds.lower, bounds.upper))
        if np.isfinite(low).all() and np.isfinite(high).all():
            figure.add_trace(_bars(names, low, high, GREY, 5, "allowed"), row, 2)
    figure.add_trace(_bars(names, values.min(1), values.max(1), INK, 2, "visited"), row, 2)
    figure.update_yaxes(showticklabels=False, autorange="reversed", row=row, col=2)


def _bars(names: list[str], low: Array, high: Array, colour: str, width: int, what: str) -> Any:
    x = np.stack([low, high, np.full_like(low, np.nan)], -1).ravel()
    y = np.repeat(names, 3)
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": colour, "width": width},
        showlegend=False,
        hovertemplate=f"neuron %{{y}}<br>{what} %{{x:.3g}}<extra></extra>",
    )


def _bar(figure: Any, row: int, title: str, values: list[float] | None, labels: list[str] | None) -> dict[str, Any]:
    axis = figure.get_subplot(row, 1).yaxis.domain
    bar: dict[str, Any] = {
        "title": title,
        "len": axis[1] - axis[0],
        "y": (axis[0] + axis[1]) / 2,
        "thickness": 10,
        "x": 1.01,
    }
    if values is not None:
        bar |= {"tickvals": values, "ticktext": labels}
    return bar


def _decades(low: float, high: float) -> tuple[list[float], list[str]]:
    """Ticks 1, 2, 5, 10, … of a logarithmic colour bar."""
    ticks = [m * 10.0**e for e in range(int(np.floor(low)) - 1, int(np.ceil(high)) + 1) for m in (1, 2, 5)]
    ticks = [tick for tick in ticks if low <= np.log10(tick) <= high]
    return [float(np.log10(tick)) for tick in ticks], [f"{tick:g}" for tick in ticks]
