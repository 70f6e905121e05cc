"""A model adapted to the photos of an inspection: begun and watched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from crack.adaptation import jobs
from crack.adaptation.enough import (
    FEWEST_IMAGES,
    FEWEST_PHOTOS,
    Supply,
    settled_supply,
)
from crack.adaptation.jobs import JobStatus
from crack.inspections.records import InspectedPhoto, Inspection
from crack.inspections.verdict_export import count_settled
from crack.reporting.words import count
from crack.runs.registry import list_models
from crack.storage import free_name
from pages.inspection.adapting_outcome import draw_outcome
from pages.inspection.inspection_export import draw_left_out
from pages.shared.feedback import TimedBar, errors_shown, notify
from pages.shared.formatting import plain, time_left
from pages.shared.model_name import ask_model_name
from pages.shared.permission import allowed


def draw_adapting(inspection: Inspection, photos: Sequence[InspectedPhoto]) -> None:
    """Draw the adaptation under way or its outcome, and the form for a new one.

    Args:
        inspection: Whose verdicts count.
        photos: All of the inspection.
    """
    job = jobs.latest(inspection.id)
    if job is not None and job.status is JobStatus.RUNNING:
        st.fragment(_watch, run_every="1s")(inspection.id)
        return
    ready = False
    if job is not None:
        ready = draw_outcome(job, photos)
        st.subheader("Adapt again")
    # With a new model, the next step is to ask it.
    _draw_form(inspection, "secondary" if ready else "primary")


def _watch(inspection_id: str) -> None:
    """Draw how far the adaptation is, and a button to cancel it."""
    job = jobs.latest(inspection_id)
    if job is None or job.status is not JobStatus.RUNNING:
        st.rerun()
    st.markdown(f"**Adapting {plain(job.order.base)} to these photos**")
    now = job.progress
    st.caption(now.activity if now else "Starting")
    st.progress(
        now.share if now else 0.0, text=time_left(now.seconds_left if now else None)
    )
    st.caption("It goes on if you close this page.")
    if st.button("Cancel", key="adapting_cancel", **allowed(jobs.cancel)):
        with errors_shown():
            if jobs.cancel(job):
                notify("Cancelled. Nothing was kept of it.")
            st.rerun()


def _draw_form(inspection: Inspection, button: Literal["primary", "secondary"]) -> None:
    """Draw what the verdicts give, and the button that begins."""
    st.markdown(
        "A model errs more on photos of a kind it has not learned from. Adapted to "
        "your verdicts on these, it keeps what it knows: only the last step, from what "
        "the network sees to the answer, is fitted anew. That takes about a minute."
    )
    enough = _draw_supply(inspection)
    models = {model.name: model for model in list_models()}
    base = st.selectbox(
        "Model to adapt",
        list(models),
        index=list(models).index(inspection.model.name)
        if inspection.model.name in models
        else 0,
        key=f"adapting_base_{inspection.id}",
        width=320,
    )
    name = ask_model_name(
        free_name(f"{base} {inspection.structure}", list(models)),
        key=f"adapting_name_{inspection.id}_{base}",
        label="Name of the new model",
    )
    if st.button(
        "Adapt the model to these photos",
        type=button,
        icon=":material/model_training:",
        key="adapting_start",
        **allowed(jobs.start, disabled=not enough or not name),
    ):
        bar = TimedBar()
        with errors_shown():
            jobs.start(inspection, models[base], name, bar.show)
            st.rerun()
        bar.close()


def _draw_supply(inspection: Inspection) -> bool:
    """Draw how many images the verdicts give; return whether they are enough."""
    summary = count_settled(inspection.id)
    cracked, sound = settled_supply(summary)
    st.markdown(
        f"Your verdicts here give:\n\n- {_words(cracked, 'with a crack')}\n"
        f"- {_words(sound, 'without a crack')}"
    )
    draw_left_out(summary)
    if cracked.is_enough and sound.is_enough:
        return True
    missing = [cracked.missing("with a crack"), sound.missing("without a crack")]
    st.info(
        f"It takes {FEWEST_IMAGES} of each, from at least {FEWEST_PHOTOS} photos. "
        f"Still missing: {'; '.join(filter(None, missing))}.\n\n"
        "Open the photos and confirm or reject the regions, or draw a box around a "
        "crack or on sound concrete: most give one image or more. A large photo "
        "settled as no crack gives several.",
        icon=":material/info:",
    )
    return False


def _words(supply: Supply, what: str) -> str:
    photos = count(supply.photos, "photo")
    return f"{count(supply.images, 'image')} {what}, from {photos}"
