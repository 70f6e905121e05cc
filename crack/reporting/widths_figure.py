"""A Plotly figure: the widest crack of an element from inspection to inspection."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from crack.inspections.history import HistoryEntry
from crack.reporting.exposure import Exposure, in_mm
from crack.reporting.figure_style import CLEAR, PALETTE, PlotlyJson

_LINE, _LIMIT = PALETTE[:2]


def widths_figure(
    entries: Sequence[HistoryEntry], exposure: Exposure | None
) -> go.Figure:
    """Draw the widest measured crack by the day of the inspection.

    Args:
        entries: Those without a measured width are left out.
        exposure: Its design value is drawn as a line, if it has one.
    """
    measured = [
        (entry.inspection.inspected_on, entry.widest_mm)
        for entry in entries
        if entry.widest_mm is not None
    ]
    widths = {
        "x": [when for when, _ in measured],
        "y": [width for _, width in measured],
        "name": "widest measured crack",
        "mode": "lines+markers",
        "line": {"color": _LINE, "width": 2},
        "marker": {"symbol": "circle", "size": 9},
        "text": [in_mm(width) for _, width in measured],
        "hovertemplate": "%{x|%-d %B %Y}: %{text}<extra></extra>",
    }
    figure = go.Figure([widths], _layout())
    if exposure is not None and exposure.limit_mm is not None:
        limit = in_mm(exposure.limit_mm)
        figure.add_hline(
            exposure.limit_mm,
            line={"color": _LIMIT, "width": 2, "dash": "dash"},
        )
        # Above the figure: beside the line, the widths would run through the words.
        figure.add_annotation(
            text=f"<span style='color:{_LIMIT}'>– –</span> {exposure.kind} of "
            f"{exposure.source}: {limit}",
            x=0,
            y=1,
            xref="paper",
            yref="paper",
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
        )
    return figure


def _layout() -> PlotlyJson:
    return {
        "height": 320,
        "margin": {"l": 8, "r": 8, "t": 24, "b": 8},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "xaxis": {"title": {"text": "Inspected on"}, "tickformat": "%-d %b %Y"},
        "yaxis": {
            "title": {"text": "Crack width (mm)"},
            "rangemode": "tozero",
            "tickformat": ".2f",
        },
    }
