"""How an element fared from inspection to inspection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from crack.inference.prediction import Label
from crack.inspections.history import (
    RULER_MM,
    ElementState,
    ElementStatus,
    HistoryEntry,
    element_history,
)
from crack.inspections.records import Inspection
from crack.inspections.store import photos_of
from crack.reporting.exposure import (
    DESIGN_NOTE,
    EXPOSURES,
    Exposure,
    find_exposure,
    in_mm,
)
from crack.reporting.report.builders import state_words
from crack.reporting.words import capitalise, day
from pages.inspection.inspection_steps import step_button
from pages.inspection.inspection_verdict import exposure_words
from pages.inspection.inspection_words import (
    coloured,
    last_exposure,
)

_STATUS_ICONS = {
    ElementStatus.NEW: ":material/fiber_new:",
    ElementStatus.GROWN: ":material/trending_up:",
    ElementStatus.UNCHANGED: ":material/trending_flat:",
    ElementStatus.REPAIRED: ":material/build:",
}
_STATES = {ElementState.CRACK: Label.CRACK, ElementState.NO_CRACK: Label.NO_CRACK}
_LINE, _LIMIT = "#0072b2", "#d55e00"  # as in crack.reporting.figures


def draw_history(inspection: Inspection) -> None:
    """Draw the inspections of an element, and the widest crack over time."""
    entries = element_history(inspection.structure, inspection.element)
    for entry in entries:
        _draw_entry(entry, present=entry.inspection.id == inspection.id)
    st.caption(
        "The state follows from the verdicts. Grown: the widest measured crack is "
        f"wider by more than {in_mm(RULER_MM)} than at the inspection before, the "
        "reading accuracy of a crack width ruler."
    )
    if sum(entry.widest_mm is not None for entry in entries) < 2:
        st.info(
            "Measured widths of two inspections or more are drawn over time here.",
            icon=":material/show_chart:",
        )
        return
    _draw_widths(inspection, entries)


def _draw_entry(entry: HistoryEntry, *, present: bool) -> None:
    said = capitalise(state_words(entry))
    if entry.state in _STATES:
        said = coloured(_STATES[entry.state], said)
    else:
        said = f":material/pending: {said}"
    trend = f" {_STATUS_ICONS[entry.status]}" if entry.status else ""
    width = in_mm(entry.widest_mm) if entry.widest_mm else "not measured"
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        step_button(
            f"**{day(entry.inspection.inspected_on)}**"
            + (" (this inspection)" if present else ""),
            entry.inspection.id,
            key=f"inspection_history_{entry.inspection.id}",
        )
        st.markdown(f"{said}{trend}", width="content")
        st.markdown(f"Widest crack: {width}", width="content")


def _draw_widths(inspection: Inspection, entries: Sequence[HistoryEntry]) -> None:
    st.subheader("Widest measured crack")
    keys = [exposure.key for exposure in EXPOSURES if exposure.limit_mm is not None]
    before = last_exposure(photos_of(inspection.id))
    chosen = st.selectbox(
        "Exposure of the surface",
        keys,
        index=keys.index(before) if before in keys else None,
        format_func=lambda key: exposure_words(find_exposure(key)),
        placeholder="Choose one to see its design value as a line",
        key="inspection_history_exposure",
        width=520,
    )
    exposure = find_exposure(chosen) if chosen else None
    st.plotly_chart(
        _figure(entries, exposure),
        theme="streamlit",
        key="inspection_widths",
        config={"displayModeBar": False},
        alt="Widest measured crack in millimetres by day of inspection",
    )
    if exposure is not None:
        st.caption(f"{exposure.remark} {DESIGN_NOTE}")


def _figure(entries: Sequence[HistoryEntry], exposure: Exposure | None) -> go.Figure:
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
    layout: dict[str, Any] = {
        "height": 320,
        "margin": {"l": 8, "r": 8, "t": 24, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {"title": {"text": "Inspected on"}, "tickformat": "%-d %b %Y"},
        "yaxis": {
            "title": {"text": "Crack width (mm)"},
            "rangemode": "tozero",
            "tickformat": ".2f",
        },
    }
    figure = go.Figure([widths], layout)
    if exposure is not None and exposure.limit_mm is not None:
        figure.add_hline(
            exposure.limit_mm,
            line={"color": _LIMIT, "width": 2, "dash": "dash"},
            annotation={
                "text": f"{exposure.kind} of {exposure.source}: "
                f"{in_mm(exposure.limit_mm)}"
            },
            annotation_position="top left",
        )
    return figure
