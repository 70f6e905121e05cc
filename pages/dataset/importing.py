"""Runs an import, which any click on the page cancels."""

from __future__ import annotations

import streamlit as st

from crack.data.dataset import dataset_names
from crack.data.importer import SourceSummary, ZipSource, add_dataset
from crack.data.source_photos import photos_told
from pages.shared.feedback import TimedBar, errors_shown, notify
from pages.shared.formatting import plain

_RUNNING = "add_running"


def run_import(
    name: str, source: ZipSource, summary: SourceSummary, crack_class: str
) -> None:
    """Add a dataset and open it; draw the progress and a button that cancels.

    Streamlit ends a running script at its next call when something is clicked. The
    button needs no more than that: what was made so far is removed, and the script
    that runs next says so.
    """
    st.session_state[_RUNNING] = name
    drawn = st.empty()
    with drawn.container():
        bar = TimedBar()
        st.button("Cancel", key="add_cancel", icon=":material/close:")
        st.caption("Keep this page open. A change to anything on it cancels as well.")
    with errors_shown():
        added = add_dataset(
            name,
            source,
            summary=summary,
            crack_class=crack_class,
            progress=bar.show,
        )
        left_out = len(added.unreadable)
        said = [
            f"Added {name} with {len(added.samples):,} images.",
            f"{left_out:,} files were left out." if left_out else "",
            photos_told(added.samples),
        ]
        notify(" ".join(filter(None, said)))
        del st.session_state[_RUNNING]
        st.switch_page("pages/dataset/browse.py", query_params={"browse_dataset": name})
    del st.session_state[_RUNNING]
    drawn.empty()


def tell_if_cancelled() -> None:
    """Say, once, that the import of before was cancelled and what remains of it."""
    name = st.session_state.pop(_RUNNING, None)
    if name is None:
        return
    if name in dataset_names():
        st.info(
            f"The import was complete before it could be cancelled: {plain(name)} is "
            "among your datasets.",
            icon=":material/info:",
        )
    else:
        st.info(
            f"The import of {plain(name)} was cancelled. Nothing of it was left "
            "behind.",
            icon=":material/info:",
        )
