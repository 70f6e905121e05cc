"""How an adaptation ended: before and after, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from crack.adaptation import jobs
from crack.adaptation.comparison import Comparison
from crack.adaptation.jobs import Job, JobStatus
from crack.errors import CrackError
from crack.inspections.photo_files import photo_path
from crack.inspections.records import InspectedPhoto
from crack.reporting.adaptation_words import (
    COMPARED_COLUMNS,
    compared_on,
    compared_rows,
    in_short,
)
from crack.runs.registry import list_models
from pages.inspection.intake import Photo, hand_over
from pages.shared.cache import dataset
from pages.shared.feedback import errors_shown
from pages.shared.formatting import plain
from pages.shared.permission import allowed


def draw_outcome(job: Job, photos: Sequence[InspectedPhoto]) -> bool:
    """Draw how an adaptation ended, and what can be done with it.

    Returns:
        Whether there is a new model to ask.
    """
    if job.comparison is None:
        st.error(plain(job.message), icon=":material/error:")
        return False
    name = None
    if job.status is JobStatus.REFUSED:
        _draw_refusal(job, job.comparison)
    else:
        name = _name_now(job.order.name, job.comparison)
        _draw_new_model(job, job.comparison, name, photos)
    _draw_numbers(job.comparison)
    with suppress(CrackError):  # the dataset may be deleted
        if note := dataset(job.order.dataset).note:
            st.caption(f":material/draw: {plain(note)}")
    return name is not None


def _draw_refusal(job: Job, comparison: Comparison) -> None:
    st.warning(
        plain(f"{comparison.worse} Nothing was written."), icon=":material/block:"
    )
    st.markdown(
        "Judge more regions and adapt again, or write the model if you need it."
    )
    if st.button(
        "Write it all the same", key="adapting_force", **allowed(jobs.write_anyway)
    ):
        with errors_shown():
            jobs.write_anyway(job)
            st.rerun()


def _draw_new_model(
    job: Job, comparison: Comparison, name: str | None, photos: Sequence[InspectedPhoto]
) -> None:
    numbers = in_short(comparison.adaptation)
    if name is None:
        told = f"The model '{job.order.name}' was deleted since. {numbers}"
        st.info(plain(told), icon=":material/delete:")
    else:
        told = f"The model '{name}' is ready. {numbers}"
        st.success(plain(told), icon=":material/check_circle:")
    if comparison.worse:
        st.caption(f"Written all the same: {plain(comparison.worse)}")
    if name and st.button(
        f"Ask again with {plain(name)}",
        type="primary",
        icon=":material/image_search:",
        key="adapting_ask",
        help="Opens Predict with this model and the photos of this inspection.",
    ):
        _ask_again(name, photos)


def _name_now(name: str, comparison: Comparison) -> str | None:
    """Return the name of an adapted model, which may be a new one; None if deleted."""
    made = {model.name: model.card.adaptation for model in list_models()}
    if name in made:
        return name
    same = (other for other, how in made.items() if how == comparison.adaptation)
    return next(same, None)


def _ask_again(model: str, photos: Sequence[InspectedPhoto]) -> None:
    """Open Predict with the new model and the photos of the inspection."""
    kept = [
        Photo(photo.prediction.file, photo.id, photo_path(photo))
        for photo in photos
        if photo.stored
    ]
    hand_over("predict", kept, "of the inspection")
    st.switch_page("pages/inspection/predict.py", query_params={"predict_model": model})


def _draw_numbers(comparison: Comparison) -> None:
    """Draw the table of before and after, and what the reader needs to know of it."""
    how = comparison.adaptation
    rows = compared_rows(how, comparison.told_before, comparison.told_after)
    st.table(
        [dict(zip(COMPARED_COLUMNS, row, strict=True)) for row in rows],
        hide_index=True,
    )
    st.caption(plain(" ".join([compared_on(how), *comparison.remarks])))
