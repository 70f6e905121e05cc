"""All runs, looked at once for each rerun of a page."""

from __future__ import annotations

import streamlit as st

from crack.runs import jobs
from crack.runs.snapshot import RunSnapshot
from pages.shared.feedback import errors_shown

_RUNS = "runs"


def look_at_runs() -> None:
    """Look at all runs, for `current_runs`; mark those as failed whose process died."""
    # Where they cannot be listed that is said once, and the page goes on without.
    st.session_state[_RUNS] = []
    with errors_shown():
        st.session_state[_RUNS] = jobs.reconcile()


def current_runs() -> list[RunSnapshot]:
    """Return all runs as they stood when this rerun began, the newest first.

    For a rerun of the whole page only: a fragment that reruns by itself finds here what
    the page found before.
    """
    runs: list[RunSnapshot] = st.session_state[_RUNS]
    return runs
