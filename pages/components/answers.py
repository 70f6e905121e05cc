"""The answers to uploaded photos: asked for once, counted, and shown one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import pandas as pd
import streamlit as st

from crack.inference.card import ModelCard
from crack.inference.overlay import overlay
from crack.inference.predictor import Label, Prediction
from crack.runs.registry import Model
from pages.components.cached import display_picture, predictor
from pages.components.progress import TimedBar
from pages.components.words import percent, plain

# Icon, colour and words: any two may be missed.
_SIGNS = {
    Label.CRACK: (":material/warning:", "red", "Crack"),
    Label.REVIEW: (":material/visibility:", "orange", "Needs review"),
    Label.NO_CRACK: (":material/check_circle:", "green", "No crack"),
}
_SHRUNK_TOO_MUCH = 3  # times; from there on a hairline crack is below one pixel


class Photo(Protocol):
    """A photo to ask about; uploads are such."""

    @property
    def name(self) -> str:
        """What to call it."""

    @property
    def file_id(self) -> str:
        """Says which content it is: another content, another id."""

    def getvalue(self) -> bytes:
        """Return the content of the file."""


def ask(model: Model, uploads: Sequence[Photo]) -> list[Prediction]:
    """Return an answer per photo; those given before are not asked for again."""
    kept: dict[tuple[str, str, str], Prediction] = st.session_state.setdefault(
        "predict_answers", {}
    )
    key = (str(model.folder), model.card.created)
    new = [upload for upload in uploads if (*key, upload.file_id) not in kept]
    if new:
        bar = TimedBar()
        items = ((upload.name, upload.getvalue()) for upload in new)
        predictions = predictor(model).predict(items)
        for done, (upload, prediction) in enumerate(
            zip(new, predictions, strict=True), start=1
        ):
            kept[(*key, upload.file_id)] = prediction
            bar.show("Looking at the photos", done, len(new))
        bar.close()
    wanted = {(*key, upload.file_id): None for upload in uploads}
    st.session_state["predict_answers"] = {k: kept[k] for k in wanted}
    return [kept[k] for k in wanted]


def draw_counts(predictions: Sequence[Prediction]) -> None:
    """Draw how many photos got which answer."""
    labels = pd.Series([prediction.label for prediction in predictions])
    grid = st.grid(4, min_column_width=130, gap="xsmall")
    for label in Label:
        number = int((labels == label).sum())
        icon, _, words = _SIGNS[label]
        grid.metric(words, number, border=True, icon=icon)
    unreadable = int(labels.isna().sum())
    grid.metric("Unreadable", unreadable, border=True, icon=":material/broken_image:")


@st.fragment
def draw_answer(upload: Photo, prediction: Prediction, card: ModelCard) -> None:
    """Draw one photo with its answer, or why there is none."""
    label, probability = prediction.label, prediction.probability
    activation_map = prediction.activation_map
    if label is None or probability is None or activation_map is None:
        st.error(f"{plain(upload.name)}: {plain(prediction.error or '')}")
        return
    left, right = st.columns([3, 2], gap="medium")
    with right:
        icon, colour, words = _SIGNS[label]
        st.markdown(f"### :{colour}[{icon}] {words}")
        st.markdown(f"{percent(probability)} probability of a crack")
        st.progress(probability)
        st.markdown(_meaning(label, card))
        opacity = st.slider(
            "Strength of the activation map",
            0,
            100,
            60,
            format="%d %%",
            key="predict_opacity",
            help="Bright places speak most for a crack, compared within this photo. "
            "The map is coarse: it tells where to look, not the outline of the crack.",
        )
        _draw_size_note(prediction, card.image_size)
    with left:
        st.image(
            overlay(
                display_picture(upload.getvalue()),
                activation_map,
                probability,
                opacity / 100,
            ),
            caption=f"{plain(upload.name)}, "
            f"{prediction.width} x {prediction.height} px",
            alt=f"{upload.name} with bright tint where the model sees a crack: "
            f"{label}, {percent(probability)}",
            width="stretch",
            output_format="JPEG",
        )


def _meaning(label: Label, card: ModelCard) -> str:
    low = f"{100 * card.thresholds.no_crack:.3g} %"
    high = f"{100 * card.thresholds.crack:.3g} %"
    return {
        Label.CRACK: f"From {high} on, the answer is crack.",
        Label.REVIEW: f"Between {low} and {high} the model cannot tell well enough: "
        "a person should look at this photo.",
        Label.NO_CRACK: f"Below {low} the answer is no crack. This does not replace "
        "an inspection.",
    }[label]


def _draw_size_note(prediction: Prediction, image_size: int) -> None:
    longest = max(prediction.width or 0, prediction.height or 0)
    if longest <= _SHRUNK_TOO_MUCH * image_size:
        return
    crop = round(1.5 * image_size, -1)
    st.info(
        f"The whole photo is shrunk to {image_size} x {image_size} px before it is "
        "judged; fine cracks may be lost. "
        f"Crop to about {crop:.0f} x {crop:.0f} px of what matters.",
        icon=":material/crop:",
    )
