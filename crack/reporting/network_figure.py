"""The drawing of a network as a Plotly figure, with boxes to click.

The boxes are light on any page, like a drawing on paper: there is much to read in them,
and no one colour of words is legible on white and on black at that size.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from crack.reporting.figure_style import CLEAR, GREY, PALETTE, PlotlyJson
from crack.reporting.network_drawing import (
    STRIP_HEIGHT,
    WIDTH,
    Box,
    NetworkDrawing,
    Strip,
)

_PAPER, _TEXT = "#edf0f1", "#20292e"
_LEARNS = PALETTE[0]
_CHOSEN = "rgba(0,114,178,0.2)"  # that colour, over the box


def network_figure(drawing: NetworkDrawing) -> go.Figure:
    """Draw a network.

    A click selects a point whose `customdata` is the number of its box.

    Args:
        drawing: What to draw.
    """
    placed = [(strip, box) for box in drawing.boxes for strip in box.strips]
    layout: PlotlyJson = {
        "height": drawing.height + 4,
        "margin": {"l": 1, "r": 1, "t": 1, "b": 3},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "barmode": "overlay",
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": False,  # a finger on it scrolls the page
        "clickmode": "event+select",
        "xaxis": {"visible": False, "range": [0, WIDTH], "fixedrange": True},
        "yaxis": {
            "visible": False,
            "range": [drawing.height + 1, 0],
            "fixedrange": True,
        },
        "annotations": [*_headings(drawing), *_words(drawing.boxes), *_on(placed)],
    }
    traces = [
        _paper(drawing),
        _strips(placed, learns=False),
        _strips(placed, learns=True),
        _boxes(drawing.boxes),
    ]
    return go.Figure(traces, layout)


def _paper(drawing: NetworkDrawing) -> PlotlyJson:
    """Return what is under the words: the boxes, and a band with the phases."""
    boxes, band = drawing.boxes, drawing.boxes[0].top - 4
    return {
        **_bars([(0, WIDTH), *((box.left, box.width) for box in boxes)]),
        "y": [band / 2, *(box.top + box.height / 2 for box in boxes)],
        "width": [band, *(box.height for box in boxes)],
        "marker": {"color": _PAPER, "line": {"width": 0}},
        "unselected": {"marker": {"opacity": 1}},
        "hoverinfo": "skip",
    }


def _boxes(boxes: Sequence[Box]) -> PlotlyJson:
    """Return the outlines, over all else, so that they get the clicks."""
    return {
        **_bars([(box.left, box.width) for box in boxes]),
        "y": [box.top + box.height / 2 for box in boxes],
        "width": [box.height for box in boxes],
        "marker": {"color": CLEAR, "line": {"color": GREY, "width": 1.2}},
        "selected": {"marker": {"color": _CHOSEN, "opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "customdata": list(range(len(boxes))),
        "hoverinfo": "none",  # all is written; "skip" would take the clicks too
    }


def _strips(placed: Sequence[tuple[Strip, Box]], *, learns: bool) -> PlotlyJson:
    """Return what is fixed, hatched, or what learns, filled."""
    shown = [(strip, box) for strip, box in placed if strip.learns is learns]
    hatched = {
        "shape": "/",
        "fgcolor": GREY,
        "bgcolor": _PAPER,
        "solidity": 0.1,
        "fgopacity": 0.5,
    }
    return {
        **_bars([(strip.left, strip.width) for strip, _ in shown]),
        "y": [box.strips_at + STRIP_HEIGHT / 2 for _, box in shown],
        "width": [STRIP_HEIGHT] * len(shown),
        "marker": {
            "color": _LEARNS if learns else _PAPER,
            "line": {"color": _LEARNS if learns else GREY, "width": 1},
            "pattern": {} if learns else hatched,
        },
        "unselected": {"marker": {"opacity": 1}},
        "hoverinfo": "skip",
    }


def _bars(places: Sequence[tuple[float, float]]) -> PlotlyJson:
    return {
        "type": "bar",
        "orientation": "h",
        "base": [left for left, _ in places],
        "x": [width for _, width in places],
    }


def _headings(drawing: NetworkDrawing) -> list[PlotlyJson]:
    return [_text(x, 8, f"<b>{words}</b>", 13) for x, words in drawing.headings]


def _words(boxes: Sequence[Box]) -> list[PlotlyJson]:
    """Return titles, facts and the arrows between the boxes."""
    middle, words = WIDTH / 2, []
    for box, after in zip(boxes, (*boxes[1:], None), strict=True):
        title = f"<b>{box.title}</b>: {box.about}"
        words.append(_text(middle, box.title_at, title, 13))
        words.append(_text(middle, box.facts_at, box.facts, 12))
        if after:
            words.append(_arrow(box.top + box.height, after.top))
    return words


def _on(placed: Sequence[tuple[Strip, Box]]) -> list[PlotlyJson]:
    """Return the words on the strips."""
    return [
        _text(
            strip.left + strip.width / 2,
            box.strips_at + STRIP_HEIGHT / 2,
            strip.words,
            12,
            "#ffffff" if strip.learns else _TEXT,
        )
        for strip, box in placed
    ]


def _text(x: float, y: float, text: str, size: int, colour: str = _TEXT) -> PlotlyJson:
    return {
        "x": x,
        "y": y,
        "text": text,
        "showarrow": False,
        "font": {"size": size, "color": colour},
        "borderpad": 0,
    }


def _arrow(start: float, end: float) -> PlotlyJson:
    return {
        "x": WIDTH / 2,
        "y": end - 1,
        "ax": WIDTH / 2,
        "ay": start,
        "axref": "x",
        "ayref": "y",
        "xref": "x",
        "yref": "y",
        "text": "",
        "showarrow": True,
        "arrowhead": 2,
        "arrowwidth": 1.2,
        "arrowcolor": GREY,
    }
