"""A photo as a Plotly figure, to draw boxes on, with frames around judged regions.

All positions are in pixels of the upright photo, whatever part of it is shown.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from PIL import Image

from crack.inference.prediction import Label
from crack.inspections.records import Box
from crack.reporting.figure_style import CLEAR, TOOLBAR, TOOLS, PlotlyJson

_SHADE = "rgba(17,22,24,0.85)"  # under frames and words, so that they show on any wall
_JPEG_QUALITY = 85
_ROOM = 0.06  # of the height, for words above a frame
_LEAST_SIDE = 4  # px; anything smaller is an accidental click

# Words and line styles distinguish them as well.
_LINES: dict[Label | None, PlotlyJson] = {
    Label.CRACK: {"color": "#ffa25e", "width": 2, "dash": "solid"},
    Label.NO_CRACK: {"color": "#7cc8f2", "width": 2, "dash": "dash"},
    None: {"color": "#ffffff", "width": 1.5, "dash": "dot"},
}


@dataclass(frozen=True)
class Frame:
    """A region to be framed.

    Attributes:
        box: Where.
        words: Written at the frame.
        label: The verdict on it, None before it is given.
    """

    box: Box
    words: str
    label: Label | None


def photo_figure(
    picture: NDArray[np.uint8], shown: Box, frames: Sequence[Frame]
) -> go.Figure:
    """Draw a photo, or a part of it, with its regions.

    Args:
        picture: uint8 array (height, width, 3) of the part, at any size.
        shown: Which part of the photo that is.
        frames: Regions of the photo; those outside the part are left out.
    """
    frames = [frame for frame in frames if _overlap(frame.box, shown)]
    left, top, width, height = shown
    # Plotly allows a selection only in a trace with points.
    anchor = {
        "type": "scatter",
        "x": [left, left + width],
        "y": [top, top + height],
        "mode": "markers",
        "marker": {"opacity": 0},
        "selected": {"marker": {"opacity": 0}},
        "unselected": {"marker": {"opacity": 0}},
        "hoverinfo": "skip",
    }
    hidden = {"visible": False, "constrain": "domain"}
    layout: PlotlyJson = {
        "images": [_background(picture, shown)],
        "xaxis": {**hidden, "range": [left, left + width]},
        "yaxis": {
            **hidden,
            "range": [top + height, top],
            "scaleanchor": "x",
            "constraintoward": "top",
        },
        "shapes": [shape for frame in frames for shape in _shapes(frame)],
        "annotations": [_words(frame, shown) for frame in frames],
        "margin": {"l": 0, "r": 0, "t": TOOLBAR, "b": 0},
        "modebar": TOOLS,
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "dragmode": "select",
        "newselection": {"line": {"color": "#ffffff", "width": 2, "dash": "solid"}},
        "activeselection": {"fillcolor": "#111618", "opacity": 0.15},
        "showlegend": False,
    }
    return go.Figure([anchor], layout)


def drawn_box(
    x: Sequence[float], y: Sequence[float], width: int, height: int
) -> Box | None:
    """Return a box drawn on the figure as whole pixels within the photo.

    Args:
        x: Two corners, in any order.
        y: Two corners, in any order.
        width: Of the photo.
        height: Of the photo.

    Returns:
        None if it is too small within the photo.
    """
    left, right = (min(max(round(value), 0), width) for value in sorted(x))
    top, bottom = (min(max(round(value), 0), height) for value in sorted(y))
    if min(right - left, bottom - top) < _LEAST_SIDE:
        return None
    return left, top, right - left, bottom - top


def _background(picture: NDArray[np.uint8], shown: Box) -> PlotlyJson:
    buffer = BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=_JPEG_QUALITY)
    content = base64.b64encode(buffer.getvalue()).decode()
    left, top, width, height = shown
    return {
        "source": f"data:image/jpeg;base64,{content}",
        "xref": "x",
        "yref": "y",
        "x": left,
        "y": top,
        "sizex": width,
        "sizey": height,
        "sizing": "stretch",
        "layer": "below",
    }


def _overlap(one: Box, other: Box) -> bool:
    return all(
        one[side] < other[side] + other[side + 2]
        and other[side] < one[side] + one[side + 2]
        for side in (0, 1)
    )


def _shapes(frame: Frame) -> list[PlotlyJson]:
    """Return a frame with a dark edge, visible on dark and on bright walls."""
    left, top, width, height = frame.box
    place = {
        "type": "rect",
        "x0": left,
        "y0": top,
        "x1": left + width,
        "y1": top + height,
    }
    line = _LINES[frame.label]
    shade = {"color": _SHADE, "width": line["width"] + 3}
    return [{**place, "line": shade}, {**place, "line": line}]


def _words(frame: Frame, shown: Box) -> PlotlyJson:
    left, top, width, height = shown
    above = top + height * _ROOM <= frame.box[1] < top + height
    return {
        "text": frame.words,
        # Inside the visible part, so that the words are visible.
        "x": min(max(frame.box[0], left), left + width),
        "y": min(max(frame.box[1], top), top + height),
        "xanchor": "left",
        "yanchor": "bottom" if above else "top",
        "showarrow": False,
        "bgcolor": _SHADE,
        "font": {"color": _LINES[frame.label]["color"], "size": 13},
        "borderpad": 2,
    }
