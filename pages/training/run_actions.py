"""The actions on one run: promote, resume, open, delete."""

from __future__ import annotations

from functools import partial

import streamlit as st

from crack.runs import jobs
from crack.runs.registry import list_models, promote
from crack.runs.run import RunStatus
from crack.runs.snapshot import RunSnapshot
from pages.shared.feedback import confirm, errors_shown, notify
from pages.shared.formatting import plain, run_title
from pages.shared.model_name import ask_model_name
from pages.shared.permission import allowed
from pages.shared.run_progress import TRAIN_PAGE


def draw_actions(run: RunSnapshot) -> None:
    """Draw a row of the actions that the status of the run allows."""
    status = run.status
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if status is RunStatus.FINISHED:
            _promote(run)
        if status in (RunStatus.STOPPED, RunStatus.FAILED):
            _resume(run)
        if st.button("Open", icon=":material/monitoring:", key="runs_open"):
            st.switch_page(TRAIN_PAGE, query_params={"run": run.id})
        _delete(run, active=status.is_active)
    for model in list_models():
        if model.card.run_id == run.id:
            st.page_link(
                "pages/inspection/predict.py",
                label=f"Ask {plain(model.name)} about photos",
                icon=":material/image_search:",
                query_params={"predict_model": model.name},
            )


def _promote(run: RunSnapshot) -> None:
    suggestion = f"{run.config.dataset}-{run.id[-4:]}"[:64]
    name = ask_model_name(suggestion, key=f"runs_name_{run.id}", width=260)
    if st.button(
        "Promote to a model",
        type="primary",
        icon=":material/upgrade:",
        key="runs_promote",
        **allowed(
            promote, help="Makes the model of this run available on the Predict page."
        ),
    ):
        with errors_shown():
            promote(run.live, name)
            notify(f"{name} can now be used on the Predict page.")
            st.rerun()


def _resume(run: RunSnapshot) -> None:
    if st.button(
        "Resume",
        type="primary",
        icon=":material/play_arrow:",
        key="runs_resume",
        **allowed(jobs.resume),
    ):
        with errors_shown():
            jobs.resume(run.live)
            st.switch_page(TRAIN_PAGE, query_params={"run": run.id})


def _delete(run: RunSnapshot, *, active: bool) -> None:
    if st.button(
        "Delete",
        icon=":material/delete:",
        key="runs_delete",
        **allowed(
            jobs.delete,
            disabled=active,
            help="A run must be stopped before it can be deleted." if active else None,
        ),
    ):
        title = plain(run_title(run))
        confirm(
            "Delete this run?",
            f"{title}: its curves, log and checkpoints are deleted. Models promoted "
            "from it are copies and stay.",
            "Delete run",
            partial(jobs.delete, run.live),
            "Deleted the run.",
        )
