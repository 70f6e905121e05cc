"""The progress of a run: in the sidebar of every page, and on the Train page."""

from __future__ import annotations

import time

import streamlit as st

from crack.runs import jobs
from crack.runs.background import host_elsewhere
from crack.runs.listing import active_run
from crack.runs.run import Progress, RunStatus
from crack.runs.snapshot import RunSnapshot
from pages.shared.formatting import plain, run_title, time_left
from pages.shared.run_list import current_runs
from pages.shared.tab import watch_tab, while_seen

TRAIN_PAGE = "pages/training/train.py"


def sidebar_status() -> None:
    """Show the run in progress and keep it up to date."""
    run = active_run(current_runs())
    if run is not None:
        watch_tab()
        st.fragment(_short_status, run_every=while_seen("2s"))(run)


def _short_status(run: RunSnapshot) -> None:
    # Only of this run: its death is shown within seconds, that of others at a rerun.
    jobs.fail_if_dead(run.live)
    progress = run.live.progress
    if not progress.status.is_active:
        st.rerun()
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{plain(run_title(run))}**")
        draw_host(run)
        draw_progress(progress)
        link_to(run, "Watch the training")


def link_to(run: RunSnapshot, label: str) -> None:
    """Draw a link to a run on the Train page."""
    st.page_link(
        TRAIN_PAGE,
        label=label,
        icon=":material/monitoring:",
        query_params={"run": run.id},
    )


def draw_host(run: RunSnapshot) -> None:
    """Say where a run trains, unless it is on the computer of this dashboard."""
    if host := host_elsewhere(run.live.path):
        st.caption(f"On the computer {plain(host)}")


def draw_progress(progress: Progress) -> None:
    """Draw the current activity, and how far the run is with the time left in words.

    Of a download before the training the bar shows how far that is.
    """
    if progress.status is not RunStatus.RUNNING:  # it starts, or waits for its turn
        st.progress(0.0, text=plain(progress.message))
        return
    st.caption(plain(progress.message))
    share = progress.share
    if share is None:
        share = progress.done / progress.total if progress.total else 0.0
    since = time.time() - progress.updated
    known = progress.eta_seconds is not None
    text = time_left(max(0, (progress.eta_seconds or 0) - since) if known else None)
    st.progress(min(1.0, share), text=text)
