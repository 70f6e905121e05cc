"""How a run stands, as the Train page shows it."""

from __future__ import annotations

from contextlib import suppress
from typing import Literal

import streamlit as st

from crack.errors import CrackError
from crack.runs import jobs
from crack.runs.run import Progress, Run, RunStatus
from pages.shared.cache import dataset
from pages.shared.feedback import errors_shown
from pages.shared.formatting import plain, run_title
from pages.training.comparison import part_size
from pages.training.run_numbers import draw_curves, draw_numbers, draw_phase_table
from pages.training.run_outcome import draw_outcome

_Colour = Literal["gray", "blue", "green", "red", "orange"]

# Icon and colour say what the word beside them says.
_BADGES: dict[RunStatus, tuple[str, _Colour]] = {
    RunStatus.QUEUED: (":material/schedule:", "gray"),
    RunStatus.RUNNING: (":material/autorenew:", "blue"),
    RunStatus.FINISHED: (":material/check_circle:", "green"),
    RunStatus.FAILED: (":material/error:", "red"),
    RunStatus.STOPPED: (":material/pause_circle:", "orange"),
}


def draw_run(run: Run) -> None:
    """Show all there is to see of a run, up to date while it is active."""
    every = "1s" if run.status.is_active else None
    draw = st.fragment(_long_status, run_every=every)
    draw(run, part_size(run, "val"), was_active=every is not None)


def _long_status(run: Run, validated_on: int, was_active: bool) -> None:
    progress = run.progress
    if was_active and not progress.status.is_active:
        st.rerun()
    st.subheader(plain(run_title(run)))
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        icon, colour = _BADGES[progress.status]
        st.badge(progress.status.capitalize(), icon=icon, color=colour)
        _buttons(run, progress)
    draw_outcome(run, progress)
    if note := _note(run):
        st.caption(f":material/draw: {plain(note)}")
    draw_numbers(run, validated_on)
    draw_curves(run)
    if run.phases:
        draw_phase_table(run)
    with st.expander("Training log", icon=":material/notes:", key="train_log"):
        st.code(run.log_tail() or "Nothing has been written yet.", language=None)


def _buttons(run: Run, progress: Progress) -> None:
    if progress.status.is_active and st.button(
        "Stop",
        icon=":material/stop:",
        key="train_stop",
        disabled=run.stop_requested,
        help="It ends after the current batch and can be resumed later.",
    ):
        with errors_shown():
            jobs.stop(run)
            st.rerun()
    resumable = progress.status in (RunStatus.STOPPED, RunStatus.FAILED)
    if resumable and st.button(
        "Resume", icon=":material/play_arrow:", key="train_resume"
    ):
        with errors_shown():
            jobs.resume(run)
            st.rerun()


def _note(run: Run) -> str:
    """Return what the numbers need to be read with, "" for nothing."""
    if run.evaluation is not None:
        return str(run.evaluation.get("note", ""))
    with suppress(CrackError):  # the dataset may be deleted
        return dataset(run.config.dataset).note
    return ""
