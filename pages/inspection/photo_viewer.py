"""One photo with its answer: the reasons, the regions, and the rule behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.frames import with_frames
from crack.inference.overlay import overlay
from crack.inference.prediction import FailedPhoto, Outcome, Prediction
from crack.inference.scale import scale_missed, sizes_looked_at
from crack.inference.sources import read_photo
from crack.inference.thresholds import Thresholds
from crack.inspections.photo_files import photo_content, stored_heatmap
from crack.inspections.records import InspectedPhoto
from crack.inspections.store import find_photo
from crack.reporting.words import percent
from pages.inspection.answer_table import Answer
from pages.inspection.answer_words import meaning, reason_words
from pages.inspection.heatmap_opacity import choose_opacity
from pages.inspection.photo_regions import draw_regions
from pages.inspection.region_verdicts import draw_marking
from pages.shared.answer_signs import answer_words, coloured, framed_words
from pages.shared.cache import PhotoViews, photo_views
from pages.shared.feedback import show_error
from pages.shared.formatting import plain

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_BESIDE = (5, 2)  # widths of the columns
_HEATMAP = "Heatmap of where the model sees a crack"
_COUNTS = {1: "one size", 2: "two sizes", 3: "three sizes"}
_STRONGEST = (
    "Two thirds of the log-odds of the photo are those of the strongest piece, so a "
    "crack counts much the same however large the wall around it is. One third are "
    "those of all pieces together: "
)
_ONE_SIZE = "the mean of their odds."
_SEVERAL_SIZES = (
    "the mean of their odds at each size, then the weighted mean over the sizes, the "
    "coarser ones counting somewhat more."
)
_FROM_BEFORE = "The log-odds of the photo are those of all pieces together: "
_HEATMAP_AND_ANSWER = (
    " A calibration on validation images turns them into a probability. The heatmap is "
    "a mean over the sizes in which the finer ones count more, because they locate a "
    "crack better, so it need not agree exactly with the answer."
)


@dataclass(frozen=True)
class ShownPhoto:
    """A photo with its answer, stored or not.

    Attributes:
        id: Identifies the content: other content has another id.
        prediction: The answer, or the error that prevents one.
        read: Returns the content; raises a CrackError if it cannot.
        read_heatmap: Returns the heatmap, None if it is gone; may raise like `read`.
        inspected: Id of the photo in its inspection, where its regions can be judged;
            None outside an inspection.
    """

    id: str
    prediction: Outcome
    read: Callable[[], bytes]
    read_heatmap: Callable[[], NDArray[np.float32] | None]
    inspected: str | None = None

    @classmethod
    def of_answer(cls, answer: Answer) -> ShownPhoto:
        """Return a photo with a fresh answer."""
        found, photo = answer.prediction, answer.photo
        heatmap = found.heatmap if isinstance(found, Prediction) else None
        return cls(photo.id, found, partial(read_photo, photo.source), lambda: heatmap)

    @classmethod
    def of_inspection(cls, photo: InspectedPhoto) -> ShownPhoto:
        """Return a photo of an inspection."""
        return cls(
            f"{photo.inspection_id}/{photo.stored}",
            photo.prediction,
            partial(photo_content, photo),
            partial(stored_heatmap, photo),
            photo.id,
        )


@st.fragment
def draw_photo(
    photo: ShownPhoto,
    thresholds: Thresholds,
    card: ModelCard | None,
    beside: Callable[[], None] | None = None,
) -> None:
    """Draw one photo with its answer, or its error.

    Args:
        photo: The photo to show.
        thresholds: Those of its answer.
        card: Of the model that answered, None if that model is gone.
        beside: Draws what stands beside the answer and the pictures; on a narrow
            screen below these, but above the regions. By default there is nothing.
    """
    answer, regions = st.container(), st.container()
    if beside is not None:
        answer, side = answer.columns(_BESIDE, gap="medium")
        regions, _ = regions.columns(_BESIDE, gap="medium")
        with side.container(border=True):
            beside()
    prediction = photo.prediction
    if isinstance(prediction, FailedPhoto):
        with answer:
            st.markdown(f"### {coloured(None, answer_words(None))}")
            st.error(plain(prediction.error), icon=":material/broken_image:")
        return
    with answer:
        _draw_answer(prediction, thresholds)
        missed = scale_missed(card, prediction) if card else None
        if missed:
            st.warning(missed, icon=":material/straighten:")
        try:
            _draw_pictures(photo, prediction, card, regions)
        except CrackError as error:
            show_error(error)
    if card:
        with regions:
            _draw_rule(prediction, card)


def _draw_answer(prediction: Prediction, thresholds: Thresholds) -> None:
    """Draw the answer in words, with its probability and reasons."""
    label, probability = prediction.label, prediction.probability
    st.markdown(f"### {coloured(label, answer_words(label))}")
    said = f"{percent(probability)} probability of a crack"
    st.progress(probability, text=said, width=420)
    st.markdown(meaning(prediction, thresholds))
    if prediction.reasons:
        st.markdown("\n".join(f"- {reason_words(why)}" for why in prediction.reasons))


def _draw_pictures(
    photo: ShownPhoto,
    prediction: Prediction,
    card: ModelCard | None,
    place: DeltaGenerator,
) -> None:
    """Draw the photo and its heatmap, and its regions elsewhere.

    Args:
        photo: The photo to show.
        prediction: Its answer.
        card: Of the model that answered, if it is there.
        place: For the regions; in an inspection they can be judged.
    """
    heatmap = photo.read_heatmap()
    views = photo_views(photo.id, photo.read, heatmap, prediction.regions)
    # Read anew, since a verdict on a region runs this fragment alone.
    inspected = find_photo(photo.inspected) if photo.inspected else None
    if heatmap is None:
        _draw_whole(st.container(), views.picture, prediction)
        st.info("The heatmap of where the model sees a crack is no longer there.")
    else:
        opacity = _draw_with_heatmap(prediction, views, heatmap)
        if prediction.regions:
            with place:
                draw_regions(photo.id, prediction, views.close_ups, opacity, inspected)
    if inspected is not None:
        # The buttons for single regions have it, where there are any.
        undo = heatmap is None or not prediction.regions
        with place:
            draw_marking(inspected, prediction, views.picture, card, undo=undo)


def _draw_with_heatmap(
    prediction: Prediction, views: PhotoViews, heatmap: NDArray[np.float32]
) -> float:
    """Draw the photo beside its heatmap; return the opacity of that, from 0 to 1."""
    left, right = st.columns(2, gap="small")
    opacity = choose_opacity()
    _draw_whole(left, views.picture, prediction)
    overlaid = overlay(views.picture, heatmap, prediction.probability, opacity)
    right.image(
        with_frames(overlaid, prediction),
        caption=f"{_HEATMAP}; {framed_words(prediction)}",
        alt=f"{prediction.file} with the heatmap of where the model sees a crack: "
        f"{answer_words(prediction.label)}, {percent(prediction.probability)}",
        width="stretch",
        output_format="JPEG",
    )
    return opacity


def _draw_whole(
    place: DeltaGenerator, picture: NDArray[np.uint8], prediction: Prediction
) -> None:
    place.image(
        picture,
        caption=f"As taken, {prediction.width} × {prediction.height} px",
        alt=f"{prediction.file} as taken",
        width="stretch",
        output_format="JPEG",
    )


def _draw_rule(prediction: Prediction, card: ModelCard) -> None:
    sizes = len(sizes_looked_at(card, prediction))
    with st.expander("How the answer follows from the heatmap", icon=":material/help:"):
        side = f"{card.image_size} × {card.image_size} px"
        st.markdown(
            f"The model looks at this photo in {_COUNTS[sizes]}, piece by overlapping "
            f"piece. A piece is as large as the pictures it learned from, {side}, and "
            "gets its own odds of a crack. "
            + (_STRONGEST if card.strongest_weight else _FROM_BEFORE)
            + (_ONE_SIZE if sizes == 1 else _SEVERAL_SIZES)
            + _HEATMAP_AND_ANSWER
        )
        if card.rule:
            st.caption(f"In the words of the model's card: {plain(card.rule)}")
