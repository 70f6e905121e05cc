"""How a run stands: the short form in the sidebar, the long form on the Train page."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from typing import Literal

import streamlit as st

from crack.errors import CrackError
from crack.runs import jobs
from crack.runs.imagenet import needs_download
from crack.runs.run import Progress, Run, RunStatus, active_run, list_runs
from pages.components.cached import dataset
from pages.components.errors import errors_shown
from pages.components.run_numbers import draw_curves, draw_numbers, draw_phase_table
from pages.components.words import plain, run_title, share_right, time_left

TRAIN_PAGE = "pages/training/train.py"

_Colour = Literal["gray", "blue", "green", "red", "orange"]

# Icon and colour say what the word beside them says.
_BADGES: dict[RunStatus, tuple[str, _Colour]] = {
    RunStatus.QUEUED: (":material/schedule:", "gray"),
    RunStatus.RUNNING: (":material/autorenew:", "blue"),
    RunStatus.FINISHED: (":material/check_circle:", "green"),
    RunStatus.FAILED: (":material/error:", "red"),
    RunStatus.STOPPED: (":material/pause_circle:", "orange"),
}


def sidebar_status() -> None:
    """Show the run in progress, up to date while there is one."""
    run = active_run()
    if run is not None:
        st.fragment(_short_status, run_every="2s")(run)


def _short_status(run: Run) -> None:
    jobs.reconcile()
    progress = run.progress
    if not progress.status.is_active:
        st.rerun()
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{plain(run_title(run))}**")
        draw_progress(progress)
        st.page_link(
            TRAIN_PAGE,
            label="Watch the training",
            icon=":material/monitoring:",
            query_params={"run": run.id},
        )


def draw_progress(progress: Progress) -> None:
    """Draw the bar of the current activity with the time left in words."""
    st.caption(plain(progress.message))
    share = progress.done / progress.total if progress.total else 0.0
    text = "Waiting for its turn"
    if progress.status is RunStatus.RUNNING:
        since = time.time() - progress.updated
        known = progress.eta_seconds is not None
        text = time_left(max(0, (progress.eta_seconds or 0) - since) if known else None)
    st.progress(min(1.0, share), text=text)


def draw_run(run: Run) -> None:
    """Show all there is to see of a run, up to date while it is active."""
    every = "1s" if run.status.is_active else None
    st.fragment(_long_status, run_every=every)(run, was_active=every is not None)


def _long_status(run: Run, was_active: bool) -> None:
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
    _outcome(run, progress)
    if note := _note(run):
        st.caption(f":material/draw: {plain(note)}")
    draw_numbers(run)
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


def _outcome(run: Run, progress: Progress) -> None:
    if progress.status.is_active:
        draw_progress(progress)
        if run.stop_requested:
            st.caption("Asked to stop; it ends after the current batch.")
        elif progress.status is RunStatus.QUEUED and (ahead := _ahead(run)):
            runs = "1 run is" if ahead == 1 else f"{ahead} runs are"
            st.caption(f"{runs} ahead of it in the queue.")
    elif progress.status is RunStatus.FINISHED:
        _result(run)
    elif progress.status is RunStatus.FAILED:
        st.error(plain(progress.message), icon=":material/error:")
        if needs_download(run.config):
            _offer_embedded(run)
    elif progress.status is RunStatus.STOPPED:
        st.info(plain(progress.message), icon=":material/pause_circle:")


def _offer_embedded(run: Run) -> None:
    """Offer the same recipe with the backbone that needs no download."""
    if st.button(
        "Train with the embedded backbone instead",
        icon=":material/inventory_2:",
        key="train_embedded",
    ):
        with errors_shown():
            config = replace(run.config, backbone="surfaces")
            st.query_params["run"] = jobs.start(config).id
            st.rerun()


def _note(run: Run) -> str:
    """Return what the numbers need to be read with, "" for nothing."""
    if run.evaluation is not None:
        return str(run.evaluation.get("note", ""))
    with suppress(CrackError):  # the dataset may be deleted
        return dataset(run.config.dataset).note
    return ""


def _ahead(run: Run) -> int:
    """Return how many runs train before a queued one."""
    others = [(other.id, other.status) for other in list_runs() if other.id != run.id]
    running = sum(status is RunStatus.RUNNING for _, status in others)
    older = sum(status is RunStatus.QUEUED and i < run.id for i, status in others)
    return running + older


def _result(run: Run) -> None:
    test = (run.evaluation or {}).get("test")
    if test:
        st.success(
            f"{test['n']:,} test images ({run.config.split} split): "
            f"{share_right(test)}, if every probability from 50 % on counts as crack.",
            icon=":material/check_circle:",
        )
    st.page_link(
        "pages/training/runs.py",
        label="Compare it with other runs, or promote it to a model",
        icon=":material/stacked_line_chart:",
    )
