"""The history of an element from inspection to inspection."""

from __future__ import annotations

from collections.abc import Sequence

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
from crack.inspections.verdict_choices import last_exposure
from crack.reporting.exposure import (
    DESIGN_NOTE,
    EXPOSURES,
    find_exposure,
    in_mm,
)
from crack.reporting.inspection_words import state_words
from crack.reporting.widths_figure import widths_figure
from crack.reporting.words import capitalise, day
from pages.inspection.inspection_steps import step_button
from pages.inspection.inspection_verdict import exposure_words
from pages.shared.answer_signs import coloured

_STATUS_ICONS = {
    ElementStatus.FIRST_RECORDED: ":material/flag:",
    ElementStatus.NEW: ":material/fiber_new:",
    ElementStatus.GROWN: ":material/trending_up:",
    ElementStatus.UNCHANGED: ":material/trending_flat:",
    ElementStatus.REPAIRED: ":material/build:",
}
_STATES = {ElementState.CRACK: Label.CRACK, ElementState.NO_CRACK: Label.NO_CRACK}


def draw_history(inspection: Inspection) -> None:
    """Draw the inspections of an element, and the widest crack over time."""
    entries = element_history(inspection.structure, inspection.element)
    for entry in entries:
        _draw_entry(entry, present=entry.inspection.id == inspection.id)
    st.caption(
        "The state follows from the verdicts. First recorded: nothing is known of the "
        "time before, so the crack may be old. Grown: the widest measured crack is "
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
        widths_figure(entries, exposure),
        theme="streamlit",
        key="inspection_widths",
        config={"displayModeBar": False},
        alt="Widest measured crack in millimetres by day of inspection",
    )
    if exposure is not None:
        st.caption(f"{exposure.remark} {DESIGN_NOTE}")
