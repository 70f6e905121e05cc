"""Evaluate: how good a model is on labelled images, and what its thresholds cost."""

from __future__ import annotations

import streamlit as st

from crack.data.dataset import dataset_names
from crack.errors import CrackError
from crack.evaluation.evaluated_model import find
from crack.runs.registry import list_models
from pages.model.evaluation_mistakes import draw_mistakes
from pages.model.evaluation_present import draw_present
from pages.model.evaluation_results import draw_results
from pages.model.evaluation_run import (
    choose_added,
    choose_part,
    draw_other_images,
    run_or_offer,
)
from pages.model.evaluation_thresholds import draw_thresholds
from pages.shared.address import tell_if_gone
from pages.shared.cache import dataset, scored_images
from pages.shared.feedback import show_error
from pages.shared.formatting import plain
from pages.shared.sample_button import draw_sample_button

VIEWS = {
    "Results": draw_results,
    "Thresholds": draw_thresholds,
    "Mistakes": draw_mistakes,
    "Present": draw_present,
}

st.title("Evaluate a model")
choose_added()
models = {model.name: model for model in list_models()}
if not models:
    st.info(
        "There is no model yet. Train one, then promote its run on the Runs page.",
        icon=":material/query_stats:",
    )
    st.page_link(
        "pages/training/train.py",
        label="Train a model",
        icon=":material/arrow_forward:",
    )
    st.stop()
names = dataset_names()
if not names:
    st.info(
        "A model is evaluated on labelled images, and there is no dataset yet.",
        icon=":material/photo_library:",
    )
    draw_sample_button("evaluate_sample", primary=True)
    draw_other_images()
    st.stop()

tell_if_gone("model", "evaluate_model", models)
tell_if_gone("dataset", "evaluate_dataset", names)
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    chosen = st.selectbox(
        "Model", list(models), key="evaluate_model", bind="query-params", width=260
    )
    name = st.selectbox(
        "On the images of",
        names,
        key="evaluate_dataset",
        bind="query-params",
        width=260,
    )
    part = choose_part()
    draw_other_images()
model = models[chosen]
try:
    judged_on = dataset(name)
    evaluation = find(model.folder, judged_on, part)
    if evaluation is None or not evaluation.finished:
        run_or_offer(model, judged_on, part, evaluation)
        st.stop()
    images = scored_images(evaluation, model.card)
except CrackError as error:
    show_error(error)
    st.stop()

view = st.segmented_control(
    "Show",
    list(VIEWS),
    default="Results",
    required=True,
    key="evaluate_view",
    label_visibility="collapsed",
    bind="query-params",
)
# A meeting, and the sheet of paper printed for it, needs no menu.
st.set_page_config(initial_sidebar_state="collapsed" if view == "Present" else "auto")
for remark in (evaluation.about["remark"], evaluation.about["note"]):
    if remark:
        st.info(plain(remark), icon=":material/info:")
try:
    VIEWS[view](model, judged_on, evaluation, images)
except CrackError as error:
    show_error(error)
