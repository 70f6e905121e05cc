"""One photo with its answer: the reasons, the regions, and the rule behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from crack.errors import CrackError
from crack.inference.card import ModelCard
from crack.inference.overlay import overlay
from crack.inference.prediction import FailedPhoto, Outcome, Prediction, Region
from crack.inference.scale import scale_missed, sizes_looked_at
from crack.inference.sources import read_photo
from crack.inference.thresholds import Thresholds
from crack.inspections.photo_files import photo_content, stored_heatmap
from crack.inspections.records import InspectedPhoto
from crack.reporting.close_up import CloseUp
from crack.reporting.words import percent
from pages.inspection.answer_table import Answer
from pages.inspection.answer_words import (
    answer_words,
    coloured,
    meaning,
    reason_words,
)
from pages.shared.cache import photo_views
from pages.shared.feedback import show_error
from pages.shared.formatting import plain

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_CONCRETE = 150  # grey level under the colour scale
_FRAME, _EDGE = (255, 255, 255), (20, 20, 20)  # visible on dark and on bright
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
    """

    id: str
    prediction: Outcome
    read: Callable[[], bytes]
    read_heatmap: Callable[[], NDArray[np.float32] | None]

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
        )


@st.fragment
def draw_photo(
    photo: ShownPhoto, thresholds: Thresholds, card: ModelCard | None
) -> None:
    """Draw one photo with its answer, or its error.

    Args:
        photo: The photo to show.
        thresholds: Those of its answer.
        card: Of the model that answered, None if that model is gone.
    """
    prediction = photo.prediction
    if isinstance(prediction, FailedPhoto):
        st.markdown(f"### {coloured(None, answer_words(None))}")
        st.error(plain(prediction.error), icon=":material/broken_image:")
        return
    _draw_answer(prediction, thresholds)
    missed = scale_missed(card, prediction) if card else None
    if missed:
        st.warning(missed, icon=":material/straighten:")
    try:
        _draw_pictures(photo, prediction)
    except CrackError as error:
        show_error(error)
    if card:
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


def _draw_pictures(photo: ShownPhoto, prediction: Prediction) -> None:
    """Draw the photo beside its heatmap, and a close-up of a region."""
    heatmap = photo.read_heatmap()
    views = photo_views(photo.id, photo.read, heatmap, prediction.regions)
    if heatmap is None:
        _draw_whole(st.container(), views.picture, prediction)
        st.info("The heatmap of where the model sees a crack is no longer there.")
        return
    left, right = st.columns(2, gap="small")
    opacity = _choose_opacity()
    _draw_whole(left, views.picture, prediction)
    overlaid = overlay(views.picture, heatmap, prediction.probability, opacity)
    right.image(
        _with_frames(overlaid, prediction),
        caption=f"{_HEATMAP}; the strongest regions framed",
        alt=f"{prediction.file} with the heatmap of where the model sees a crack: "
        f"{answer_words(prediction.label)}, {percent(prediction.probability)}",
        width="stretch",
        output_format="JPEG",
    )
    if prediction.regions:
        listed, shown = st.columns([1, 2], gap="medium")
        with listed:
            number = _choose_region(photo.id, prediction)
        with shown:
            _draw_close_up(views.close_ups[number - 1], number, prediction, opacity)


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


def _choose_opacity() -> float:
    scale, slider = st.columns(2, gap="medium", vertical_alignment="center")
    with slider:
        opacity = st.slider(
            "Opacity of the heatmap",
            0,
            100,
            60,
            format="%d %%",
            key="photo_opacity",
            persist_state="session",
            help="Bright regions look most like a crack, compared within this photo; "
            "all are fainter if a crack is improbable. They tell where to look, not "
            "the outline of the crack.",
        )
    with scale:
        ramp = np.linspace(0, 1, 600, dtype=np.float32)[np.newaxis]
        wall = np.full((18, 600, 3), _CONCRETE, np.uint8)
        st.image(
            overlay(wall, ramp, 1.0, opacity / 100),
            alt="Colours of the heatmap: none, violet, orange, yellow",
            width="stretch",
        )
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            for words in ("No sign of a crack", "Weak", "Strong"):
                st.caption(words, width="content")
    return float(opacity / 100)


def _with_frames(
    picture: NDArray[np.uint8], prediction: Prediction
) -> NDArray[np.uint8]:
    """Return a picture of a photo with its strongest regions framed and numbered.

    Args:
        picture: uint8 array (height, width, 3), the photo at any size.
        prediction: Of the photo.
    """
    height, width, _ = picture.shape
    x_scale, y_scale = width / prediction.width, height / prediction.height
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    line = max(1, round(max(height, width) / 700))
    font = ImageFont.load_default(max(12, max(height, width) / 35))
    for number, region in enumerate(prediction.regions, start=1):
        left, top = region.left * x_scale, region.top * y_scale
        right = min(left + region.width * x_scale, width) - 1
        bottom = min(top + region.height * y_scale, height) - 1
        outer = (left - line, top - line, right + line, bottom + line)
        draw.rectangle(outer, outline=_EDGE, width=3 * line)
        draw.rectangle((left, top, right, bottom), outline=_FRAME, width=line)
        # Beside the frame, since the frame may be as small as the number.
        beside = right + 4 * line if right < width * 0.9 else left - 4 * line
        draw.text(
            (beside, (top + bottom) / 2),
            str(number),
            fill=_FRAME,
            font=font,
            anchor="lm" if right < width * 0.9 else "rm",
            stroke_width=2 * line,
            stroke_fill=_EDGE,
        )
    return np.asarray(image)


def _choose_region(photo_id: str, prediction: Prediction) -> int:
    """List the strongest regions; return the number of the chosen one."""
    regions = prediction.regions
    return st.radio(
        "The strongest regions",
        range(1, len(regions) + 1),
        format_func=lambda n: f"Region {n}: {percent(regions[n - 1].probability)}",
        captions=[_position(region) for region in regions],
        key=f"photo_region_{photo_id}",
        help="The probability is an estimate for this region alone: the calibration it "
        "uses was fitted on whole pictures, not on single regions.",
    )


def _draw_close_up(
    part: CloseUp, number: int, prediction: Prediction, opacity: float
) -> None:
    """Draw a region at full resolution, as taken and under the heatmap."""
    height, width, _ = part.picture.shape
    where = f"Region {number} with its surroundings"
    left, right = st.columns(2, gap="small")
    left.image(
        part.picture,
        caption=f"{where}, {width} × {height} px at full resolution, "
        f"{part.left} px from the left and {part.top} px from the top",
        alt=f"{where} of {prediction.file}, as taken",
        width="stretch",
        output_format="JPEG",
    )
    right.image(
        part.with_heatmap(prediction.probability, opacity),
        caption="The same, with the heatmap of where the model sees a crack",
        alt=f"{where} of {prediction.file}, with the heatmap of where the model sees "
        "a crack",
        width="stretch",
        output_format="JPEG",
    )


def _position(region: Region) -> str:
    return (
        f"{region.left} px from the left, {region.top} px from the top, "
        f"{region.width}\u00a0×\u00a0{region.height}\u00a0px"
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
