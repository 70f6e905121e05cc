"""Start: an example, the three first steps, and the current state."""

from __future__ import annotations

import streamlit as st

from crack.data.dataset import dataset_names
from crack.runs.listing import active_run
from crack.runs.registry import find_model, list_models, model_names
from crack.synthetic.sample import SAMPLE, scene_files
from pages.shared.cache import dataset
from pages.shared.feedback import errors_shown
from pages.shared.formatting import plain, run_title, short_note
from pages.shared.run_list import current_runs
from pages.shared.sample_button import draw_sample_button
from pages.start.example import draw_example, fill_in_answer

names = dataset_names()
models = list_models()
runs = current_runs()
running = active_run(runs)

st.title("Cracks in concrete")
st.markdown(
    "Teach a small neural network to tell photos of cracked concrete from sound "
    "concrete, see how far it can be trusted, and ask it about new photos. "
    "Everything stays on the computer this program runs on."
)
example = draw_example(models[0]) if models else None

# One button is highlighted: that of the next step.
step = 0 if not names else 2 if models and runs and not running else 1
grid = st.grid(3, min_column_width=240, border=True)
with grid.cell():
    st.markdown("#### 1. Look at the sample")
    st.markdown(
        "Small pictures of concrete with and without cracks, and a few large ones: "
        "drawn by this program, not photographed."
        + ("" if SAMPLE in names else " Drawing takes about 20 seconds.")
    )
    draw_sample_button("start_sample", primary=step == 0)
with grid.cell():
    own = [name for name in names if name != SAMPLE]
    st.markdown("#### 2. Train" if own else "#### 2. Train on it")
    if running:
        st.markdown(f"{plain(run_title(running))} is {running.status}.")
    elif own:
        st.markdown(
            "Teach a network on one of your datasets and watch the curves while it "
            "learns."
        )
    else:
        st.markdown(
            ("" if names else "Needs a dataset first. ")
            + "A network learns to tell the pictures apart while you watch: a minute "
            "or two on a laptop, without internet."
        )
    if st.button(
        "Watch the training" if running else "Train a model",
        icon=":material/monitoring:" if running else ":material/model_training:",
        type="primary" if step == 1 else "secondary",
        disabled=not (names or running),
        key="start_train",
    ):
        query = {"run": running.id} if running else None
        st.switch_page("pages/training/train.py", query_params=query)
with grid.cell():
    st.markdown("#### 3. Ask about a photo")
    scenes = len(scene_files())
    at_hand = f" No photo at hand? Try one of {scenes} drawn ones." if scenes else ""
    st.markdown(
        f"The model **{plain(models[0].name)}** answers with crack, no crack, or needs "
        f"review, and shows where it looked.{at_hand}"
        if models
        else "Needs a model first: train one, then promote it on the Runs page."
    )
    if st.button(
        "Ask about a photo",
        icon=":material/image_search:",
        type="primary" if step == 2 else "secondary",
        disabled=not models,
        key="start_predict",
    ):
        st.switch_page("pages/inspection/predict.py")

with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
    st.markdown("Labelled photos of your own?", width="content")
    st.page_link(
        "pages/dataset/add.py",
        label="Add a dataset",
        icon=":material/add_photo_alternate:",
    )

for broken in sorted(set(model_names()) - {model.name for model in models}):
    with errors_shown():
        find_model(broken)
rows = []
for name in names:
    with errors_shown():
        shown = dataset(name)
        rows.append(
            {
                "Dataset": name,
                "Images": len(shown.samples),
                "With cracks": int(shown.is_crack.sum()),
                "Near-copies": shown.near_copies,
                "Unreadable": len(shown.unreadable),
                "Added": shown.added[:10],
                "Note": short_note(shown.note),
            }
        )
if rows:
    st.subheader("Datasets")
    st.dataframe(
        rows,
        column_config=None if any(row["Note"] for row in rows) else {"Note": None},
        hide_index=True,
        key="start_datasets",
        alt="Datasets with their numbers of images",
    )

if example:
    fill_in_answer(example, models[0])
