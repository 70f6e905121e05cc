"""A command in the background, as the reader watches it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from crack.runs.command_jobs import CommandJob, JobStatus
from pages.shared.feedback import errors_shown
from pages.shared.permission import allowed


@st.fragment(run_every="1s")
def watch(
    read: Callable[[], CommandJob | None],
    about: str,
    cancel: Callable[[CommandJob], None],
    change: Callable[..., Any],
    key: str,
) -> None:
    """Draw how far a command is, and a button to cancel it.

    Once it has ended, the page is drawn again.

    Args:
        read: Returns how it stands.
        about: What to know while waiting.
        cancel: Ends it.
        change: What it calls of the core, which says who may.
        key: Of the button.
    """
    job = read()
    if job is None or job.status is not JobStatus.RUNNING:
        st.rerun()
    st.progress(job.done / max(1, job.total), text=job.activity or "Starting")
    st.caption(about)
    if st.button("Cancel", key=key, **allowed(change)):
        with errors_shown():
            cancel(job)
            st.rerun()
