"""How a measure of images is distributed in each class, to be brushed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from crack.reporting.figure_style import CLEAR, CRACK, SOUND, PlotlyJson
from crack.reporting.figures import class_title

_BINS = 40


@dataclass(frozen=True)
class Measure:
    """A number that every image has.

    Attributes:
        column: Of the table of images.
        title: On the axis, with the unit.
        scale: What a value is multiplied by for the reader.
        logarithmic: Whether it spans powers of ten.
    """

    column: str
    title: str
    scale: float = 1.0
    logarithmic: bool = False

    def on_axis(self, values: pd.Series[float]) -> NDArray[np.float64]:
        """Return where values lie on the axis, as the figure draws them."""
        places = np.array(values, np.float64)
        places *= self.scale
        if self.logarithmic:
            places[:] = np.log10(places.clip(min=0.1))  # a picture of one tone has 0
        return places


MEASURES = (
    Measure("brightness", "Brightness (%)", scale=100),
    Measure("contrast", "Contrast (%)", scale=100),
    Measure("sharpness", "Sharpness (variance of the Laplacian)", logarithmic=True),
    Measure("side", "Shorter side (px)", logarithmic=True),
)


def distribution_figure(
    table: pd.DataFrame,
    measure: Measure,
    class_names: Sequence[str],
    crack_class: str,
) -> go.Figure:
    """Draw how many images of each class have which value.

    Only counts are in the figure, so it is small whatever the dataset.

    Args:
        table: Columns class and that of the measure.
        measure: What is counted.
        class_names: The order of the classes.
        crack_class: The class to hatch.
    """
    places = measure.on_axis(table[measure.column])
    edges = np.histogram_bin_edges(places, _BINS)
    traces: list[PlotlyJson] = []
    for name in class_names:
        counts, _ = np.histogram(places[(table["class"] == name).to_numpy()], edges)
        is_crack = name == crack_class
        traces.append(
            {
                "type": "bar",
                "x": (edges[:-1] + edges[1:]) / 2,
                "y": counts,
                "marker": {
                    "color": CRACK if is_crack else SOUND,
                    "line": {"width": 0},
                    "pattern": {
                        "shape": "/" if is_crack else "",
                        "fillmode": "overlay",
                        "fgcolor": "white",
                        "fgopacity": 0.4,
                        "size": 5,
                    },
                },
                "name": class_title(name, crack_class),
                "customdata": _told(measure, edges),
                "hovertemplate": "%{customdata}: %{y:,} images",
            }
        )
    return go.Figure(traces, _layout(measure, edges))


def _told(measure: Measure, edges: NDArray[np.float64]) -> list[str]:
    """Return the interval of each bar in words."""
    values = 10**edges if measure.logarithmic else edges
    return [f"{low:,.3g} to {high:,.3g}" for low, high in pairwise(values)]


def _layout(measure: Measure, edges: NDArray[np.float64]) -> PlotlyJson:
    x_axis: PlotlyJson = {"title": {"text": measure.title}, "fixedrange": True}
    if measure.logarithmic:
        ticks = _ticks(10 ** edges[0], 10 ** edges[-1])
        x_axis |= {"tickvals": np.log10(ticks), "ticktext": [f"{t:,g}" for t in ticks]}
    return {
        "height": 260,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "dragmode": "select",
        "selectdirection": "h",
        "barmode": "group",
        "bargap": 0.1,
        "hovermode": "closest",
        "uirevision": "keep",
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
        "xaxis": x_axis,
        "yaxis": {
            "title": {"text": "Images"},
            "rangemode": "tozero",
            "fixedrange": True,
        },
    }


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers from `low` to `high`, those at powers of ten and between."""
    exponents = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    wanted = [m * 10.0**e for e in exponents for m in (1, 2, 5)]
    return [tick for tick in wanted if low <= tick <= high] or [low]
