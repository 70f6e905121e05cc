"""Inspections: photos, a model's answers, and an engineer's verdicts."""

from __future__ import annotations

import streamlit as st

from crack.errors import CrackError
from crack.inspections.store import find_inspection, photos_of
from crack.reporting.words import count, day
from pages.inspection.adapting import draw_adapting
from pages.inspection.answer_words import verdicts_given
from pages.inspection.inspection_form import draw_facts, draw_new
from pages.inspection.inspection_history import draw_history
from pages.inspection.inspection_list import draw_list
from pages.inspection.inspection_photos import (
    choose_shown,
    draw_inspected_photo,
    draw_more_photos,
    draw_photo_gallery,
    shown_among,
)
from pages.inspection.inspection_report import draw_report
from pages.inspection.inspection_steps import choose_view, go_to, step_button
from pages.inspection.keeping import go_on_keeping, photos_being_kept
from pages.shared.feedback import notify
from pages.shared.formatting import plain

wanted = st.query_params.get("inspection")
if wanted is None:
    st.title("Inspections")
    draw_list()
    st.stop()
looked_at_id = st.query_params.get("photo")
if looked_at_id is None:
    step_button("All inspections", key="inspection_list", icon=":material/arrow_back:")
if wanted == "new":
    st.title("New inspection")
    # In a container, since the begun inspection replaces that at once. Otherwise the
    # form would stay below the progress until all photos are looked at.
    with st.container():
        draw_new()
    st.stop()

inspection = find_inspection(wanted)
photos = photos_of(inspection.id)
looked_at = next((photo for photo in photos if photo.id == looked_at_id), None)
if looked_at_id is not None and looked_at is None:
    notify(CrackError("The photo of this link is not in this inspection."))
    go_to(inspection.id)
    st.rerun()

st.title(plain(f"{inspection.structure}, {inspection.element}"))
st.caption(
    f"Inspected on {day(inspection.inspected_on)}, {count(len(photos), 'photo')}, "
    f"answers by model {plain(inspection.model.name)}"
)
keeping = photos_being_kept()
if keeping and keeping.inspection_id == inspection.id:
    notify(go_on_keeping(keeping))
    st.rerun()
if readable := [photo for photo in photos if photo.readable]:
    waiting = sum(photo.waits for photo in readable)
    st.progress(1 - waiting / len(readable), text=verdicts_given(photos))
if looked_at is not None:
    draw_inspected_photo(inspection, looked_at, shown_among(photos, looked_at), photos)
    st.stop()

if inspection.note:
    st.markdown(f":material/notes: {plain(inspection.note)}")
view = choose_view(inspection.id)
if view == "Adapt the model":
    draw_adapting(inspection, photos)
elif view == "Element history":
    draw_history(inspection)
elif view == "Report":
    draw_report(inspection, photos)
elif view == "Details":
    draw_facts(inspection, len(photos))
else:
    if photos:
        draw_photo_gallery(choose_shown(photos))
    else:
        st.info("There are no photos yet.", icon=":material/add_a_photo:")
    with st.expander(
        "Add photos", icon=":material/add_photo_alternate:", expanded=not photos
    ):
        draw_more_photos(inspection, photos)
