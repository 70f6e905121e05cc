"""Regions of a photo framed in a picture: all of them numbered, or a single one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from crack.inference.prediction import Prediction

_FRAME, _EDGE = (255, 255, 255), (20, 20, 20)  # visible on dark and on bright
# Of the longer side of a picture, which may be shown 300 px wide.
_LINE, _NUMBER = 1 / 450, 1 / 26
_LINE_ALONE = 1 / 240


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
    line = max(1, round(max(height, width) * _LINE))
    font = ImageFont.load_default(max(12, max(height, width) * _NUMBER))
    for number, region in enumerate(prediction.regions, start=1):
        left, top = region.left * x_scale, region.top * y_scale
        right = min(left + region.width * x_scale, width) - 1
        bottom = min(top + region.height * y_scale, height) - 1
        _draw_frame(draw, (left, top, right, bottom), line)
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


def with_frame(
    picture: NDArray[np.uint8], box: tuple[int, int, int, int]
) -> NDArray[np.uint8]:
    """Return a picture with one region framed.

    Args:
        picture: uint8 array (height, width, 3).
        box: Left, top, width and height of the region in pixels of the picture.
    """
    left, top, width, height = box
    image = Image.fromarray(picture)
    line = max(1, round(max(image.size) * _LINE_ALONE))
    corners = (left, top, left + width - 1, top + height - 1)
    _draw_frame(ImageDraw.Draw(image), corners, line)
    return np.asarray(image)


def _draw_frame(
    draw: ImageDraw.ImageDraw, corners: tuple[float, float, float, float], line: int
) -> None:
    """Draw a bright line between two dark ones."""
    left, top, right, bottom = corners
    outer = (left - line, top - line, right + line, bottom + line)
    draw.rectangle(outer, outline=_EDGE, width=3 * line)
    draw.rectangle(corners, outline=_FRAME, width=line)
