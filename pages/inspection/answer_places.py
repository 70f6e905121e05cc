"""The strongest regions of a photo: framed, listed, and seen from close by."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from crack.inference.prediction import Prediction, Region
from crack.reporting.words import percent
from pages.inspection.answers import Answer
from pages.shared.cache import cached_close_up

_FRAME, _EDGE = (255, 255, 255), (20, 20, 20)  # seen on dark and on bright


def with_frames(
    picture: NDArray[np.uint8], prediction: Prediction
) -> NDArray[np.uint8]:
    """Return a picture of a photo with its strongest regions framed and numbered.

    Args:
        picture: uint8 array (height, width, 3), the photo at any size.
        prediction: Of the photo.
    """
    height, width, _ = picture.shape
    x_scale = width / (prediction.width or width)
    y_scale = height / (prediction.height or height)
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
        # Beside the frame, which may be no larger than the number.
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


def draw_regions(answer: Answer, opacity: float) -> None:
    """Draw the strongest regions as a list, and the chosen one from close by."""
    regions = answer.prediction.regions
    if not regions:
        return
    listed, shown = st.columns([1, 2], gap="medium")
    number = listed.radio(
        "The strongest regions",
        range(1, len(regions) + 1),
        format_func=lambda n: f"Region {n}: {percent(regions[n - 1].probability)}",
        captions=[_position(region) for region in regions],
        key=f"predict_region_{answer.photo.id}",
        help="The probability is an estimate for this region alone: the calibration it "
        "uses was fitted on whole pictures, not on single regions.",
    )
    with shown:
        _draw_close_up(answer, number, opacity)


def _draw_close_up(answer: Answer, number: int, opacity: float) -> None:
    """Draw a region at full resolution, as taken and under the heatmap."""
    prediction, name = answer.prediction, answer.photo.name
    if prediction.heatmap is None or prediction.probability is None:
        return
    region = prediction.regions[number - 1]
    part = cached_close_up(answer.photo.read(), prediction.heatmap, region)
    height, width, _ = part.picture.shape
    where = f"Region {number} with its surroundings"
    left, right = st.columns(2, gap="small")
    left.image(
        part.picture,
        caption=f"{where}, {width} × {height} px at full resolution, "
        f"{part.left} px from the left and {part.top} px from the top",
        alt=f"{where} of {name}, as taken",
        width="stretch",
        output_format="JPEG",
    )
    right.image(
        part.with_heatmap(prediction.probability, opacity),
        caption="The same, with the heatmap of where the model sees a crack",
        alt=f"{where} of {name}, with the heatmap of where the model sees a crack",
        width="stretch",
        output_format="JPEG",
    )


def _position(region: Region) -> str:
    return (
        f"{region.left} px from the left, {region.top} px from the top, "
        f"{region.width}\u00a0×\u00a0{region.height}\u00a0px"
    )
