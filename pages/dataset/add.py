"""Add: turn a ZIP or a folder of labelled photos, or of masked ones, into a dataset."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from crack.data.dataset import dataset_names
from crack.data.importer import ImportSource, add_dataset, inspect_source
from crack.errors import CrackError
from crack.storage import free_name
from crack.synthetic.sample import SAMPLE
from pages.dataset.importing import await_cancelled, run_import, tell_if_cancelled
from pages.dataset.source_contents import draw_contents
from pages.shared.feedback import show_error
from pages.shared.formatting import plain
from pages.shared.permission import allowed
from pages.shared.sample_button import draw_sample_button
from pages.shared.stored_cache import stored_contents
from pages.shared.visitors import URL_HELP, may_name_urls, place_typed, readable_roots

_FOLDER_HELP = (
    "The photos stay where they are. Only an index of them is made, or tiles if they "
    "have masks."
)
_URL_HELP = (
    " From a URL (`s3://`, `gs://`, `az://`) of such a folder, or of a ZIP, they are "
    "copied into the workspace of this program. "
)

st.title("Add a dataset")
await_cancelled()
st.markdown(
    "Two folders of photos are needed: one with cracks, one without. Their names are "
    "the names of the classes, for example `Positive` and `Negative`. Or, if you have "
    "masks, a folder of photos and a folder `masks` beside it, with a picture of the "
    "same name for each photo: cracks white, the rest black."
)
st.caption(
    "Were several images cut from one photo? Say so in a file `photos.csv` beside the "
    "two folders, with the columns `file` (such as `Positive/0001.jpg`) and `photo` "
    "(any name). A grouped split then keeps them on one side."
)

source: ImportSource | None
roots = readable_roots()
urls = may_name_urls()
folder_kind = "Folder or URL" if urls else "Folder on this computer"
kind = st.segmented_control(
    "Where are the photos?",
    ["ZIP file", *([folder_kind] if urls or roots is None or roots else [])],
    default="ZIP file",
    required=True,
    key="add_kind",
)
if kind == "ZIP file":
    source = st.file_uploader(
        "ZIP with the two folders",
        type="zip",
        key="add_zip",
        help="It is unpacked into the workspace of this program. Unpack a RAR archive, "
        "such as that of METU, yourself; then pack its folder into a ZIP, or add the "
        "folder as it is.",
    )
else:
    typed = st.text_input(
        "Path or URL of the folder that holds the two folders"
        if urls
        else "Path of the folder that holds the two folders",
        placeholder="s3://bridges/photos" if urls else "/home/me/photos",
        key="add_folder",
        help=_FOLDER_HELP + (_URL_HELP + URL_HELP if urls else ""),
    )
    source = typed.strip() or None

if source is None:
    tell_if_cancelled()
    if SAMPLE not in dataset_names():
        st.subheader("No photos at hand?")
        st.markdown("This program can draw some, to try things out.")
        draw_sample_button("add_sample")
    st.stop()
try:
    if isinstance(source, str):
        source = place_typed(source)
    summary = (
        stored_contents(source)
        if isinstance(source, str)
        else inspect_source(source, roots)
    )
except CrackError as error:
    tell_if_cancelled()
    show_error(error)
    st.stop()

draw_contents(summary)

classes = list(summary.class_counts)
proposed = summary.proposed_crack_class
crack_class = proposed
if summary.masked is None:
    crack_class = st.radio(
        "Which class shows cracks?",
        classes,
        index=classes.index(proposed) if proposed else None,
        format_func=plain,
        horizontal=True,
        # A different source gets widgets of its own.
        key=f"add_crack_class_{'|'.join(classes)}",
        help="Proposed from the name of the folder; please check.",
    )
    if proposed is None:
        st.caption("The names of the folders do not say it, so please choose.")

origin = Path(str(getattr(source, "name", source))).stem
name = st.text_input(
    "Name of the dataset",
    value=free_name(origin, ()),
    key=f"add_name_{origin}",
    help="Letters, digits, dots, dashes and underscores.",
)
taken = name in dataset_names()
if taken:
    st.caption(f"There is a dataset named {plain(name)} already. Choose another name.")

if st.button(
    "Add dataset",
    type="primary",
    key="add_start",
    **allowed(add_dataset, disabled=crack_class is None or not name or taken),
):
    run_import(name, source, summary, str(crack_class))
else:
    tell_if_cancelled()
