"""Plotly figures: the curves of a run, several runs over each other, class balance.

Lines and bars differ by shape as well as by colour. Backgrounds are transparent and the
colours are visible on white and on black, so a figure fits any page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd
import plotly.graph_objects as go

from crack.reporting.figure_style import CLEAR, CRACK, PALETTE, SOUND, PlotlyJson
from crack.reporting.metric_titles import CURVES
from crack.reporting.phases import phase_marks
from crack.runs.config import Phase
from crack.runs.records import HistoryRow, Metric, StepRow

_TRAIN, _VAL = PALETTE[:2]
_LEAST_SPAN = 5  # percentage points: one image among a few must not fill the height
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "star")


def history_figure(
    metric: Literal["loss", "accuracy"],
    history: Sequence[HistoryRow],
    steps: Sequence[StepRow] = (),
    *,
    epochs: int,
    boundary: int | None = None,
    best_epoch: int | None = None,
) -> go.Figure:
    """Draw the training and validation curve of one run.

    Args:
        metric: Which of the two.
        history: A row per epoch.
        steps: A few rows for each epoch.
        epochs: Number of epochs that the axis has room for.
        boundary: Epochs after which fine-tuning begins.
        best_epoch: The epoch whose weights are kept.
    """
    curve = CURVES[metric]
    of_validation: Metric = "val_loss" if metric == "loss" else "val_accuracy"
    traces: list[PlotlyJson] = []
    thinned = _thin(steps)
    if thinned:
        traces.append(
            {
                "x": [row["position"] for row in thinned],
                "y": [row[metric] * curve.scale for row in thinned],
                "name": "within the epoch",
                "mode": "lines",
                "line": {"color": _TRAIN, "width": 1},
                "opacity": 0.7,
                "legendrank": 2000,  # listed after the others, though drawn below them
                "hovertemplate": f"%{{x:.2f}} epochs: %{{y:.4~g}}{curve.suffix}",
            }
        )
    traces.append(_curve("training", history, metric, _TRAIN, 0))
    traces.append(_curve("validation", history, of_validation, _VAL, 1))
    best = [row for row in history if row["epoch"] == best_epoch]
    if best:
        ring = {
            "symbol": "circle-open",
            "size": 17,
            "color": _VAL,
            "line": {"width": 2},
        }
        traces.append(
            _curve("best epoch, kept", best, of_validation, _VAL, 1)
            | {"mode": "markers", "marker": ring, "hoverinfo": "skip"}
        )
    layout = _layout(f"{curve.title} ({curve.unit})")
    layout["xaxis"]["range"] = [0, epochs + 0.4]
    # Room for the names of the phases, with or without a legend above them.
    layout["legend"]["y"] = 1.13
    layout["margin"]["t"] = 28
    if not history:
        layout["yaxis"]["range"] = [0, curve.scale]  # empty axes must not go below 0
    elif metric == "loss":
        layout["yaxis"]["rangemode"] = "tozero"
    else:
        layout["yaxis"]["range"] = _accuracy_range(traces)
    return go.Figure(traces, layout | phase_marks(boundary, epochs))


def _thin(steps: Sequence[StepRow]) -> list[StepRow]:
    """Return the first row of each tenth of an epoch.

    Streamlit draws a chart anew, with a flash and without the reader's zoom, whenever
    its content changes, so it must not change with every row that a worker writes.
    """
    first: dict[int, StepRow] = {}
    for row in steps:
        first.setdefault(int(10 * row["position"]), row)
    return list(first.values())


def compare_figure(
    histories: Mapping[str, Sequence[HistoryRow]], metric: Metric
) -> go.Figure:
    """Draw the curves of several runs over each other.

    Args:
        histories: The history of each run, by its name in the legend.
        metric: The column to draw.
    """
    traces = [
        _curve(name, history, metric, PALETTE[n % len(PALETTE)], n)
        for n, (name, history) in enumerate(histories.items())
    ]
    curve = CURVES[metric]
    layout = _layout(f"{curve.full_title} ({curve.unit})")
    if curve.unit == "%":
        layout["yaxis"]["range"] = _accuracy_range(traces)
    return go.Figure(traces, layout)


def _accuracy_range(traces: Sequence[PlotlyJson]) -> list[float]:
    """Return the range of percentages that the axis shows, capped at 100."""
    values = [value for trace in traces for value in trace["y"]] or [0.0, 100.0]
    low, high = min(values), max(values)
    margin = 0.05 * max(high - low, _LEAST_SPAN)
    top = min(100.0, high + margin)
    bottom = max(0.0, min(low - margin, top - _LEAST_SPAN))
    # Beyond 100 % only by half the width of a line.
    return [bottom, top + margin / 5 if top == 100 else top]


def class_title(name: str, crack_class: str) -> str:
    """Return the name of a class, with the mark of the crack class if it needs one."""
    marked = name == crack_class and name.casefold() != "crack"
    return f"{name} (crack)" if marked else name


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
    traces = []
    for name in class_names:
        numbers = counts[name] if name in counts else totals * 0
        is_crack = name == crack_class
        traces.append(
            {
                "type": "bar",
                "y": [f"{split} " for split in counts.index],
                "x": 100 * numbers / totals,
                "name": class_title(name, crack_class),
                "orientation": "h",
                "marker": {
                    "color": CRACK if is_crack else SOUND,
                    # Drawn over the bar, but faint enough that the number is legible.
                    "pattern": {
                        "shape": "/" if is_crack else "",
                        "fillmode": "overlay",
                        "fgcolor": "white",
                        "fgopacity": 0.4,
                        "solidity": 0.15,
                    },
                },
                "text": [f"{number:,}" for number in numbers],
                "textposition": "inside",
                "insidetextanchor": "middle",
                "textfont": {"color": "white"},
                "customdata": numbers,
                "hovertemplate": "%{customdata:,} images, %{x:.1f} %",
            }
        )
    layout = _layout("", "Share of the images (%)")
    layout["xaxis"] |= {"range": [0, 101], "dtick": 25}
    layout["yaxis"]["autorange"] = "reversed"
    layout["legend"]["traceorder"] = "normal"
    layout |= {
        "barmode": "stack",
        "bargap": 0.35,
        "height": 130 + 44 * len(counts),
        "hovermode": "closest",
    }
    return go.Figure(traces, layout)


def _curve(
    name: str, history: Sequence[HistoryRow], column: Metric, colour: str, shape: int
) -> PlotlyJson:
    """Return a line through one column of a history.

    Args:
        name: In the legend.
        history: The rows.
        column: Which of their values.
        colour: Of the line.
        shape: Number of the dash and marker.
    """
    shown = CURVES[column]
    return {
        "x": [row["epoch"] for row in history],
        "y": [row[column] * shown.scale for row in history],
        "name": name,
        "mode": "lines+markers",
        "line": {"color": colour, "width": 2, "dash": _DASHES[shape % len(_DASHES)]},
        "marker": {"symbol": _SYMBOLS[shape % len(_SYMBOLS)], "size": 8},
        "cliponaxis": False,  # a marker at 100 % is whole
        "customdata": [Phase(row["phase"]).label for row in history],
        "hovertemplate": f"epoch %{{x}} (%{{customdata}}): %{{y:.4~g}}{shown.suffix}",
    }


def _layout(y_title: str, x_title: str = "Epoch") -> PlotlyJson:
    # Given to Plotly in one piece: a live page draws this every second, and each later
    # change to a figure costs as much as creating it.
    return {
        "height": 300,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "legend": {
            "orientation": "h",
            "yanchor": "bottom",
            "y": 1.02,
            "x": 0,
            "title": {"text": ""},
        },
        "hovermode": "x unified",
        # A constant: a redraw of the same plot then keeps the reader's zoom.
        "uirevision": "keep",
        "xaxis": {
            "title": {"text": x_title},
            "tickformat": "~g",
            "rangemode": "tozero",
        },
        "yaxis": {"title": {"text": y_title}, "tickformat": "~g"},
    }
