"""The strongest regions of a photo, framed and numbered in a picture of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from crack.inference.prediction import Prediction

_FRAME, _EDGE = (255, 255, 255), (20, 20, 20)  # visible on dark and on bright


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
