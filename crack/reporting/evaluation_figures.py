"""Figures of an evaluation: ROC, precision-recall, reliability, thresholds.

Lines differ by dash as well as by colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from crack.evaluation.curves import Curve, Mark, ReliabilityBin
from crack.evaluation.scored import ScoredImages
from crack.inference.thresholds import Thresholds
from crack.reporting.figure_style import (
    CRACK,
    GREY,
    PALETTE,
    SOUND,
    PlotlyJson,
    axes_layout,
)
from crack.reporting.words import ANSWERS, percent, threshold

_SYMBOLS = ("circle", "diamond", "square")
_DASHES = ("solid", "dash", "dot")
_LARGE, _LARGE_HEIGHT = 17, 360  # px; so the matrix fits on the first sheet of paper
_STEPS = 400
_TICKS = ("0.01", "0.1", "1", "10", "50", "90", "99", "99.9", "99.99")


def enlarged(figure: go.Figure) -> go.Figure:
    """Return a figure in large type, to be read across a room."""
    figure.update_layout(height=_LARGE_HEIGHT, font={"size": _LARGE})
    figure.update_xaxes(tickfont={"size": _LARGE}, title={"font": {"size": _LARGE}})
    figure.update_yaxes(tickfont={"size": _LARGE}, title={"font": {"size": _LARGE}})
    figure.update_layout(legend={"font": {"size": _LARGE}})
    for trace in figure.data:
        if trace.text is not None:
            # One word a line: on a phone a cell is hardly wider than one.
            trace.text = [_narrow(words) for words in trace.text]
            trace.textfont.size = _LARGE
    return figure


def _narrow(words: str) -> str:
    """Return the text of a cell with a line for each word."""
    for before, after in ((" %", "\u00a0%"), ("for a ", "for\u00a0a ")):
        words = words.replace(before, after)
    return words.replace(" ", "<br>")


def roc_figure(curves: Mapping[str, Curve]) -> go.Figure:
    """Draw ROC curves, and what the answers of the models come to.

    Args:
        curves: By their names in the legend.
    """
    diagonal = _line([0, 100], [0, 100], "coin toss", GREY, 2)
    layout = axes_layout("Cracks found (%)", "False alarms (%)")
    return _curves(curves, diagonal, layout)


def precision_recall_figure(curves: Mapping[str, Curve], share: float) -> go.Figure:
    """Draw precision-recall curves, and what the answers of the models come to.

    Args:
        curves: By their names in the legend.
        share: Of images with a crack, the precision of a coin toss; 0 to 1.
    """
    flat = _line([0, 100], [100 * share] * 2, "coin toss", GREY, 2)
    layout = axes_layout("Right among those called crack (%)", "Cracks found (%)")
    return _curves(curves, flat, layout)


def reliability_figure(bins: Sequence[ReliabilityBin]) -> go.Figure:
    """Draw how often there is a crack where the model says it is so likely."""
    traces = [
        _line([0, 100], [0, 100], "as it should be", GREY, 2),
        {
            **_line(
                [100 * each.probability for each in bins],
                [100 * each.share for each in bins],
                "observed",
                PALETTE[0],
                0,
            ),
            "mode": "lines+markers",
            "marker": {"size": 8},
            "error_y": {
                "array": [100 * (each.high - each.share) for each in bins],
                "arrayminus": [100 * (each.share - each.low) for each in bins],
                "thickness": 1.2,
            },
            "customdata": [each.images for each in bins],
            "hovertemplate": "said %{x:.1f} %, observed %{y:.1f} %"
            " (%{customdata:,} images)<extra></extra>",
        },
    ]
    layout = axes_layout("Images with a crack (%)", "Probability the model gives (%)")
    return go.Figure(traces, layout)


def threshold_figure(images: ScoredImages, thresholds: Thresholds) -> go.Figure:
    """Draw what a threshold at each probability would cost, and where the two are.

    Args:
        images: Judged ones, with both classes.
        thresholds: Marked; between them a person looks.
    """
    traces = []
    for truth, name, colour, dash in (
        (True, "cracks below it, missed", CRACK, 0),
        (False, "sound images from it on, false alarms", SOUND, 1),
    ):
        ordered = np.sort(images.probability[images.is_crack == truth])
        places = np.unique(np.linspace(0, len(ordered) - 1, _STEPS).astype(int))
        below = places / len(ordered)
        traces.append(
            {
                **_line(
                    _positions(ordered[places]),
                    (100 * (below if truth else 1 - below)).tolist(),
                    name,
                    colour,
                    dash,
                ),
                "customdata": 100 * ordered[places],
                "hovertemplate": "at %{customdata:.4~g} %: %{y:.2f} %<extra></extra>",
            }
        )
    left, right = _positions([thresholds.no_crack, thresholds.crack])
    layout = axes_layout("Share of these images (%)", "Probability of a crack (%)")
    layout["xaxis"] |= {
        "tickvals": _positions([float(tick) / 100 for tick in _TICKS]),
        "ticktext": list(_TICKS),
        "range": _positions([5e-5, 1 - 5e-5]),
    }
    marks = {"line": {"color": GREY, "width": 1.5}, "fillcolor": GREY, "opacity": 0.2}
    layout["shapes"] = [
        {"x0": left, "x1": right, "y0": 0, "y1": 1, "yref": "paper", **marks}
    ]
    layout["annotations"] = [
        {
            "x": (left + right) / 2,
            "y": 1,
            "yref": "paper",
            "yanchor": "top",
            "text": "needs<br>review",
            "showarrow": False,
            "font": {"color": GREY},
        }
    ]
    return go.Figure(traces, layout)


def _positions(probability: Sequence[float] | NDArray[np.float64]) -> list[float]:
    """Return where probabilities stand on an axis that is wide near 0 and 1."""
    inside = np.clip(probability, 5e-5, 1 - 5e-5)
    positions: list[float] = np.log(inside / (1 - inside)).tolist()
    return positions


def _curves(
    curves: Mapping[str, Curve], ground: PlotlyJson, layout: PlotlyJson
) -> go.Figure:
    traces = [ground]
    for place, (name, curve) in enumerate(curves.items()):
        colour = PALETTE[place % len(PALETTE)]
        traces.append(
            {
                **_line(*_percent(curve), name, colour, place),
                "customdata": [_counted_from(each) for each in curve.threshold],
                "hovertemplate": "%{x:.2f} %, %{y:.2f} %: %{customdata}<extra></extra>",
            }
        )
        traces.append(
            {
                "x": [100 * mark.x for mark in curve.marks],
                "y": [100 * mark.y for mark in curve.marks],
                "name": f"thresholds of {name}" if len(curves) > 1 else "thresholds",
                "mode": "markers",
                "marker": {
                    "symbol": _SYMBOLS[place % len(_SYMBOLS)],
                    "size": 11,
                    "color": colour,
                    "line": {"width": 1.5, "color": GREY},
                },
                "cliponaxis": False,
                "customdata": [_answered(mark) for mark in curve.marks],
                "hovertemplate": "%{x:.2f} %, %{y:.2f} %: %{customdata}<extra></extra>",
            }
        )
    return go.Figure(traces, layout)


def _counted_from(probability: float) -> str:
    if np.isinf(probability):
        return "no image counts as crack"
    return f"from a probability of {percent(probability)} on"


def _answered(mark: Mark) -> str:
    answers = " or ".join(ANSWERS[label].lower() for label in mark.answers)
    return f"answered with {answers}, threshold {threshold(mark.threshold)}"


def _percent(curve: Curve) -> tuple[list[float], list[float]]:
    return (100 * curve.x).tolist(), (100 * curve.y).tolist()


def _line(
    x: Sequence[float], y: Sequence[float], name: str, colour: str, dash: int
) -> PlotlyJson:
    return {
        "x": x,
        "y": y,
        "name": name,
        "mode": "lines",
        "line": {"color": colour, "width": 2, "dash": _DASHES[dash % len(_DASHES)]},
        "cliponaxis": False,
    }
