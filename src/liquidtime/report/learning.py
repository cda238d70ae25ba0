"""Section 1: learning."""

from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from liquidtime.report.style import GREY, PALETTE
from liquidtime.training import Run


def learning_figure(run: Run) -> Any:
    """Loss and accuracy by epoch, the best epoch marked."""
    epochs = [row["epoch"] for row in run.metrics]
    figure = make_subplots(1, 2, subplot_titles=("Loss (nats per step)", "Validation accuracy (%)"))
    marks = {"mode": "lines+markers", "x": epochs}
    for name, column, colour in (("training", "train_loss", PALETTE[0]), ("validation", "valid_loss", PALETTE[1])):
        values = [row[column] for row in run.metrics]
        figure.add_trace(go.Scatter(y=values, name=name, line_color=colour, **marks), 1, 1)
    accuracy = [100 * row["valid_accuracy"] for row in run.metrics]
    figure.add_trace(go.Scatter(y=accuracy, showlegend=False, line_color=PALETTE[1], **marks), 1, 2)
    best = run.results["best_epoch"]
    for place in (1, 2):
        figure.add_vline(best, line_dash="dot", line_color=GREY, row=1, col=place)
    figure.add_annotation(
        x=best,
        y=accuracy[best - 1],
        text=f"best: epoch {best}, {accuracy[best - 1]:.2f} %",
        row=1,
        col=2,
        ay=36,
        ax=-40,
    )
    figure.update_xaxes(title_text="epoch", dtick=max(1, len(epochs) // 10), range=[0.5, len(epochs) + 0.5])
    figure.update_layout(height=330, legend={"x": 0.28, "y": 0.98})
    return figure
