"""The verdicts of all inspections as a dataset."""

from __future__ import annotations

from io import BytesIO

import streamlit as st

from crack.inference.prediction import Label
from crack.inspections.verdict_export import (
    ExportSummary,
    LeftOut,
    count_settled,
    export_settled,
)
from crack.reporting.words import count

_LEFT_OUT = {
    LeftOut.NO_REGION: (
        "photo",
        "settled as crack without a region that shows it. Scaled down to one picture, "
        "the crack would be lost: confirm or mark a region.",
    ),
    LeftOut.CONTRADICTION: (
        "photo",
        "settled as no crack, although a region is judged a crack. Only the judged "
        "regions are in: change one of the two verdicts.",
    ),
    LeftOut.TOO_LARGE: (
        "marked crack",
        "in a box larger than what the model looks at. Mark the crack again in smaller "
        "boxes along it.",
    ),
    LeftOut.TOO_SMALL: (
        "sound region",
        "in a box smaller than what the model looks at, which would show more than was "
        "judged. Mark a larger box of sound concrete.",
    ),
    LeftOut.OVERLAP: (
        "tile",
        "of sound concrete that would overlap a region with a crack.",
    ),
    LeftOut.UNREADABLE: ("photo", "that cannot be read."),
}


@st.dialog("Train on the verdicts")
def train_on_verdicts() -> None:
    """Draw what the dataset of verdicts would hold, and its download."""
    summary = count_settled()
    cracks, sound = summary.pictures[Label.CRACK], summary.pictures[Label.NO_CRACK]
    st.markdown(
        "The verdicts of all inspections make a dataset for the next training:\n\n"
        f"- Pictures: {cracks:,} settled as crack, {sound:,} as no crack\n"
        f"- From photos: {summary.photos[Label.CRACK]:,} and "
        f"{summary.photos[Label.NO_CRACK]:,}\n\n"
        "A judged region gives tiles as large as the pictures the model learned from, "
        "as does a large photo without cracks. Small photos go in whole. To adapt a "
        "model to one place in a minute, open its inspection instead."
    )
    draw_left_out(summary)
    ready = cracks > 0 and sound > 0
    if not ready:
        st.info("At least one picture of each is needed.", icon=":material/info:")
    st.markdown(
        "1. Download the ZIP.\n"
        "2. Add it as a dataset; `crack` is the class that shows cracks.\n"
        "3. Train on it."
    )
    st.caption(_kept_together(summary))
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


def draw_left_out(summary: ExportSummary) -> None:
    """Draw what a dataset of verdicts would lack, and why, if anything."""
    if not summary.left_out:
        return
    lines = [
        f"- {count(number, _LEFT_OUT[reason][0])} {_LEFT_OUT[reason][1]}"
        for reason, number in summary.left_out.items()
    ]
    st.markdown("Left out:\n\n" + "\n".join(lines))


def _kept_together(summary: ExportSummary) -> str:
    if summary.by_element:
        return "Photos of one element stay on one side of a grouped split."
    return (
        "A class comes from fewer than three elements, so a grouped split keeps only "
        "the tiles of one photo together. The test may look better than the model is "
        "on another structure."
    )


def _settled_zip() -> bytes:
    buffer = BytesIO()
    export_settled(buffer)
    return buffer.getvalue()
