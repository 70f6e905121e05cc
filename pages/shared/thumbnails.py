"""Photos as small JPEGs."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crack.data.images import Source, decode_image, shrink_image

_QUALITY = 85


def small_jpeg(source: Source, longest: int) -> bytes:
    """Return a small JPEG of a photo, upright.

    Args:
        source: The photo.
        longest: Limit of its longer side, in pixels.

    Raises:
        CrackError: It cannot be read.
    """
    return as_jpeg(shrink_image(decode_image(source), longest))


def as_jpeg(picture: NDArray[np.uint8]) -> bytes:
    """Return a picture as a JPEG.

    Args:
        picture: uint8 array (height, width, 3).
    """
    buffer = BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
