"""The report and the table of an inspection, made when they are downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from crack.inspections.records import InspectedPhoto, Inspection
from crack.reporting.inspection_table import inspection_lines
from crack.reporting.report import inspection_document
from crack.storage import free_name
from pages.inspection.answer_words import verdicts_given
from pages.shared.formatting import plain

_FORMATS = {
    ".html": ("Report as HTML", "text/html", ":material/html:"),
    ".pdf": ("Report as PDF", "application/pdf", ":material/picture_as_pdf:"),
}


def draw_report(inspection: Inspection, photos: Sequence[InspectedPhoto]) -> None:
    """Draw the form for the report, and the buttons that make it and the table.

    Args:
        inspection: The inspection to report on.
        photos: All of it.
    """
    st.markdown(
        "The report has the photos beside their overlays, answers and verdicts, "
        "measured widths beside the design values, the history of the element, what "
        "is known of the model, and what the program cannot tell."
    )
    if not photos:
        st.info("Add photos first.", icon=":material/add_a_photo:")
        return
    if any(photo.waits for photo in photos):
        st.info(
            f"{verdicts_given(photos)}. The others are reported as the "
            "answers of the program alone.",
            icon=":material/pending:",
        )
    inspector = _enter_inspector()
    with st.container(horizontal=True):
        for suffix, (label, mime, icon) in _FORMATS.items():
            st.download_button(
                label,
                partial(inspection_document, inspection.id, inspector, suffix),
                file_name=report_name(inspection) + suffix,
                mime=mime,
                icon=icon,
                key=f"inspection_report_{suffix[1:]}",
                type="primary" if suffix == ".pdf" else "secondary",
                on_click="ignore",
            )
        st.download_button(
            "Table as CSV",
            partial(_table, inspection.id),
            file_name=report_name(inspection) + ".csv",
            mime="text/csv",
            icon=":material/table:",
            key="inspection_table",
            on_click="ignore",
        )
    st.caption(
        "A report is made when you click, which takes up to a second a photo. HTML is "
        "one file for screens and archives, PDF is for paper. CSV has a row for each "
        "photo with its answer and verdict, for a spreadsheet."
    )


def report_name(inspection: Inspection) -> str:
    """Return the name of the file, which tells one element from another."""
    place = f"{inspection.structure} {inspection.element}"
    return free_name(f"inspection {inspection.inspected_on} {place}", ())


def _table(inspection_id: str) -> str:
    return "".join(inspection_lines(inspection_id))


def _enter_inspector() -> str:
    """Let the engineer give a name for the cover.

    It is a form because a download button uses the values of the run before the click:
    a name entered just before clicking would be missing from the report.
    """
    with (
        st.form("inspection_cover", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.text_input(
            "Inspected by",
            key="inspection_inspector",
            persist_state="session",
            width=320,
        )
        st.form_submit_button("Put on the cover", key="inspection_cover_send")
    if name:
        st.caption(f"On the cover: inspected by {plain(name)}.")
    return name or ""
