"""A map of a dataset: a point for each image, by colour and shape of its kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from crack.reporting.figure_style import (
    PALETTE,
    TOOLBAR,
    TOOLS,
    PlotlyJson,
    axes_layout,
)

_SYMBOLS = ("circle", "x-thin-open", "diamond-open", "triangle-up-open")
_SMALL, _LARGE = 4, 7  # px of a point
_MANY = 3000  # images, from which on the points are small
_HEIGHT = 560


def map_figure(
    positions: NDArray[np.float32],
    kinds: NDArray[np.object_],
    order: Sequence[str],
    axis: str,
    unknown: str = "",
) -> go.Figure:
    """Draw a point for each image; a lasso or a click chooses some.

    Args:
        positions: Shape (n, 2), NaN for an image that is not on the map.
        kinds: Shape (n,), what the colour tells of each.
        order: The kinds that may occur, the ones to be seen above all last. They get
            the colours of the palette in this order: of two classes the second is
            drawn as `CRACK`.
        axis: What the axes are, such as "principal component".
        unknown: The kind of which nothing is known: grey, not to catch the eye.

    Returns:
        One trace for each entry of `order`, with the images of `rows_of`.
    """
    size = _SMALL if len(positions) >= _MANY else _LARGE
    traces: list[PlotlyJson] = []
    known = [kind for kind in order if kind != unknown]
    for kind in order:
        number = known.index(kind) if kind in known else -1
        rows = rows_of(positions, kinds, kind)
        traces.append(
            {
                "type": "scattergl",
                "x": positions[rows, 0],
                "y": positions[rows, 1],
                "mode": "markers",
                "name": f"{kind} ({len(rows):,})",
                "marker": {
                    "color": PALETTE[number],  # the last one is grey
                    "symbol": _SYMBOLS[number],
                    "size": size + 2 * (number > 0),
                    "line": {"width": 1, "color": PALETTE[number]},
                    "opacity": 0.75,
                },
                "unselected": {"marker": {"opacity": 0.15}},
                "hovertemplate": f"{kind}<extra></extra>",
            }
        )
    layout = axes_layout(f"Second {axis}", f"First {axis}")
    for name in ("xaxis", "yaxis"):
        # Positions on a map have no unit.
        layout[name] |= {"showticklabels": False, "zeroline": False}
    layout["margin"]["t"] = TOOLBAR
    layout["modebar"] = TOOLS
    layout["legend"] |= {"yref": "container", "y": 0}  # below, where no tool is
    layout |= {"height": _HEIGHT, "dragmode": "lasso", "clickmode": "event+select"}
    return go.Figure(traces, layout)


def rows_of(
    positions: NDArray[np.float32], kinds: NDArray[np.object_], kind: str
) -> NDArray[np.int64]:
    """Return the places of the images in one trace of `map_figure`, in its order.

    Args:
        positions: As given to it.
        kinds: As given to it.
        kind: Of the trace.
    """
    return np.flatnonzero((kinds == kind) & np.isfinite(positions[:, 0]))
