"""What was entered of an inspection: changed, added to, deleted."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from crack.inspections.records import InspectedPhoto, Inspection, common_scale
from crack.inspections.store import change_inspection, delete_inspection
from crack.reporting.words import count, threshold, version_words
from crack.runs.registry import find_version
from pages.inspection.inspection_new import choose_uploads, enter_facts
from pages.inspection.inspection_photos import start_adding
from pages.inspection.inspection_steps import go_to
from pages.shared.feedback import confirm, errors_shown, notify
from pages.shared.formatting import plain


def draw_facts(inspection: Inspection, photos: int) -> None:
    """Draw the facts to be changed, what answers, and the way to delete it all."""
    structure, element, inspected_on, note = enter_facts(inspection.id, inspection)
    if st.button(
        "Save changes",
        type="primary",
        icon=":material/save:",
        key="inspection_change",
        disabled=not structure or not element,
    ):
        with errors_shown():
            change_inspection(
                inspection.id,
                structure=structure,
                element=element,
                inspected_on=inspected_on,
                note=note,
            )
            notify("Saved the changes.")
            st.rerun()
    thresholds = inspection.model.thresholds
    st.caption(
        f"Answers by model {plain(inspection.model.name)}, "
        f"{plain(version_words(inspection.model.created))}: crack from "
        f"{threshold(thresholds.crack)} on, no crack below "
        f"{threshold(thresholds.no_crack)}."
    )
    st.subheader("Delete")
    if st.button(
        "Delete this inspection", icon=":material/delete:", key="inspection_delete"
    ):
        confirm(
            "Delete this inspection?",
            f"{count(photos, 'photo')} and all verdicts on them are deleted. They "
            "cannot be brought back.",
            "Delete inspection",
            lambda: _delete(inspection.id),
            f"Deleted the inspection of {inspection.structure}, {inspection.element}.",
        )


def _delete(inspection_id: str) -> None:
    delete_inspection(inspection_id)
    go_to()


def draw_more_photos(inspection: Inspection, photos: Sequence[InspectedPhoto]) -> None:
    """Draw a way to add photos, as long as the model that answers is there.

    Args:
        inspection: To which they are added.
        photos: Those that are there.
    """
    model = find_version(inspection.model.name, inspection.model.created)
    if model is None:
        st.info(
            f"The model {plain(inspection.model.name)} that answered here is no longer "
            "there. Begin a new inspection for more photos.",
            icon=":material/info:",
        )
        return
    uploads = choose_uploads(f"inspection_more_{inspection.id}")
    scale = common_scale(photos)
    if scale is not None:
        st.caption(
            f"New photos are judged at the scale of those here: {scale:.3g} mm per "
            "pixel. Begin another inspection for photos at another scale."
        )
    elif any(photo.mm_per_pixel is not None for photo in photos):
        st.caption(
            "The photos here have no scale in common, so new ones are judged without "
            "one, in several sizes."
        )
    if st.button(
        "Add the photos",
        icon=":material/add_photo_alternate:",
        key="inspection_more_add",
        disabled=not uploads,
    ):
        start_adding(inspection.id, uploads)
        st.rerun()
