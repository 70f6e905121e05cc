"""Plotly figures: the curves of a run, several runs over each other, class balance.

Every line and bar differs by shape as well as by colour. Backgrounds are transparent
and the colours carry on white and on black, so a figure fits any page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go

from crack.runs.config import Phase

Metric = Literal["loss", "accuracy", "val_loss", "val_accuracy"]
Rows = Sequence[Mapping[str, Any]]

# Okabe and Ito 2008, "Color universal design"; orange and purple darkened, so that
# each has a contrast of 3 : 1 or more against white and against near-black.
_PALETTE = ("#0072b2", "#d55e00", "#009e73", "#b3759a", "#b77e00", "#7a868b")
_TRAIN, _VAL = _PALETTE[:2]
_GREY = "#7a868b"
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "star")
_HATCHES = ("", "/")

_TITLES = {
    "loss": "Training loss (cross-entropy)",
    "accuracy": "Training accuracy (%)",
    "val_loss": "Validation loss (cross-entropy)",
    "val_accuracy": "Validation accuracy (%)",
}


def phase_boundary(history: Rows, planned: int) -> int | None:
    """Return after how many epochs the frozen phase ended or is planned to end.

    Args:
        history: Rows of the run so far.
        planned: Frozen epochs asked for; patience may have ended them earlier.

    Returns:
        The number of epochs, None where there is no frozen phase.
    """
    frozen = [row["epoch"] for row in history if row["phase"] == Phase.FROZEN]
    moved_on = any(row["phase"] == Phase.FINE_TUNE for row in history)
    return (max(frozen, default=None) if moved_on else planned) or None


def history_figure(
    metric: Literal["loss", "accuracy"],
    history: Rows,
    steps: Rows = (),
    *,
    epochs: int,
    boundary: int | None = None,
    best_epoch: int | None = None,
) -> go.Figure:
    """Draw the training and validation curve of one run.

    Args:
        metric: Which of the two.
        history: Rows with epoch, phase, `metric`, `val_<metric>`.
        steps: Rows with position (epochs done, with a fraction) and `metric`.
        epochs: Epochs to leave room for.
        boundary: Epochs after which fine-tuning begins.
        best_epoch: The epoch whose weights are kept.
    """
    figure = _empty_figure(
        "Loss (cross-entropy)" if metric == "loss" else "Accuracy (%)"
    )
    unit = "" if metric == "loss" else " %"
    scale = 1 if metric == "loss" else 100
    if steps:
        figure.add_scatter(
            x=[row["position"] for row in steps],
            y=[row[metric] * scale for row in steps],
            name="within the epoch",
            mode="lines",
            line={"color": _TRAIN, "width": 1},
            opacity=0.7,
            legendrank=2000,  # after the others, though drawn below them
            hovertemplate=f"%{{x:.2f}} epochs: %{{y:.4~g}}{unit}",
        )
    sides = (("training", metric, _TRAIN, 0), ("validation", f"val_{metric}", _VAL, 1))
    for name, column, colour, shape in sides:
        figure.add_scatter(
            x=[row["epoch"] for row in history],
            y=[row[column] * scale for row in history],
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": _DASHES[shape]},
            marker={"symbol": _SYMBOLS[shape], "size": 8},
            customdata=[Phase(row["phase"]).label for row in history],
            hovertemplate=f"epoch %{{x}} (%{{customdata}}): %{{y:.4~g}}{unit}",
        )
    best = next((row for row in history if row["epoch"] == best_epoch), None)
    if best:
        figure.add_scatter(
            x=[best["epoch"]],
            y=[best[f"val_{metric}"] * scale],
            name="best epoch, kept",
            mode="markers",
            marker={"symbol": "circle-open", "size": 17, "color": _VAL},
            marker_line_width=2,
            hoverinfo="skip",
        )
    _mark_phases(figure, boundary, epochs)
    figure.update_xaxes(range=[0, epochs + 0.4])
    if metric == "loss":
        figure.update_yaxes(rangemode="tozero")
    return figure


def compare_figure(histories: Mapping[str, Rows], metric: Metric) -> go.Figure:
    """Draw one curve per run over each other.

    Args:
        histories: The history of each run, by the name to show.
        metric: The column to draw.
    """
    figure = _empty_figure(_TITLES[metric])
    scale, unit = (1, "") if metric.endswith("loss") else (100, " %")
    styles = zip(cycle(_PALETTE), cycle(_DASHES), cycle(_SYMBOLS), strict=False)
    for (name, history), (colour, dash, symbol) in zip(
        histories.items(), styles, strict=False
    ):
        figure.add_scatter(
            x=[row["epoch"] for row in history],
            y=[row[metric] * scale for row in history],
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            marker={"symbol": symbol, "size": 8},
            customdata=[Phase(row["phase"]).label for row in history],
            hovertemplate=f"epoch %{{x}} (%{{customdata}}): %{{y:.4~g}}{unit}",
        )
    return figure


def class_balance_figure(
    samples: pd.DataFrame, class_names: Sequence[str], crack_class: str
) -> go.Figure:
    """Draw how many samples of each class there are, one bar per split.

    Args:
        samples: Columns class and split.
        class_names: The order of the classes.
        crack_class: The class to hatch.
    """
    counts = (
        samples.groupby(["split", "class"], sort=False).size().unstack(fill_value=0)
    )
    order = [name for name in ("train", "val", "test") if name in counts.index]
    counts = counts.loc[order or list(counts.index)]
    totals = counts.sum(axis=1)
    figure = _empty_figure("", x_title="Share of the images (%)")
    for name in class_names:
        numbers = counts[name] if name in counts else totals * 0
        is_crack = name == crack_class
        figure.add_bar(
            y=[f"{split} " for split in counts.index],
            x=100 * numbers / totals,
            name=f"{name} (crack)" if is_crack else name,
            orientation="h",
            marker={
                "color": _PALETTE[1 if is_crack else 0],
                # Drawn over the bar, faint enough to read the number through it.
                "pattern": {
                    "shape": _HATCHES[is_crack],
                    "fillmode": "overlay",
                    "fgcolor": "white",
                    "fgopacity": 0.4,
                    "solidity": 0.15,
                },
            },
            text=[f"{number:,}" for number in numbers],
            textposition="inside",
            insidetextanchor="middle",
            textfont={"color": "white"},
            customdata=numbers,
            hovertemplate="%{customdata:,} images, %{x:.1f} %",
        )
    figure.update_layout(
        barmode="stack",
        bargap=0.35,
        height=130 + 44 * len(counts),
        hovermode="closest",
        legend_traceorder="normal",
    )
    figure.update_xaxes(range=[0, 101], dtick=25, tickformat="d")
    figure.update_yaxes(autorange="reversed", title=None)
    return figure


def _empty_figure(y_title: str, x_title: str = "Epoch") -> go.Figure:
    figure = go.Figure()
    figure.update_layout(
        height=300,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={
            "orientation": "h",
            "yanchor": "bottom",
            "y": 1.02,
            "x": 0,
            "title_text": "",
        },
        hovermode="x unified",
        # One constant: a redraw with new rows keeps the zoom the reader chose.
        uirevision="keep",
    )
    figure.update_xaxes(title=x_title, tickformat="~g", rangemode="tozero")
    figure.update_yaxes(title=y_title, tickformat="~g")
    return figure


def _mark_phases(figure: go.Figure, boundary: int | None, epochs: int) -> None:
    """Draw where the frozen phase ends, and name the phases on either side."""
    if boundary is None or boundary >= epochs:
        title = (Phase.FROZEN if boundary else Phase.FINE_TUNE).label
        _name_phase(figure, title, epochs / 2)
        return
    figure.add_vline(x=boundary, line={"color": _GREY, "width": 1, "dash": "dot"})
    _name_phase(figure, Phase.FROZEN.label, boundary / 2)
    _name_phase(figure, Phase.FINE_TUNE.label, (boundary + epochs) / 2)


def _name_phase(figure: go.Figure, title: str, x: float) -> None:
    figure.add_annotation(
        x=x,
        y=1,
        yref="paper",
        yanchor="top",
        text=title,
        showarrow=False,
        font={"color": _GREY, "size": 12},
    )
