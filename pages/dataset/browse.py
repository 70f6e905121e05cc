"""Browse: what is in a dataset, and what is wrong with it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from crack.data.dataset import dataset_names
from crack.runs.jobs import delete_unused_dataset
from pages.dataset.images_view import draw_images
from pages.dataset.map_view import draw_map
from pages.dataset.numbers import told_in_numbers
from pages.dataset.overview import draw_overview
from pages.dataset.quality import draw_quality
from pages.dataset.selection import IMAGES, VIEW
from pages.dataset.splits import draw_split
from pages.shared.address import tell_if_gone
from pages.shared.cache import dataset
from pages.shared.feedback import confirm
from pages.shared.formatting import plain
from pages.shared.permission import allowed
from pages.shared.sample_button import draw_sample_button

VIEWS = {
    IMAGES: draw_images,
    "Overview": draw_overview,
    "Quality": draw_quality,
    "Split": draw_split,
    "Map": draw_map,
}

st.title("Browse a dataset")
names = dataset_names()
if not names:
    st.info("There is no dataset yet.", icon=":material/photo_library:")
    st.page_link(
        "pages/dataset/add.py",
        label="Add a dataset",
        icon=":material/add_photo_alternate:",
    )
    draw_sample_button("browse_sample")
    st.stop()

tell_if_gone("dataset", "browse_dataset", names)
with st.container(horizontal=True, vertical_alignment="bottom"):
    name = st.selectbox(
        "Dataset", names, key="browse_dataset", bind="query-params", width=320
    )
    if st.button("Add another", icon=":material/add:", key="browse_add"):
        st.switch_page("pages/dataset/add.py")
    if st.button(
        "Delete",
        icon=":material/delete:",
        key="browse_delete",
        **allowed(delete_unused_dataset),
    ):
        confirm(
            f"Delete {plain(name)}?",
            "Its index is deleted, and its images if they came in a ZIP or from a URL. "
            "Photos in a folder of yours stay. Runs and models that used it stay too, "
            "but the runs cannot be resumed.",
            "Delete dataset",
            partial(delete_unused_dataset, name),
            f"Deleted the dataset {name}.",
        )
shown = dataset(name)
st.markdown(told_in_numbers(shown))
if shown.credit:
    st.caption(plain(shown.credit))
if shown.note:
    st.info(plain(shown.note), icon=":material/draw:")
view = st.segmented_control(
    "View",
    list(VIEWS),
    default=IMAGES,
    required=True,
    key=VIEW,
    bind="query-params",
    label_visibility="collapsed",
)
VIEWS[view](shown)
