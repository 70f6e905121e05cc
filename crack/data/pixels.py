"""From pixels of any kind (grey, deep, transparent) to 8-bit RGB."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_STRIP = 512  # rows converted at a time


def rgb_pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels of a loaded picture as RGB, whatever its mode.

    It works strip by strip to avoid a copy of the whole picture. Transparent areas
    become white, 16-bit grey keeps its whole range, other deep grey is scaled to its
    own range.

    Args:
        image: As Pillow decoded it.

    Returns:
        uint8 array (height, width, 3), values 0 to 255.
    """
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    deep = image.mode[0] in "IF"
    low, high = _range(image) if image.mode in ("I", "F") else (0.0, 0.0)
    for top, strip in _strips(image):
        shallow = _to_8_bit(strip, low, high) if deep else strip
        pixels[top : top + strip.height] = np.asarray(_opaque(shallow))
    return pixels


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    if image.height <= _STRIP:
        yield 0, image
        return
    for top in range(0, image.height, _STRIP):
        bottom = min(top + _STRIP, image.height)
        yield top, image.crop((0, top, image.width, bottom))


def _opaque(image: Image.Image) -> Image.Image:
    """Return the picture as RGB, on white where it is transparent."""
    if image.mode == "RGB" and not image.has_transparency_data:
        return image
    if not image.has_transparency_data:
        return image.convert("RGB")
    on_white = Image.new("RGBA", image.size, "white")
    on_white.alpha_composite(image.convert("RGBA"))
    return on_white.convert("RGB")


def _range(image: Image.Image) -> tuple[float, float]:
    """Return the lowest and the highest value of deep grey."""
    ends = [
        (float(values.min()), float(values.max()))
        for values in (_finite(strip) for _, strip in _strips(image))
    ]
    return min(low for low, _ in ends), max(high for _, high in ends)


def _finite(image: Image.Image) -> NDArray[np.float64]:
    values = np.asarray(image).astype(np.float64)
    return np.nan_to_num(values, posinf=0, neginf=0)


def _to_8_bit(image: Image.Image, low: float, high: float) -> Image.Image:
    """Scale deep grey to 8 bit, where Pillow's own conversion would clip at 255."""
    deep = np.asarray(image)
    if deep.dtype.itemsize == 2:
        return Image.fromarray((deep >> 8).astype(np.uint8))
    # 32-bit integers and floats have no nominal range; the picture's own is used.
    scaled = (_finite(image) - low) * (255 / (high - low) if high > low else 0)
    return Image.fromarray(scaled.astype(np.uint8))
