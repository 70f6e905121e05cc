"""Predict: which of them show a crack, and where."""

from __future__ import annotations

import streamlit as st

from crack.runs.registry import list_models
from crack.runs.run import RunStatus
from crack.synthetic.sample import scene_files
from pages.inspection.answer_detail import draw_answer
from pages.inspection.answer_downloads import draw_downloads
from pages.inspection.answer_keep import draw_keep, go_on_keeping
from pages.inspection.answer_photos import choose_photos, choose_way
from pages.inspection.answer_run import ask, offer_to_go_on
from pages.inspection.answer_scale import choose_scale, draw_missed
from pages.inspection.answer_table import choose_answer
from pages.inspection.answers import Answer
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

scenes = scene_files()
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    chosen = st.selectbox(
        "Model",
        list(models),
        key="predict_model",
        bind="query-params",
        width=320,
    )
    way = choose_way(scenes)
model = models[chosen]
if known := how_good(model.card):
    st.caption(known)
photos = choose_photos(way, scenes)
scale = choose_scale(model.card)
if not photos:
    st.stop()

answers = ask(model, photos, scale)
complete = len(answers) == len(photos)
with st.container():  # as a whole it takes the place of the progress
    if not complete:
        offer_to_go_on(len(answers), len(photos))
    if answers:
        with st.container(horizontal=True):
            draw_keep(model, answers, complete=complete)
            draw_downloads(model, answers)
        go_on_keeping()
        shown: Answer | None = answers[0]
        if len(photos) > 1:
            draw_missed(answers, model.card)
            shown = choose_answer(answers)
        if shown is not None:
            draw_answer(shown, model.card)
