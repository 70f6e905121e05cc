"""Browse: the images of a dataset, its classes and its split."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from crack.data.dataset import dataset_names
from crack.reporting.figures import class_title
from crack.runs.jobs import delete_unused_dataset
from pages.dataset.gallery import draw_gallery, draw_in_both_classes
from pages.dataset.splits import choose_split
from pages.shared.cache import dataset
from pages.shared.feedback import confirm
from pages.shared.formatting import plain
from pages.shared.permission import allowed
from pages.shared.sample_button import draw_sample_button

PER_PAGE = 30
SORTS = {
    "Name": ("file", True),
    "Darkest first": ("brightness", True),
    "Brightest first": ("brightness", False),
    "Least contrast first": ("contrast", True),
    "Most contrast first": ("contrast", False),
    "Least sharp first": ("sharpness", True),
    "Sharpest first": ("sharpness", False),
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
            "Its index is deleted, and its images if they came in a ZIP. Photos in a "
            "folder of yours stay. Runs and models that used it stay too, but the runs "
            "cannot be resumed.",
            "Delete dataset",
            partial(delete_unused_dataset, name),
            f"Deleted the dataset {name}.",
        )
shown = dataset(name)
samples = shown.samples

cut = f", cut from {shown.photos:,} photos" if shown.photos else ""
st.caption(f"From {plain(shown.source)}, added on {shown.added[:10]}{cut}")
if shown.note:
    st.info(plain(shown.note), icon=":material/draw:")
grid = st.grid(5, min_column_width=130, gap="xsmall")
grid.metric("Images", f"{len(samples):,}", border=True)
for class_name, number in shown.counts.items():
    label = plain(class_title(class_name, shown.crack_class))
    grid.metric(label, f"{number:,}", border=True)
grid.metric(
    "Near-copies",
    f"{shown.near_copies:,}",
    border=True,
    help="Images that are in the dataset more than once: copied, mirrored, turned by "
    "quarters, resized or saved again. Crops by more than 1 or 2 % and turns by a few "
    "degrees are often missed, above all on smooth concrete.",
)
grid.metric("Unreadable", f"{len(shown.unreadable):,}", border=True)
draw_in_both_classes(shown)

st.subheader("Split and class balance")
split = choose_split(shown)


def to_first_page() -> None:
    st.session_state["browse_page"] = 1


def filter_by(what: str, values: Sequence[str], key: str) -> str:
    """Draw a choice of one of the values, or all."""
    return st.segmented_control(
        what,
        ["all", *values],
        default="all",
        required=True,
        format_func=plain,
        key=key,
        on_change=to_first_page,
        bind="query-params",
    )


st.subheader("Images")
with st.container(horizontal=True, vertical_alignment="bottom"):
    wanted_class = filter_by("Class", shown.class_names, "browse_class")
    wanted_split = filter_by("Part of the split", ("train", "val", "test"), "browse_in")
    sort = st.selectbox(
        "Order",
        list(SORTS),
        on_change=to_first_page,
        key="browse_sort",
        bind="query-params",
        width=220,
    )

table = samples.merge(split[["file", "split"]], on="file", how="left")
table["split"] = table["split"].fillna("no split")
if wanted_class != "all":
    table = table[table["class"] == wanted_class]
if wanted_split != "all":
    table = table[table["split"] == wanted_split]
column, ascending = SORTS[sort]
table = table.sort_values(column, ascending=ascending, kind="stable")

pages = max(1, -(-len(table) // PER_PAGE))
with st.container(horizontal=True, vertical_alignment="center"):
    page = st.pagination(pages, key="browse_page", bind="query-params")
    first = (page - 1) * PER_PAGE
    rows = table.iloc[first : first + PER_PAGE]
    st.caption(f"{first + 1:,} to {first + len(rows):,} of {len(table):,}")
if rows.empty:
    st.info("No image matches. Choose another class or split.")
draw_gallery(shown, rows)

if len(shown.unreadable):
    with st.expander(f"Files left out: {len(shown.unreadable):,}"):
        st.dataframe(
            shown.unreadable,
            hide_index=True,
            key="browse_unreadable",
            alt="Files left out and the reason of each",
        )
