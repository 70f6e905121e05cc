"""Runs an import, which any click on the page cancels."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event

import streamlit as st

from crack.data.dataset import dataset_names
from crack.data.importer import ImportSource, SourceSummary, add_dataset
from crack.data.source_photos import photos_told
from crack.reporting.words import count
from pages.shared.feedback import TimedBar, errors_shown, notify
from pages.shared.formatting import plain

_RUNNING = "add_running"
_FETCHED = (
    "What was copied so far is kept for a week, so that adding it again goes on from "
    "there."
)


@dataclass(frozen=True)
class _Import:
    """An import of this session; `ended` once nothing writes for it any more."""

    name: str
    stored: bool  # in object storage
    ended: Event = field(default_factory=Event)


def run_import(
    name: str, source: ImportSource, summary: SourceSummary, crack_class: str
) -> None:
    """Add a dataset and open it; draw the progress and a button that cancels.

    When something is clicked, Streamlit starts the script anew in another thread, and
    ends this one at its next call. The button needs no more than that: what was made
    so far is removed, which the new script waits for, see `await_cancelled`.
    """
    running = st.session_state[_RUNNING] = _Import(name, isinstance(source, str))
    try:
        _add_and_open(name, source, summary, crack_class)
    finally:
        running.ended.set()


def _add_and_open(
    name: str, source: ImportSource, summary: SourceSummary, crack_class: str
) -> None:
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
        were = "was" if left_out == 1 else "were"
        # Of tiles the program knows the photos itself, from no photos.csv.
        cut = f", cut from {count(added.photos, 'photo')}" if summary.masked else ""
        said = [
            f"Added {name} with {len(added.samples):,} images{cut}.",
            f"{count(left_out, 'file')} {were} left out." if left_out else "",
            "" if cut else photos_told(added.samples),
        ]
        notify(" ".join(filter(None, said)))
        del st.session_state[_RUNNING]
        st.switch_page("pages/dataset/browse.py", query_params={"browse_dataset": name})
    del st.session_state[_RUNNING]
    drawn.empty()


def await_cancelled() -> None:
    """Wait until the import that the user has just cancelled has cleared up."""
    running = st.session_state.get(_RUNNING)
    if running is not None and not running.ended.is_set():
        with st.spinner("Cancelling the import and removing what was made of it"):
            running.ended.wait()


def tell_if_cancelled() -> None:
    """Say, once, that the import of before was cancelled and what remains of it."""
    running = st.session_state.pop(_RUNNING, None)
    if running is None:
        return
    name = running.name
    if name in dataset_names():
        st.info(
            f"The import was complete before it could be cancelled: {plain(name)} is "
            "among your datasets.",
            icon=":material/info:",
        )
    else:
        rest = _FETCHED if running.stored else "Nothing of it was left behind."
        st.info(
            f"The import of {plain(name)} was cancelled. {rest}",
            icon=":material/info:",
        )
