"""Predict: which photos show a crack, and where."""

from __future__ import annotations

import streamlit as st

from crack.access import refusal
from crack.inspections.store import create_inspection
from crack.runs.registry import list_models
from crack.runs.run import RunStatus
from pages.inspection.answer_downloads import draw_downloads
from pages.inspection.answer_table import Answer, choose_answer
from pages.inspection.batch import ask, offer_to_go_on
from pages.inspection.inspection_form import draw_keep
from pages.inspection.intake import choose_photos, choose_way
from pages.inspection.keeping import go_on_keeping, photos_being_kept
from pages.inspection.photo_viewer import ShownPhoto, draw_photo
from pages.inspection.scale_choice import choose_scale, draw_missed
from pages.shared.address import tell_if_gone
from pages.shared.feedback import errors_shown, notify
from pages.shared.formatting import plain
from pages.shared.model_choice import how_good
from pages.shared.run_list import current_runs

st.title("Predict: is there a crack?")
models = {model.name: model for model in list_models()}
if not models:
    st.info(
        "There is no model yet. Train one, then promote its run on the Runs page.",
        icon=":material/image_search:",
    )
    finished = any(run.status is RunStatus.FINISHED for run in current_runs())
    st.page_link(
        "pages/training/runs.py" if finished else "pages/training/train.py",
        label="Promote a run" if finished else "Train a model",
        icon=":material/arrow_forward:",
    )
    st.stop()

tell_if_gone("model", "predict_model", models)
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    chosen = st.selectbox(
        "Model",
        list(models),
        key="predict_model",
        bind="query-params",
        width=320,
    )
    way = choose_way("predict")
model = models[chosen]
if known := how_good(model.card):
    st.caption(known)
photos = choose_photos("predict", way)
scale = choose_scale(model.card)
if not photos:
    st.stop()

answers = ask(model, photos, scale)
complete = len(answers) == len(photos)
with st.container():  # one container, so that it replaces the progress as a whole
    if not complete:
        offer_to_go_on(len(answers), len(photos))
    if answers:
        with st.container(horizontal=True):
            draw_keep(model, answers, complete=complete)
            draw_downloads(model, answers)
        if refusal(create_inspection) is None:
            st.caption(
                "Wrong answers? Keep the photos as an inspection, confirm or reject "
                "regions there, then adapt the model to them."
            )
        keeping = photos_being_kept()
        if keeping and keeping.known:  # begun on this page
            with errors_shown():
                notify(go_on_keeping(keeping))
                st.switch_page(
                    "pages/inspection/inspections.py",
                    query_params={"inspection": keeping.inspection_id},
                )
        shown: Answer | None = answers[0]
        if len(photos) > 1:
            draw_missed([answer.prediction for answer in answers], model.card)
            shown = choose_answer(answers)
        if shown is not None:
            st.subheader(plain(shown.photo.name), anchor=False)
            photo = ShownPhoto.of_answer(shown)
            draw_photo(photo, model.card.thresholds, model.card)
