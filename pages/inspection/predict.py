"""Predict: which of them show a crack, and where."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from crack.data.sample import scene_files
from crack.reporting.tables import csv_lines, predictions_frame
from crack.runs.registry import list_models
from crack.runs.run import RunStatus, list_runs
from pages.components.answers import Photo, ask, draw_answer, draw_counts
from pages.components.models import test_metrics, tested_on
from pages.components.sample import choose_scene
from pages.components.words import plain, share_right

# Browsers often do not know HEIC as an image, so it is named besides.
PHOTO_TYPES = ["image", ".heic", ".heif", ".hif", ".avif"]

st.title("Predict: is there a crack?")
models = {model.name: model for model in list_models()}
if not models:
    st.info(
        "There is no model yet. Train one, then promote its run on the Runs page.",
        icon=":material/image_search:",
    )
    finished = any(run.status is RunStatus.FINISHED for run in list_runs())
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
        format_func=plain,
        key="predict_model",
        bind="query-params",
        width=320,
    )
    way = st.segmented_control(
        "From",
        ["Files", "Camera", *(["Sample scenes"] if scenes else [])],
        default="Files",
        required=True,
        key="predict_way",
    )
model = models[chosen]
metrics = test_metrics(model.card)
if metrics.get("accuracy") is not None:
    st.caption(
        f"Measured on {plain(tested_on(model.card))}: {share_right(metrics)}, if every "
        "probability from 50 % on counts as crack. Photos of another kind can be much "
        "harder."
    )

uploads: Sequence[Photo]
if way == "Camera":
    photo = st.camera_input("Photo", resolution="1080p", key="predict_camera")
    uploads = [photo] if photo else []
elif way == "Sample scenes":
    uploads = [choose_scene(scenes)]
else:
    uploads = st.file_uploader(
        "Photos",
        type=PHOTO_TYPES,
        accept_multiple_files=True,
        key="predict_files",
        help="They stay on this computer.",
    )
if not uploads:
    st.stop()

predictions = ask(model, uploads)
position = 0
if len(uploads) > 1:
    draw_counts(predictions)
    table = st.dataframe(
        predictions_frame(predictions),
        placeholder="–",
        column_order=["file", "label", "probability", "width", "height", "error"],
        column_config={
            "file": "Photo",
            "label": "Answer",
            "probability": st.column_config.ProgressColumn(
                "Probability of a crack", format="percent", min_value=0, max_value=1
            ),
            "width": "Width (px)",
            "height": "Height (px)",
            "error": "What is wrong with it",
        },
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": [0]}},
        key="predict_table",
        alt="Answer and probability for each photo",
    )
    rows = table.selection.rows
    position = rows[0] if rows and rows[0] < len(uploads) else 0
draw_answer(uploads[position], predictions[position], model.card)
st.download_button(
    "Download as CSV",
    "".join(csv_lines(predictions)),
    file_name="answers.csv",
    mime="text/csv",
    icon=":material/download:",
    key="predict_csv",
    on_click="ignore",
)
