"""The verdicts of all inspections as a dataset."""

from __future__ import annotations

from io import BytesIO

import streamlit as st

from crack.inference.prediction import Label
from crack.inspections.verdict_export import count_settled, export_settled


@st.dialog("Train on the verdicts")
def train_on_verdicts() -> None:
    """Say how the verdicts become a dataset, and hand it over."""
    settled = count_settled()
    cracks, sound = settled[Label.CRACK], settled[Label.NO_CRACK]
    st.markdown(
        "The photos with a verdict make a dataset for the next training: "
        f"{cracks:,} settled as crack, {sound:,} as no crack, over all inspections. "
        "Photos of one element stay on one side of a grouped split."
    )
    st.markdown(
        "1. Download the ZIP.\n"
        "2. Add it as a dataset; `crack` is the class that shows cracks.\n"
        "3. Train on it."
    )
    ready = cracks > 0 and sound > 0
    if not ready:
        st.info("At least one photo of each kind is needed.", icon=":material/info:")
    st.download_button(
        "Download the ZIP",
        _settled_zip,
        file_name="verdicts.zip",
        mime="application/zip",
        type="primary",
        icon=":material/download:",
        key="inspections_zip",
        on_click="ignore",
        disabled=not ready,
    )
    st.page_link(
        "pages/dataset/add.py",
        label="Add it as a dataset",
        icon=":material/add_photo_alternate:",
    )


def _settled_zip() -> bytes:
    buffer = BytesIO()
    export_settled(buffer)
    return buffer.getvalue()
