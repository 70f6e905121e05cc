"""All runs, read once per rerun of a page."""

from __future__ import annotations

import streamlit as st

from crack.runs import jobs
from crack.runs.snapshot import RunSnapshot
from pages.shared.feedback import errors_shown

_RUNS = "runs"


def look_at_runs() -> None:
    """Read all runs for `current_runs`; mark those as failed whose process died."""
    # If they cannot be listed, that is shown once, and the page continues without them.
    st.session_state[_RUNS] = []
    with errors_shown():
        st.session_state[_RUNS] = jobs.reconcile()


def current_runs() -> list[RunSnapshot]:
    """Return all runs as they stood when this rerun began, the newest first.

    It is updated by reruns of the whole page only: a fragment that reruns by itself
    gets what the page found before.
    """
    runs: list[RunSnapshot] = st.session_state[_RUNS]
    return runs
