"""One photo of an inspection: its answer, its pictures, the verdict on it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from crack.inspections.records import InspectedPhoto
from crack.reporting.words import keep_units_together, percent
from pages.inspection.answers import answer_words, reason_words
from pages.inspection.inspection_pictures import draw_pictures
from pages.inspection.inspection_steps import go_to
from pages.inspection.inspection_verdict import draw_verdict
from pages.inspection.inspection_words import coloured
from pages.shared.formatting import plain


def draw_inspected_photo(
    photo: InspectedPhoto,
    among: Sequence[InspectedPhoto],
    photos: Sequence[InspectedPhoto],
) -> None:
    """Draw one photo and the form for its verdict.

    Args:
        photo: One of the next.
        among: The photos to go through.
        photos: All of the inspection, in order.
    """
    _draw_steps(photo, among)
    left, right = st.columns([5, 2], gap="medium")
    with left:
        _draw_answer(photo)
        if photo.prediction.label is not None:
            draw_pictures(photo)
    with right, st.container(border=True):
        draw_verdict(photo, photos)


def _draw_steps(photo: InspectedPhoto, among: Sequence[InspectedPhoto]) -> None:
    """Draw the ways to the photo before, the one after, and all of them."""
    at = next(n for n, other in enumerate(among) if other.id == photo.id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "All photos",
            icon=":material/grid_view:",
            key="inspection_all",
            on_click=go_to,
            args=(photo.inspection_id,),
        )
        st.button(
            "Previous",
            icon=":material/chevron_left:",
            key="inspection_previous",
            disabled=at == 0,
            on_click=go_to,
            args=(photo.inspection_id, among[max(at - 1, 0)].id),
        )
        after = among[at + 1].id if at + 1 < len(among) else None
        st.button(
            "Next",
            icon=":material/chevron_right:",
            icon_position="right",
            key="inspection_next",
            disabled=after is None,
            on_click=go_to,
            args=(photo.inspection_id, after),
        )
        st.caption(f"{plain(photo.prediction.file)}, {at + 1:,} of {len(among):,}")


def _draw_answer(photo: InspectedPhoto) -> None:
    """Draw the model's answer in words, or why there is none."""
    label, probability = photo.prediction.label, photo.prediction.probability
    st.markdown(f"### {coloured(label, answer_words(label))}")
    if label is None:
        st.error(plain(photo.prediction.error or ""))
        return
    st.markdown(
        f"{keep_units_together(percent(probability or 0))} probability of a crack"
    )
    for reason in photo.prediction.reasons:
        st.caption(reason_words(reason))
