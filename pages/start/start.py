"""Start: what is here, and the three ways in."""

from __future__ import annotations

import streamlit as st

from crack.data.dataset import dataset_names
from crack.runs.registry import find_model, list_models, model_names
from crack.runs.run import active_run
from pages.components.cached import dataset
from pages.components.columns import PERCENT, times_100
from pages.components.errors import errors_shown
from pages.components.models import test_metrics, tested_on
from pages.components.words import plain, run_title

names = dataset_names()
models = list_models()
running = active_run()

st.title("Cracks in concrete")
st.markdown(
    "Teach a small neural network to tell photos of cracked concrete from sound "
    "concrete, see how far it can be trusted, and ask it about new photos. "
    "Everything stays on this computer."
)
if not names and not models:
    st.info(
        "Nothing is here yet. Begin with a dataset: photos in two folders, one with "
        "cracks and one without.",
        icon=":material/flag:",
    )

ways = (
    (
        "1. Add a dataset",
        "Labelled photos in two folders, or a ZIP of them.",
        "pages/dataset/add.py",
        "Add a dataset",
        ":material/add_photo_alternate:",
        True,
    ),
    (
        "2. Train",
        "Teach a model from a dataset and watch the curves while it learns."
        if names
        else "Needs a dataset first.",
        "pages/training/train.py",
        "Train a model",
        ":material/model_training:",
        bool(names),
    ),
    (
        "3. Ask about a photo",
        "Upload photos; the answer is crack, no crack, or needs review."
        if models
        else "Needs a model first: train one, then promote it on the Runs page.",
        "pages/inspection/predict.py",
        "Ask about photos",
        ":material/image_search:",
        bool(models),
    ),
)
grid = st.grid(3, min_column_width=240, border=True)
step = 2 if models else 1 if names else 0
for position, (title, text, target, label, icon, ready) in enumerate(ways):
    with grid.cell():
        st.markdown(f"#### {title}")
        st.markdown(text)
        if st.button(
            label,
            icon=icon,
            type="primary" if position == step else "secondary",
            disabled=not ready,
            key=f"start_way_{position}",
        ):
            st.switch_page(target)

if running:
    st.subheader("Running now")
    st.page_link(
        "pages/training/train.py",
        label=f"{plain(run_title(running))}: {running.status}",
        icon=":material/monitoring:",
        query_params={"run": running.id},
    )

for broken in sorted(set(model_names()) - {model.name for model in models}):
    with errors_shown():
        find_model(broken)
if models:
    st.subheader("Models")
    st.dataframe(
        [
            {
                "Model": model.name,
                "Test accuracy": times_100(test_metrics(model.card).get("accuracy")),
                "Recall": times_100(test_metrics(model.card).get("recall")),
                "Measured on": tested_on(model.card),
                "Origin": "came with the program" if model.shipped else "promoted here",
            }
            for model in models
        ],
        column_config={
            "Test accuracy": PERCENT,
            "Recall": PERCENT,
        },
        hide_index=True,
        key="start_models",
        alt="Models with their test accuracy and what it was measured on",
    )

if names:
    st.subheader("Datasets")
    st.dataframe(
        [
            {
                "Dataset": name,
                "Images": len(dataset(name).samples),
                "With cracks": int(dataset(name).is_crack.sum()),
                "Near-copies": dataset(name).near_copies,
                "Unreadable": len(dataset(name).unreadable),
                "Added": dataset(name).added[:10],
            }
            for name in names
        ],
        hide_index=True,
        key="start_datasets",
        alt="Datasets with their numbers of images",
    )
