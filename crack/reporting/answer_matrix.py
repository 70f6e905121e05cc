"""The answers of an evaluation by what the images show, as a matrix to click."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from crack.inference.prediction import Label
from crack.reporting.figure_style import PALETTE, PlotlyJson, axes_layout
from crack.reporting.words import ANSWERS, NOTHING

_RIGHT, _WRONG, _OPEN = PALETTE[0], PALETTE[1], PALETTE[5]
_CELLS = {
    (True, Label.CRACK): ("found", _RIGHT),
    (True, Label.REVIEW): ("for a person", _OPEN),
    (True, Label.NO_CRACK): ("missed", _WRONG),
    (False, Label.CRACK): ("false alarms", _WRONG),
    (False, Label.REVIEW): ("for a person", _OPEN),
    (False, Label.NO_CRACK): ("rightly sound", _RIGHT),
}

_HALF = 0.47  # of a cell

TRUTHS = {True: "With a crack", False: "Without a crack"}
"""The rows of the matrix."""


def answer_matrix(counts: Mapping[bool, Mapping[Label, int]]) -> go.Figure:
    """Draw the answers by truth; a click selects a cell.

    Args:
        counts: Images by truth and answer.

    Returns:
        Each cell is a point with [with a crack, answer] as custom data.
    """
    traces: list[PlotlyJson] = []
    shapes: list[PlotlyJson] = []
    for (truth, label), (word, colour) in _CELLS.items():
        number, total = counts[truth][label], sum(counts[truth].values())
        share = f"{number / total:.1%}".replace("%", " %") if total else NOTHING
        column, row = list(ANSWERS).index(label), list(TRUTHS).index(truth)
        shapes.append(
            {
                "x0": column - _HALF,
                "x1": column + _HALF,
                "y0": row - _HALF,
                "y1": row + _HALF,
                "fillcolor": colour,
                "line": {"width": 0},
                "layer": "below",
            }
        )
        traces.append(
            {
                "x": [column],
                "y": [row],
                "mode": "markers+text",
                # Not seen: what is clicked in the middle of a cell.
                "marker": {"symbol": "square", "size": 70, "color": colour},
                "text": [f"<b>{number:,}</b><br>{share}<br>{word}"],
                "textfont": {"size": 13, "color": "white"},
                "customdata": [[truth, label.value]],
                "hovertemplate": f"{number:,} of {total:,}: {word}<extra></extra>",
                "selected": {"textfont": {"color": "white"}},
                "unselected": {
                    "marker": {"opacity": 1},
                    "textfont": {"color": "white"},
                },
                "showlegend": False,
            }
        )
    layout = axes_layout("", "Answer")
    for axis, words in (("xaxis", ANSWERS), ("yaxis", TRUTHS)):
        names = [text.replace(" ", "<br>", 1) for text in words.values()]
        layout[axis] |= {
            "tickvals": list(range(len(names))),
            "ticktext": names,
            "showgrid": False,
            "zeroline": False,
        }
    layout["xaxis"] |= {"side": "top", "range": [-0.5, 2.5]}
    layout["yaxis"] |= {"range": [1.5, -0.5]}
    layout |= {"height": 300, "clickmode": "event+select", "shapes": shapes}
    return go.Figure(traces, layout)
