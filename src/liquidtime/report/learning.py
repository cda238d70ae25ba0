"""Section 1: how the loss and the accuracy went from epoch to epoch."""

from typing import Any

import plotly.graph_objects as go

from liquidtime.report.drawing import picture
from liquidtime.report.markup import Html, section
from liquidtime.report.theme import BLUE, GREY, INK, ORANGE, PALE, axis, figure
from liquidtime.report.wording import percent
from liquidtime.training import Run

LEFT, RIGHT = (0.0, 0.46), (0.56, 1.0)


def learning(run: Run) -> Html:
    """The section."""
    results = run.results
    best, tested = results["best_epoch"], results["test_accuracy"]
    sentence = (
        f"Loss and accuracy after each of the {results['epochs']} epochs. The weights of epoch {best} were kept "
        f"(dotted line): there the accuracy on the validation windows was highest, "
        f"{percent(results['valid_accuracy'])}."
    )
    if tested is not None:
        sentence += f" The dashed line is the accuracy on the test windows, {percent(tested)}, scored once at the end."
    return section("learning", "1 · Learning", sentence, picture("figure-learning", curves(run)))


def curves(run: Run) -> go.Figure:
    """Loss on the left, accuracy on the right."""
    epochs = [row["epoch"] for row in run.metrics]
    best, tested = run.results["best_epoch"], run.results["test_accuracy"]
    kept = next(row for row in run.metrics if row["epoch"] == best)
    line = {"mode": "lines+markers", "x": epochs, "hovertemplate": "epoch %{x}: %{y:.4f}"}
    share = {**line, "hovertemplate": "epoch %{x}: %{y:.2%}"}
    traces: list[Any] = [
        go.Scatter(**line, y=[row["train_loss"] for row in run.metrics], name="training loss", line_color=ORANGE),
        go.Scatter(**line, y=[row["valid_loss"] for row in run.metrics], name="validation loss", line_color=BLUE),
        go.Scatter(
            **share,
            y=[row["valid_accuracy"] for row in run.metrics],
            name="validation accuracy",
            line_color=BLUE,
            xaxis="x2",
            yaxis="y2",
            showlegend=False,
        ),
        go.Scatter(
            x=[best],
            y=[kept["valid_accuracy"]],
            mode="markers",
            marker={"symbol": "star", "size": 15, "color": INK},
            name="best epoch",
            xaxis="x2",
            yaxis="y2",
            hovertemplate="best epoch %{x}: %{y:.2%}",
            showlegend=False,
        ),
    ]
    span = [0.5, max(epochs) + 0.5]
    edge = {"xref": "x", "yref": "y domain", "x0": best, "x1": best, "y0": 0, "y1": 1, "layer": "below"}
    marks: list[dict[str, Any]] = [
        {**edge, "line": {"color": GREY, "dash": "dot", "width": 1.5}},
        {**edge, "xref": "x2", "yref": "y2 domain", "line": {"color": GREY, "dash": "dot", "width": 1.5}},
    ]
    words: list[dict[str, Any]] = []
    if tested is not None:
        level = {"xref": "x2 domain", "yref": "y2", "x0": 0, "x1": 1, "y0": tested, "y1": tested}
        marks.append({**level, "line": {"color": INK, "dash": "dash", "width": 1}})
        words.append(
            {"xref": "x2 domain", "yref": "y2", "x": 1, "y": tested, "text": f"test {percent(tested)}", "yshift": 9}
            | {"showarrow": False, "xanchor": "right", "font": {"size": 11}}
        )
        # An invisible point makes the axis reach the line.
        traces.append(go.Scatter(x=[best], y=[tested], xaxis="x2", yaxis="y2", opacity=0, showlegend=False))
        traces[-1].update(mode="markers", hoverinfo="skip")
    whole = {"range": span, "tickformat": "d", "dtick": max(1, round(len(epochs) / 10))}
    return figure(
        traces,
        290,
        xaxis=axis("epoch", domain=list(LEFT), **whole),
        xaxis2=axis("epoch", domain=list(RIGHT), anchor="y2", **whole),
        yaxis=axis("loss (nats per step)", rangemode="tozero"),
        yaxis2=axis("validation accuracy", anchor="x2", tickformat=".1%"),
        legend={"x": LEFT[1], "y": 1, "xanchor": "right", "bgcolor": "rgba(255,255,255,0.8)", "bordercolor": PALE},
        shapes=marks,
        annotations=words,
    )
