"""The page as a whole."""

import html
from pathlib import Path
from typing import Any

import numpy as np
from plotly.offline import get_plotlyjs

from liquidtime.data import Task
from liquidtime.layers.ode import ODELayer
from liquidtime.report.errors import confusion_table, stretches_table
from liquidtime.report.learning import learning_figure
from liquidtime.report.reproducibility import reproducibility_table
from liquidtime.report.series import series_figure
from liquidtime.report.style import CSS
from liquidtime.report.walk import Walk, walk, worst_stretches
from liquidtime.theory import Bounds, state_bounds, time_constant_bounds
from liquidtime.training import Run, SequenceModel, load_model, write_aside

MOST_ROWS = 3000

_SCRIPT = """
for (const button of document.querySelectorAll('button[data-figure]')) button.onclick = () => {
  const figure = document.getElementById(button.dataset.figure);
  Plotly.relayout(figure, {'xaxis.range': [button.dataset.start, button.dataset.stop]});
  figure.scrollIntoView({behavior: 'smooth'});
};
"""


def write(run: Run, task: Task) -> Path:
    """Write a run's report page.

    Args:
        run: a finished run.
        task: what it was trained on; its recordings are shown.

    Returns:
        The page's path, `report.html` in the run folder.

    Raises:
        RunFolderError: the run's weights are damaged, or the page cannot be written.
    """
    model = load_model(run)
    walks = [walk(model, recording) for recording in task.recordings]
    path = run.path / "report.html"
    write_aside(path, _page(run, task, model, walks).encode())
    return path


def _page(run: Run, task: Task, model: SequenceModel, walks: list[Walk]) -> str:
    title = f"{run.recipe.model} on {task.name}"
    sections = [
        _header(run, task, model, walks),
        "<h2>1 · Learning</h2><p>Loss and accuracy after each epoch. The dotted line marks the epoch whose weights "
        "were kept: the one with the highest validation accuracy.</p>",
        _figure(learning_figure(run), "learning"),
        *_series(run, task, model, walks),
        *_errors(run, walks),
        "<h2>6 · Reproducibility</h2><p>What it takes to get the same numbers again.</p>",
        reproducibility_table(run, task),
    ]
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{CSS}</style><script>{get_plotlyjs()}</script></head>"
        f"<body>{''.join(sections)}<script>{_SCRIPT}</script></body></html>\n"
    )


def _header(run: Run, task: Task, model: SequenceModel, walks: list[Walk]) -> str:
    results = run.results
    layer = html.escape(repr(model.rnn))
    length = task.test.x.shape[1]
    headline = (
        f"{html.escape(run.recipe.model)} labels {100 * results['test_accuracy']:.2f} % of the test steps of "
        f"{html.escape(task.name)} correctly"
    )
    streamed = ", ".join(f"{100 * one.accuracy:.2f} % on {html.escape(one.name)}" for one in walks)
    return (
        f"<h1>{headline}</h1>"
        f"<p class=fact><b>Score</b> F1 {results['test_f1']:.3f} over {results['test_windows']:,} windows of {length} "
        "steps, each from a zero state. In one pass over each recording with the state carried along, as shown below: "
        f"{streamed}.</p>"
        f"<p class=fact><b>Data</b> {html.escape(task.protocol)}</p>"
        f"<p class=fact><b>Model</b> <code>{layer}</code>, {run.config['parameters']:,} parameters and read-out</p>"
        f"<p class=fact><b>Command</b> <code>{html.escape(run.config['command'] or 'started from Python')}</code></p>"
    )


def _series(run: Run, task: Task, model: SequenceModel, walks: list[Walk]) -> list[str]:
    interval, box = _bounds(model)
    by = walks[0].tau if walks[0].tau is not None else walks[0].states
    order = np.argsort(-np.median(by, axis=0), kind="stable") if walks[0].tau is not None else np.arange(by.shape[1])
    parts = [
        "<h2>2 · Predictions and 3 · the liquid part</h2>"
        "<p>Where the two bands differ in colour, the model is wrong; below them the probability it gave. Drag to zoom "
        "(all panels share the time axis); double-click to return.</p>",
        f"<p>{_explain(model)}</p>",
    ]
    for number, one in enumerate(walks):
        shown = one.thinned(MOST_ROWS)
        every = -(-len(one.time) // MOST_ROWS)
        note = "every row" if every == 1 else f"one row in {every}"
        parts.append(f"<h3>{html.escape(one.name)} ({len(one.time):,} rows; {note} is drawn)</h3>")
        parts.append(_figure(series_figure(shown, list(task.classes), interval, box, order), f"series-{number}"))
    return parts


def _bounds(model: SequenceModel) -> tuple[Bounds | None, Bounds | None]:
    if not isinstance(model.rnn, ODELayer):
        return None, None
    return time_constant_bounds(model.rnn), state_bounds(model.rnn)


def _explain(model: SequenceModel) -> str:
    name = type(model.rnn).__name__
    if name in ("LTC", "ConductanceLTC"):
        return (
            "Each row of the upper map is a neuron, coloured by its liquid time constant τ: dark ones follow the input "
            "at once, bright ones remember. Beside each map, grey is what Theorem 1 (τ) and Theorem 2 (state) allow, "
            "black what the neuron visited. States start from zero, which may lie outside a neuron's box."
        )
    if name == "CTRNN":
        return "A CT-RNN's time constants do not depend on the input, so there is no map of them; its states are below."
    if name == "NeuralODE":
        return "A neural ODE has no decay: its time constants are infinite and nothing bounds its states, shown below."
    if name == "CTGRU":
        return "A CT-GRU keeps traces at eight fixed time constants, 1 to 3162 samples; shown is their sum."
    return f"{name} has no time constants; its hidden states are below."


def _errors(run: Run, walks: list[Walk]) -> list[str]:
    classes = run.config["classes"]
    return [
        "<h2>5 · Errors</h2><p>The test windows of the protocol by true and predicted class: counts, and the share of "
        "the true class.</p>",
        confusion_table(run.results["confusion"], classes),
        "<h3>Worst stretches</h3><p>The longest runs of wrong rows in the recordings above; a click zooms there.</p>",
        stretches_table(worst_stretches(walks), classes, [one.name for one in walks]),
    ]


def _figure(figure: Any, name: str) -> str:
    figure.update_layout(
        template="plotly_white",
        margin={"l": 64, "r": 16, "t": 40, "b": 48},
        font={"family": "system-ui, Segoe UI, Roboto, Helvetica, Arial, DejaVu Sans, sans-serif", "size": 13},
    )
    config = {"displayModeBar": False, "responsive": True}
    drawn = figure.to_html(full_html=False, include_plotlyjs=False, div_id=name, config=config)
    return f'<div class="figure">{drawn}</div>'
