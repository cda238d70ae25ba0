"""Section 1: how the loss and the score went from epoch to epoch."""

from typing import Any

import plotly.graph_objects as go

from liquidtime.report.drawing import picture
from liquidtime.report.markup import Html, section
from liquidtime.report.theme import BLUE, GREY, INK, ORANGE, PALE, axis, figure
from liquidtime.report.wording import METRICS, count, extreme, score
from liquidtime.training import Run

LEFT, RIGHT = (0.0, 0.46), (0.56, 1.0)


def learning(run: Run) -> Html:
    """The section."""
    results, metric = run.results, run.metric
    name, best, tested = METRICS[metric], results["best_epoch"], results[f"test_{metric}"]
    sentence = (
        f"Loss and {name} after each of the {results['epochs']} epochs. The weights of epoch {best} were kept "
        f"(dotted line): there the {name} on the validation windows was {extreme(metric)}, "
        f"{score(metric, results[f'valid_{metric}'])}."
    )
    patience = run.recipe.patience
    if patience is not None and results["epochs"] == best + patience:
        sentence += f" Training ended when {count(patience, 'epoch')} in a row had been no better."
    if tested is not None:
        shown = score(metric, tested)
        sentence += f" The dashed line is the {name} on the test windows, {shown}, scored once at the end."
    return section("learning", "1 · Learning", sentence, picture("figure-learning", curves(run)))


def curves(run: Run) -> go.Figure:
    """Loss on the left, the score on the right."""
    metric, chosen = run.metric, f"valid_{run.metric}"
    name = f"validation {METRICS[metric]}"
    epochs = [row["epoch"] for row in run.metrics]
    best, tested = run.results["best_epoch"], run.results[f"test_{metric}"]
    kept = next(row for row in run.metrics if row["epoch"] == best)
    line = {"mode": "lines+markers", "x": epochs, "hovertemplate": "epoch %{x}: %{y:.4f}"}
    number = ":.2%" if metric == "accuracy" else ":.4g"
    share = {**line, "hovertemplate": f"epoch %{{x}}: %{{y{number}}}"}
    traces: list[Any] = [
        go.Scatter(**line, y=[row["train_loss"] for row in run.metrics], name="training loss", line_color=ORANGE),
        go.Scatter(**line, y=[row["valid_loss"] for row in run.metrics], name="validation loss", line_color=BLUE),
        go.Scatter(
            **share,
            y=[row[chosen] for row in run.metrics],
            name=name,
            line_color=BLUE,
            xaxis="x2",
            yaxis="y2",
            showlegend=False,
        ),
        go.Scatter(
            x=[best],
            y=[kept[chosen]],
            mode="markers",
            marker={"symbol": "star", "size": 15, "color": INK},
            name="best epoch",
            xaxis="x2",
            yaxis="y2",
            hovertemplate=f"best epoch %{{x}}: %{{y{number}}}",
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
            {
                "xref": "x2 domain",
                "yref": "y2",
                "x": 1,
                "y": tested,
                "text": f"test {score(metric, tested)}",
                "yshift": 9,
            }
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
        yaxis=axis("loss" if run.config["targets"] else "loss (nats per step)", rangemode="tozero"),
        yaxis2=axis(name, anchor="x2", **({"tickformat": ".1%"} if metric == "accuracy" else {})),
        legend={"x": LEFT[1], "y": 1, "xanchor": "right", "bgcolor": "rgba(255,255,255,0.8)", "bordercolor": PALE},
        shapes=marks,
        annotations=words,
    )
