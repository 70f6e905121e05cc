"""A drawn photo and what a model says about it, to be seen before anything is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from crack.data.images import decode_image, shrink_image
from crack.inference.frames import with_frames
from crack.inference.overlay import overlay
from crack.inference.prediction import FailedPhoto, Prediction
from crack.reporting.words import count, percent
from crack.runs.registry import Model
from crack.synthetic.example import EXAMPLE
from pages.shared.answer_signs import answer_sign
from pages.shared.cache import photo_answer
from pages.shared.feedback import errors_shown
from pages.shared.formatting import plain
from pages.shared.model_choice import honest_number

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_ANSWERED = "start_answered"
_OPACITY = 0.6
_SHOWN = 420  # px, no larger than on the page, so that frames stay visible


@dataclass(frozen=True)
class Example:
    """The places of an example on the page.

    Attributes:
        heatmap: A picture as large as the photo.
        answer: Beside the pictures, or below them on a narrow screen.
    """

    heatmap: DeltaGenerator
    answer: DeltaGenerator


def draw_example(model: Model) -> Example | None:
    """Draw the photo, with room for the answer, so that nothing moves later.

    Returns:
        What `fill_in_answer` has to fill in; None if the model has answered in this
        session, whose answer then is there at once: whatever the page does next may
        take a while, and must not take the answer away.
    """
    answered = st.session_state.get(_ANSWERED) == _version(model)
    pictures, words = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with pictures:
        grid = st.grid(2, min_column_width=140, gap="small")
        with grid.cell():
            st.image(
                EXAMPLE,
                caption="Drawn by this program, not photographed",
                alt="A drawn concrete wall with a crack, a joint and a mark of chalk",
                width="stretch",
            )
        with grid.cell():
            heatmap = st.empty()
    with words:
        answer = st.empty()
        example = Example(heatmap, answer)
        if answered:
            fill_in_answer(example, model)
        else:
            _draw_looking(example, model)
        if known := honest_number(model.card):
            st.markdown(f"{known}.")
        st.page_link(
            "pages/model/models.py",
            label="All about this model",
            icon=":material/fact_check:",
            query_params={"model": model.name},
        )
    return None if answered else example


def _draw_looking(example: Example, model: Model) -> None:
    example.heatmap.image(
        EXAMPLE,
        caption="The model is looking at it",
        alt="The same photo, until the model has answered",
        width="stretch",
    )
    example.answer.markdown(f"The model **{plain(model.name)}** looks at this photo.")


def fill_in_answer(example: Example, model: Model) -> None:
    """Ask the model about the photo and draw what it says, or why it says nothing.

    It is the last step of a page: the rest must not wait for the model to be loaded.
    """
    found = None
    with example.answer.container(), errors_shown():
        found = photo_answer(model, EXAMPLE)
        if isinstance(found, FailedPhoto):
            st.error(plain(found.error), icon=":material/broken_image:")
    if not isinstance(found, Prediction):
        example.heatmap.empty()
        return
    with example.answer.container():
        st.markdown(f"### {answer_sign(found)}")
        st.markdown(
            f"This is the answer of the model **{plain(model.name)}** to this photo. "
            "Framed is what looks most like a crack."
        )
    _draw_heatmap(example.heatmap, found)
    st.session_state[_ANSWERED] = _version(model)


def _version(model: Model) -> tuple[str, str, int]:
    return model.name, model.card.created, model.card.version


def _draw_heatmap(place: DeltaGenerator, found: Prediction) -> None:
    picture = shrink_image(decode_image(EXAMPLE), _SHOWN)
    if found.heatmap is not None:
        picture = overlay(picture, found.heatmap, found.probability, _OPACITY)
    regions = count(len(found.regions), "region")
    place.image(
        with_frames(picture, found),
        caption="Where the model sees a crack",
        alt=f"The photo with the heatmap of where the model sees a crack: "
        f"{found.label}, {percent(found.probability)}; {regions} framed",
        width="stretch",
        output_format="JPEG",
    )
