"""A photo of an inspection beside its overlay, as a whole or close up."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from crack.errors import CrackError
from crack.inference.overlay import overlay
from crack.inference.prediction import Prediction, Region
from crack.inspections.photo_files import photo_content, stored_heatmap
from crack.inspections.records import InspectedPhoto
from crack.reporting.words import percent
from pages.inspection.answer_places import with_frames
from pages.shared.cache import cached_close_up, inspected_picture
from pages.shared.feedback import show_error

_DEFAULT_OPACITY = 60  # percent


@st.fragment
def draw_pictures(photo: InspectedPhoto) -> None:
    """Draw a photo beside its heatmap, with its strongest regions to look at."""
    above = st.container()
    index = _choose_region(photo)
    opacity = st.slider(
        "Opacity of the heatmap",
        0,
        100,
        _DEFAULT_OPACITY,
        format="%d %%",
        key="inspection_opacity",
        persist_state="session",
        help="Bright regions speak most for a crack, compared within this photo. They "
        "tell where to look, not the outline of the crack.",
    )
    try:
        log_odds = stored_heatmap(photo)
        with above:
            if log_odds is None:
                _draw_alone(photo)
            elif index is None:
                _draw_whole(photo, log_odds, opacity / 100)
            else:
                _draw_region(photo, log_odds, index, opacity / 100)
    except CrackError as error:
        show_error(error)


def _choose_region(photo: InspectedPhoto) -> int | None:
    """Return which of the strongest regions to show, None for the whole photo."""
    regions = photo.prediction.regions
    if not regions:
        return None
    number = st.segmented_control(
        "Look closer",
        range(len(regions) + 1),
        default=0,
        required=True,
        format_func=lambda number: (
            f"Region {number}: {percent(regions[number - 1].probability)}"
            if number
            else "Whole photo"
        ),
        key=f"inspection_region_{photo.id}",
        help="The strongest regions, numbered as in the heatmap, each with the "
        "probability of a crack in this region alone.",
    )
    return number - 1 if number else None


def _draw_alone(photo: InspectedPhoto) -> None:
    name = photo.prediction.file
    st.image(inspected_picture(photo), alt=name, width="stretch", output_format="JPEG")
    st.info("The heatmap of where the model sees a crack is no longer there.")


def _draw_whole(
    photo: InspectedPhoto, log_odds: NDArray[np.float32], opacity: float
) -> None:
    stored = photo.prediction
    picture = inspected_picture(photo)
    overlaid = overlay(picture, log_odds, stored.probability or 0.0, opacity)
    words = f"As taken, {stored.width} × {stored.height} px"
    _draw_pair(stored, picture, with_frames(overlaid, stored), words)


def _draw_region(
    photo: InspectedPhoto, log_odds: NDArray[np.float32], index: int, opacity: float
) -> None:
    stored = photo.prediction
    region: Region = stored.regions[index]
    part = cached_close_up(photo_content(photo), log_odds, region)
    words = (
        f"Region {index + 1} with its surroundings, {region.left} px from the left and "
        f"{region.top} px from the top, {region.width} × {region.height} px"
    )
    overlaid = part.with_heatmap(stored.probability or 0.0, opacity)
    _draw_pair(stored, part.picture, overlaid, words)


def _draw_pair(
    stored: Prediction,
    picture: NDArray[np.uint8],
    overlaid: NDArray[np.uint8],
    words: str,
) -> None:
    left, right = st.columns(2, gap="small")
    left.image(
        picture,
        caption=words,
        alt=f"{stored.file}: {words}",
        width="stretch",
        output_format="JPEG",
    )
    right.image(
        overlaid,
        caption="Heatmap of where the model sees a crack",
        alt=f"{stored.file}: {words}, with the heatmap of where the model sees a crack",
        width="stretch",
        output_format="JPEG",
    )
