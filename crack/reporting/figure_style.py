"""The style of all figures: colours that are visible on white and on black."""

from __future__ import annotations

from typing import Any

PlotlyJson = dict[str, Any]
"""A trace, a layout or a part of them, in the schema that Plotly checks."""

# Okabe and Ito 2008, "Color universal design"; orange and purple darkened, so that
# each has a contrast of 3 : 1 or more against white and against near-black.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#b3759a", "#b77e00", "#7a868b")
"""Of curves and bars; the first two contrast best."""

SOUND, CRACK = PALETTE[:2]
"""Of the two classes, wherever a colour tells the class of an image."""

GREY = PALETTE[-1]
"""Of words and lines beside the curves."""

CLEAR = "rgba(0,0,0,0)"
"""The background, so that a figure fits any page."""


TOOLBAR = 34
"""Height in px of the strip above a figure for its tools, which would cover it: where
nothing can hover, as on a phone, Plotly always shows them."""

TOOLS: PlotlyJson = {"bgcolor": CLEAR, "color": GREY, "activecolor": SOUND}
"""Their colours. From a clear background Plotly makes a grey bar with faint icons."""


def axes_layout(y_title: str, x_title: str) -> PlotlyJson:
    """Return the layout of a figure with two titled axes."""
    return {
        "height": 340,
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
        "hovermode": "closest",
        "uirevision": "keep",
        "xaxis": {"title": {"text": x_title}, "tickformat": "~g"},
        "yaxis": {"title": {"text": y_title}, "tickformat": "~g"},
    }
