"""Photos as small JPEGs."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from crack.data.images import Source, decode_image, shrink_image

_QUALITY = 85


def small_jpeg(source: Source, longest: int) -> bytes:
    """Return a small JPEG of a photo, upright.

    Args:
        source: The photo.
        longest: Its longer side gets no longer than this, in pixels.

    Raises:
        CrackError: It cannot be read.
    """
    buffer = BytesIO()
    picture = Image.fromarray(shrink_image(decode_image(source), longest))
    picture.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
