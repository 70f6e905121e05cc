"""The strongest regions of a photo: framed, seen from close by and judged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from crack.inference.prediction import Prediction, Region
from crack.inspections.records import InspectedPhoto
from crack.reporting.close_up import CloseUp
from crack.reporting.words import percent
from pages.inspection.region_verdicts import (
    draw_region_buttons,
    region_label,
    waiting_region,
)

_FRAME, _EDGE = (255, 255, 255), (20, 20, 20)  # visible on dark and on bright


def draw_regions(
    photo_id: str,
    prediction: Prediction,
    close_ups: Sequence[CloseUp],
    opacity: float,
    inspected: InspectedPhoto | None,
) -> None:
    """Draw the strongest regions as a list, and the chosen one from close by.

    Args:
        photo_id: Of the photo that is shown.
        prediction: The answer, with at least one region.
        close_ups: One for each region.
        opacity: Of the heatmap, 0 to 1.
        inspected: The photo in its inspection, where its regions can be judged; None
            outside of one.
    """
    listed, shown = st.columns([1, 2], gap="medium")
    chooser = f"photo_region_{photo_id}"
    with listed:
        number = _choose_region(chooser, prediction, inspected)
    with shown:
        if inspected is not None:
            draw_region_buttons(inspected, prediction, number, chooser)
        _draw_close_up(close_ups[number - 1], number, prediction, opacity)


def with_frames(
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


def _choose_region(
    key: str, prediction: Prediction, inspected: InspectedPhoto | None
) -> int:
    """List the strongest regions; return the number of the chosen one."""
    regions = prediction.regions

    def words(number: int) -> str:
        region = regions[number - 1]
        said = region_label(inspected, region) if inspected else None
        judged = f", {said}" if said else ""
        return f"Region {number}: {percent(region.probability)}{judged}"

    if inspected is not None:
        # Not as its default: a verdict chooses the next one by the state as well.
        first = waiting_region(inspected, prediction) or 1
        st.session_state.setdefault(key, first)
    return st.radio(
        "The strongest regions",
        range(1, len(regions) + 1),
        format_func=words,
        captions=[_position(region) for region in regions],
        key=key,
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
