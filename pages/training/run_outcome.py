"""The outcome of a run: its progress, or how it ended."""

from __future__ import annotations

import streamlit as st

from crack.reporting.result_words import COUNTED, share_right
from crack.reporting.words import count
from crack.runs import jobs
from crack.runs.imagenet import needs_download
from crack.runs.listing import list_runs, runs_ahead
from crack.runs.run import RunStatus
from crack.runs.snapshot import RunSnapshot
from pages.shared.feedback import errors_shown
from pages.shared.formatting import plain
from pages.shared.permission import allowed
from pages.shared.run_progress import draw_host, draw_progress


def draw_outcome(run: RunSnapshot) -> None:
    """Draw the progress of a run, or how it ended."""
    progress = run.progress
    if progress.status.is_active:
        draw_host(run)
        draw_progress(progress)
        if run.live.stop_requested:
            st.caption("Asked to stop; it ends after the current batch.")
        elif progress.status is RunStatus.QUEUED and (
            ahead := runs_ahead(run, list_runs())
        ):
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


def _offer_embedded(run: RunSnapshot) -> None:
    """Offer the same recipe with the backbone that needs no download."""
    if st.button(
        "Train with the embedded backbone instead",
        icon=":material/inventory_2:",
        key="train_embedded",
        **allowed(jobs.start),
    ):
        with errors_shown():
            config = run.config.with_backbone("surfaces")
            st.query_params["run"] = jobs.start(config).id
            st.rerun()


def _result(run: RunSnapshot) -> None:
    test = run.evaluation["test"] if run.evaluation else None
    if test and test["accuracy"] is not None:
        st.success(
            f"{count(test['n'], 'test image')} ({run.config.split} split): "
            f"{share_right(test)}, {COUNTED}.",
            icon=":material/check_circle:",
        )
    st.page_link(
        "pages/training/runs.py",
        label="Compare it with other runs, or promote it to a model",
        icon=":material/stacked_line_chart:",
    )
