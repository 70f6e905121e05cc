"""Train: the form for a training, and the current run in the main part."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import streamlit as st

from crack.data.dataset import dataset_names
from crack.data.split import SplitMethod
from crack.runs import jobs
from crack.runs.backbones import BACKBONES
from crack.runs.config import PRESETS
from crack.runs.listing import active_run
from pages.shared import cache
from pages.shared.architecture import draw_architecture
from pages.shared.feedback import errors_shown
from pages.shared.formatting import plain
from pages.shared.permission import allowed
from pages.shared.run_list import current_runs
from pages.shared.sample_button import draw_sample_button
from pages.training.recipe import (
    about_backbone,
    advanced_settings,
    choose_epochs,
    choose_one,
)
from pages.training.run_status import draw_run
from pages.training.views_preview import draw_views_button

st.title("Train a model")
names = dataset_names()
runs = {run.id: run for run in current_runs()}
under_way = active_run(list(runs.values()))
if not names and not runs:
    st.info(
        "Training needs a dataset: labelled photos in two folders.",
        icon=":material/photo_library:",
    )
    st.page_link(
        "pages/dataset/add.py",
        label="Add a dataset",
        icon=":material/add_photo_alternate:",
    )
    draw_sample_button("train_sample")
    st.stop()

wanted = st.query_params.get("run", "")
shown = runs.get(wanted) or under_way or next(iter(runs.values()), None)
if wanted and wanted not in runs:
    instead = "the one under way" if shown and shown.status.is_active else "the newest"
    st.warning(
        f"Run {plain(wanted)} no longer exists"
        + (f"; this is {instead}." if shown else "."),
        icon=":material/link_off:",
    )
if shown and shown.status.is_active:
    # So that the page stays on this run when it ends and the next one begins.
    st.query_params["run"] = shown.id
# What comes first is on top of a narrow screen: a run, or the form for the first one.
order = 1 if shown else -1
front, side = st.columns([5, 3][::order], gap="medium")[::order]

with side, st.container(border=True):
    st.subheader("New training")
    dataset = st.selectbox(
        "Dataset",
        names,
        key="train_dataset",
        placeholder="Add a dataset first",
    )
    with errors_shown():
        if dataset and (note := cache.dataset(dataset).note):
            st.caption(f":material/draw: {plain(note)}")
    preset = st.radio(
        "Recipe",
        list(PRESETS),
        format_func=lambda key: PRESETS[key].title,
        captions=[preset.expected for preset in PRESETS.values()],
        key="train_preset",
    )
    config = PRESETS[preset].for_dataset(dataset or "")
    # The keys contain the preset, so that another preset brings its own values.
    with st.container(horizontal=True):
        frozen = choose_epochs(
            config.frozen,
            "Frozen epochs",
            f"train_{preset}_frozen_epochs",
            "Only the new head learns; the pretrained network stays as it is.",
        )
        fine_tune = choose_epochs(
            config.fine_tune,
            "Fine-tune epochs",
            f"train_{preset}_fine_tune_epochs",
            "The upper layers of the pretrained network learn too.",
        )
    split = choose_one(
        "Split",
        get_args(SplitMethod),
        config.split,
        f"train_{preset}_split",
        "Grouped keeps near-copies and the images of one photo on one side, so "
        "the numbers are honest. Random does not; it is there to compare with "
        "published numbers.",
    )
    backbone = st.selectbox(
        "Backbone",
        list(BACKBONES),
        index=list(BACKBONES).index(config.backbone),
        format_func=lambda key: BACKBONES[key].title,
        key=f"train_{preset}_backbone",
        help="The pretrained network that turns a photo into features.",
    )
    remark = st.empty()  # filled once the image size is known
    config = replace(
        config.with_backbone(backbone),
        split=split,
        frozen=frozen,
        fine_tune=fine_tune,
    )
    config = advanced_settings(config, f"train_{preset}")
    remark.caption(about_backbone(config))
    draw_views_button(config)
    if under_way:
        st.caption("A training is under way; a new one waits for its turn.")
    if st.button(
        "Start training",
        type="primary",
        icon=":material/play_arrow:",
        key="train_start",
        **allowed(jobs.start, disabled=dataset is None),
        width="stretch",
    ):
        with errors_shown():
            st.query_params["run"] = jobs.start(config).id
            st.rerun()

with front:
    if shown is None:
        st.info(
            "Nothing has been trained yet. Choose a recipe and start: the curves "
            "appear here while it learns. You may close this page meanwhile.",
            icon=":material/model_training:",
        )
        draw_architecture(config, "train_new", expanded=True)
    else:
        draw_run(shown)
        draw_architecture(shown.config, f"train_{shown.id}")
