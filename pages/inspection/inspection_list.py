"""All inspections as cards."""

from __future__ import annotations

import streamlit as st

from crack.inspections.names import name_key
from crack.inspections.records import InspectionSummary
from crack.inspections.store import create_inspection, list_inspections
from crack.reporting.words import count, day
from pages.inspection.answer_words import verdicts_counted
from pages.inspection.inspection_export import train_on_verdicts
from pages.inspection.inspection_form import spellings
from pages.inspection.inspection_steps import go_to, step_button
from pages.shared.answer_signs import answer_words, coloured
from pages.shared.formatting import plain
from pages.shared.permission import allowed

_PER_PAGE = 24
_ALL = "All structures"


def draw_list() -> None:
    """Draw the inspections, the latest first, or what to do if there are none."""
    summaries = list_inspections()
    with st.container(horizontal=True):
        st.button(
            "New inspection",
            type="primary",
            icon=":material/add:",
            key="inspections_new",
            on_click=go_to,
            args=("new",),
            **allowed(create_inspection),
        )
        if summaries and st.button(
            "Train on the verdicts",
            icon=":material/school:",
            key="inspections_export",
        ):
            train_on_verdicts()
    if not summaries:
        _draw_empty()
        return
    shown = _filtered(summaries)
    pages = -(-len(shown) // _PER_PAGE)
    page = 1
    if pages > 1:
        page = st.pagination(pages, key="inspections_page", bind="query-params")
    grid = st.grid("auto", min_column_width=290, gap="small")
    for summary in shown[(page - 1) * _PER_PAGE : page * _PER_PAGE]:
        with grid.container(border=True, gap="xsmall"):
            _draw_card(summary)


def _draw_empty() -> None:
    st.info(
        "There is no inspection yet. An inspection keeps the photos of one element of "
        "a structure, the answers of a model and your verdict on each.",
        icon=":material/fact_check:",
    )
    st.page_link(
        "pages/inspection/predict.py",
        label="Ask about photos first, and keep them as an inspection",
        icon=":material/image_search:",
    )


def _filtered(summaries: list[InspectionSummary]) -> list[InspectionSummary]:
    """Let the reader choose a structure if there are several."""
    structures = spellings(entry.inspection.structure for entry in summaries)
    if len(structures) == 1:
        return summaries
    chosen = st.selectbox(
        "Structure",
        [_ALL, *structures.values()],
        key="inspections_structure",
        bind="query-params",
        on_change=_to_first_page,
        width=320,
    )
    if chosen == _ALL:
        return summaries
    return [
        entry
        for entry in summaries
        if name_key(entry.inspection.structure) == name_key(chosen)
    ]


def _to_first_page() -> None:
    st.session_state["inspections_page"] = 1


def _draw_card(summary: InspectionSummary) -> None:
    inspection = summary.inspection
    step_button(
        f"**{plain(inspection.structure)}, {plain(inspection.element)}**",
        inspection.id,
        key=f"inspections_open_{inspection.id}",
        icon=":material/fact_check:",
    )
    st.caption(
        f"{day(inspection.inspected_on)}, {count(summary.photos, 'photo')}, "
        f"model {plain(inspection.model.name)}"
    )
    if not summary.photos:
        st.markdown("No photos yet")
        return
    st.markdown(_counts(summary))
    if readable := summary.photos - summary.errors:
        st.progress(
            summary.verdicts / readable,
            text=verdicts_counted(summary.verdicts, readable, summary.errors),
        )


def _counts(summary: InspectionSummary) -> str:
    """Return the number of photos by answer, as Markdown."""
    counts = [*summary.answers.items(), (None, summary.errors)]
    return "  \n".join(
        coloured(label, f"{answer_words(label)}: {number:,}")
        for label, number in counts
        if number
    )
