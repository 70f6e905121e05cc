"""One photo with its answer: why, where, and what to do about it."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from crack.inference.card import ModelCard
from crack.inference.overlay import overlay
from crack.inference.prediction import Prediction
from crack.inference.scale import sizes_looked_at
from crack.reporting.words import percent
from pages.inspection.answer_places import draw_regions, with_frames
from pages.inspection.answer_scale import missed_scale
from pages.inspection.answers import (
    SIGNS,
    Answer,
    answer_words,
    meaning,
    reason_words,
)
from pages.shared.cache import display_picture
from pages.shared.formatting import plain

_CONCRETE = 150  # grey level under the colour scale
_COUNTS = {1: "one size", 2: "two sizes", 3: "three sizes"}
_ONE_SIZE = (
    "The odds of a crack in the photo are the mean of the odds of all pieces. A "
    "calibration on validation images makes a probability of them. The heatmap shows "
    "the log-odds at each position."
)
_SEVERAL_SIZES = (
    "At each size, the odds of a crack are the mean of the odds of all pieces. The "
    "log-odds of the photo are the weighted mean of those of the sizes, the coarser "
    "ones counting somewhat more; a calibration on validation images makes a "
    "probability of them. The heatmap is a mean over the sizes in which the finer ones "
    "count more, as they tell positions better, so it need not agree with the answer "
    "to the last digit."
)


@st.fragment
def draw_answer(answer: Answer, card: ModelCard) -> None:
    """Draw one photo with its answer, or why there is none."""
    prediction = answer.prediction
    st.subheader(plain(answer.photo.name), anchor=False)
    if prediction.label is None or prediction.heatmap is None:
        st.error(plain(prediction.error or ""), icon=":material/broken_image:")
        return
    _draw_words(prediction, card)
    missed = missed_scale(answer, card)
    if missed:
        st.warning(missed, icon=":material/straighten:")
    opacity = _draw_pictures(answer, prediction.heatmap)
    draw_regions(answer, opacity)
    _draw_rule(answer, card)


def _draw_words(prediction: Prediction, card: ModelCard) -> None:
    label, probability = prediction.label, prediction.probability
    if label is None or probability is None:
        return
    icon, colour = SIGNS[label]
    st.markdown(f"### :{colour}[{icon} {answer_words(label)}]")
    said = f"{percent(probability)} probability of a crack"
    st.progress(probability, text=said, width=420)
    st.markdown(meaning(prediction, card))
    if prediction.reasons:
        st.markdown("\n".join(f"- {reason_words(why)}" for why in prediction.reasons))


def _draw_pictures(answer: Answer, heatmap: NDArray[np.float32]) -> float:
    """Draw the photo beside its heatmap; return the opacity of the heatmap."""
    prediction, name = answer.prediction, answer.photo.name
    picture = display_picture(answer.photo.read())
    probability = prediction.probability or 0.0
    left, right = st.columns(2, gap="small")
    below = st.container()
    with below:
        opacity = _choose_opacity()
    left.image(
        picture,
        caption=f"As taken, {prediction.width} × {prediction.height} px",
        alt=f"{name} as taken",
        width="stretch",
        output_format="JPEG",
    )
    overlaid = overlay(picture, heatmap, probability, opacity)
    right.image(
        with_frames(overlaid, prediction),
        caption="Heatmap of where the model sees a crack; the strongest regions framed",
        alt=f"{name} with the heatmap of where the model sees a crack: "
        f"{answer_words(prediction.label)}, {percent(probability)}",
        width="stretch",
        output_format="JPEG",
    )
    return opacity


def _choose_opacity() -> float:
    scale, slider = st.columns(2, gap="medium", vertical_alignment="center")
    with slider:
        opacity = st.slider(
            "Opacity of the heatmap",
            0,
            100,
            60,
            format="%d %%",
            key="predict_opacity",
            persist_state="session",
            help="Bright regions speak most for a crack, compared within this photo "
            "and less so the less probable a crack is. They tell where to look, not "
            "the outline of the crack.",
        )
    with scale:
        ramp = np.linspace(0, 1, 600, dtype=np.float32)[np.newaxis]
        wall = np.full((18, 600, 3), _CONCRETE, np.uint8)
        st.image(
            overlay(wall, ramp, 1.0, opacity / 100),
            alt="Colours of the heatmap from none over violet and orange to yellow",
            width="stretch",
        )
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            for words in ("No sign of a crack", "Weak", "Strong"):
                st.caption(words, width="content")
    return float(opacity / 100)


def _draw_rule(answer: Answer, card: ModelCard) -> None:
    width, height = answer.prediction.width, answer.prediction.height
    if width is None or height is None:
        return
    sizes = len(sizes_looked_at(card, width, height, answer.mm_per_pixel))
    with st.expander("How the answer follows from the heatmap", icon=":material/help:"):
        side = f"{card.image_size} × {card.image_size} px"
        st.markdown(
            f"The model looks at this photo in {_COUNTS[sizes]}, piece by overlapping "
            f"piece. A piece is as large as the pictures it learned from, {side}, and "
            "gets odds of a crack. "
            + (_ONE_SIZE if sizes == 1 else _SEVERAL_SIZES)
            + " So one piece with a very clear sign can decide; a faint one counts the "
            "less, the more pieces there are that could be wrong."
        )
        if card.rule:
            st.caption(f"In the words of the model's card: {plain(card.rule)}")
