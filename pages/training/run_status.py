"""The status of a run, as the Train page shows it."""

from __future__ import annotations

from contextlib import suppress
from typing import Literal

import streamlit as st

from crack.errors import CrackError
from crack.runs import jobs
from crack.runs.run import RunStatus
from crack.runs.snapshot import RunSnapshot, take_snapshot
from pages.shared.cache import dataset
from pages.shared.feedback import errors_shown
from pages.shared.formatting import plain, run_title
from pages.shared.permission import allowed
from pages.shared.tab import while_seen
from pages.training.run_numbers import draw_curves, draw_numbers, draw_phase_table
from pages.training.run_outcome import draw_outcome

_Colour = Literal["gray", "blue", "green", "red", "orange"]

# Icon and colour repeat the word beside them.
_BADGES: dict[RunStatus, tuple[str, _Colour]] = {
    RunStatus.QUEUED: (":material/schedule:", "gray"),
    RunStatus.RUNNING: (":material/autorenew:", "blue"),
    RunStatus.FINISHED: (":material/check_circle:", "green"),
    RunStatus.FAILED: (":material/error:", "red"),
    RunStatus.STOPPED: (":material/pause_circle:", "orange"),
}


def draw_run(run: RunSnapshot) -> None:
    """Show everything about a run, kept up to date while it is active."""
    every = while_seen("1s") if run.status.is_active else None
    st.fragment(_long_status, run_every=every)(run)


def _long_status(before: RunSnapshot) -> None:
    """Draw the current status of a run.

    Args:
        before: The run as it was when the whole page last ran.
    """
    now = take_snapshot(before.live.path)
    # It ended, or was deleted: that changes other parts of the page too.
    if before.status.is_active and (now is None or not now.status.is_active):
        st.rerun()
    run = now or before
    st.subheader(plain(run_title(run)))
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        icon, colour = _BADGES[run.status]
        st.badge(run.status.capitalize(), icon=icon, color=colour)
        _buttons(run)
    draw_outcome(run)
    if note := _note(run):
        st.caption(f":material/draw: {plain(note)}")
    draw_numbers(run)
    draw_curves(run)
    if run.phases:
        draw_phase_table(run)
    of_dataset, of_split = run.fingerprints
    if of_dataset and of_split:
        st.caption(
            f"Fingerprint of the dataset `{of_dataset}`, of the split `{of_split}`."
        )
    with st.expander("Training log", icon=":material/notes:", key="train_log"):
        st.code(run.live.log_tail() or "Nothing has been written yet.", language=None)


def _buttons(run: RunSnapshot) -> None:
    if run.status.is_active and st.button(
        "Stop",
        icon=":material/stop:",
        key="train_stop",
        **allowed(
            jobs.stop,
            disabled=run.live.stop_requested,
            help="It ends after the current batch and can be resumed later.",
        ),
    ):
        with errors_shown():
            jobs.stop(run.live)
            st.rerun()
    resumable = run.status in (RunStatus.STOPPED, RunStatus.FAILED)
    if resumable and st.button(
        "Resume",
        icon=":material/play_arrow:",
        key="train_resume",
        **allowed(jobs.resume),
    ):
        with errors_shown():
            jobs.resume(run.live)
            st.rerun()


def _note(run: RunSnapshot) -> str:
    """Return the note on the dataset of a run, "" if there is none."""
    if run.evaluation is not None:
        return run.evaluation["note"]
    with suppress(CrackError):  # the dataset may be deleted
        return dataset(run.config.dataset).note
    return ""
